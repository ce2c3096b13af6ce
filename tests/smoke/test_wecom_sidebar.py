"""A customer group's whole round in a real browser: heard by the archive, prepared, pressed in the sidebar, seen again.

The vendor's two scripts are stubs that keep to the documented calls; everything else is real.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from aftercare.notify.tests.wecom import ROOM, WANG, Wecom, wecom
from tests.browser import CHROMIUM, FLAGS
from tests.service import ROOT, Service

pytestmark = [pytest.mark.long, pytest.mark.timeout(600)]
__all__ = ["wecom"]

# Where pictures for looking at go, when somebody wants them.
PICTURES = os.environ.get("SIDEBAR_PICTURES")

BESIDE = """
import json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()
from aftercare.accounts.models import Customer, User
from aftercare.desk import actions
from aftercare.desk.actions.linking import link_colleague
from aftercare.desk.actions.wecom_accounts import save_wecom
from aftercare.desk.models import Group, Message, PreparedReply
from aftercare.kernel.clock import utc_now
from aftercare.notify.envelope import sealed
from aftercare.notify.models import Account, Channel
now, what, told = utc_now(), sys.argv[1], json.loads(sys.argv[2])
ada, lin = (User.objects.get(email=f"{name}@provider.example") for name in ("ada", "lin"))
show = Customer.objects.get(name="Starlight Show")
if what == "connect":
    config, secrets, kinds = told["config"], sealed(told["secrets"]), (Channel.WECOM_CUSTOMER, Channel.WECOM_KF)
    made = [
        Account.objects.create(channel=kind, name=kind.label, config=config | {"customer": show.ref}, secrets=secrets,
                               created_at=now)
        for kind in kinds
    ]
    group = Group(customer=show, account=made[0], chat_id=told["room"], name="Starlight service",
                  name_zh="星光秀场服务群", expert=lin)
    actions.save_group(group=group, actor=ada, now=now)
    link_colleague(account=made[0], external_id="LinWei", user=lin, now=now)
    said = [account.ref for account in made]
elif what == "say":
    said = actions.post_in_group(group=Group.objects.get(), speaker=lin, body=told, now=now).ref
else:
    said = {
        "messages": [[m.body, m.side, m.provider_message_id] for m in Message.objects.order_by("pk")],
        "prepared": list(PreparedReply.objects.values_list("state", flat=True)),
    }
print(json.dumps(said))
"""
# What WeCom's app gives a page, as its documentation has it.
APP = """
window.sent = [];
let configured = false, agreed = false, hooks = [];
window.wx = {
  config: (told) => { configured = told.beta && told.signature.length === 40; hooks.forEach((hook) => hook()); },
  ready: (hook) => { if (configured) hook(); else hooks.push(hook); },
  agentConfig: (told) => { agreed = configured && told.signature.length === 40; if (agreed) told.success({}); },
  invoke: (name, told, done) => {
    if (!agreed) return done({ err_msg: `${name}:no permission` });
    if (name === "getCurExternalChat") return done({ err_msg: `${name}:ok`, chatId: "%s" });
    window.sent.push(told);
    return done({ err_msg: `${name}:ok` });
  },
};
"""


def beside(service: Service, what: str, told: Any = None) -> Any:
    """A program beside the server, with its settings."""
    command = [sys.executable, "-c", BESIDE, what, json.dumps(told)]
    done = subprocess.run(command, cwd=ROOT, env=service.environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def archive(wecom: Wecom, msgid: str, sender: str, text: str) -> None:
    """Something said in the group."""
    at = int(time.time() * 1000)
    said = {"msgid": msgid, "action": "send", "from": sender, "roomid": ROOM, "msgtime": at}
    wecom.archive({**said, "msgtype": "text", "text": {"content": text}})


@pytest.fixture
def service(wecom: Wecom) -> Iterator[Service]:
    """A server whose WeCom is at loopback."""
    with tempfile.TemporaryDirectory(prefix="aftercare-wecom-") as place:
        running = Service(Path(place) / "data")
        running.start(wait_s=180)
        running.seed()
        yield running
        running.stop()


def inside_wecom(page: Page, service: Service, ref: str, wecom: Wecom) -> None:
    """Make a page's surroundings WeCom's: its scripts, and its way of saying who looks."""
    page.route("https://res.wx.qq.com/**", lambda route: route.fulfill(body="", content_type="text/javascript"))
    script = APP % ROOM
    page.route(
        "https://open.work.weixin.qq.com/**", lambda route: route.fulfill(body=script, content_type="text/javascript")
    )
    away = page.request.get(f"{service.base}/wecom/{ref}/sidebar", max_redirects=0)
    query = parse_qs(urlsplit(away.headers["location"]).query)
    wecom.codes["code"] = "LinWei"
    back = f"{query['redirect_uri'][0]}?code=code&state={query['state'][0]}"
    assert page.request.get(back, max_redirects=0).headers["location"] == f"/wecom/{ref}/sidebar"


def picture(page: Page, name: str) -> None:
    """A picture in light and dark, when somebody wants to look."""
    if PICTURES:
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
            page.screenshot(path=f"{PICTURES}/{name}-{scheme}.png", full_page=True)


def test_the_whole_round(service: Service, wecom: Wecom) -> None:
    wecom.agreements = {WANG: "Agree"}
    ref, _kf = beside(service, "connect", {"config": wecom.config, "secrets": wecom.secrets, "room": ROOM})
    archive(wecom, "m1", WANG, "推流断了，八点起一直卡")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page(viewport={"width": 390, "height": 780}, locale="zh-CN")
        complaints: list[str] = []
        page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
        inside_wecom(page, service, ref, wecom)
        page.goto(f"{service.base}/wecom/{ref}/sidebar")
        expect(page.locator(".sidebar-head")).to_contain_text("星光秀场服务群", timeout=15_000)
        expect(page.locator("#sidebar")).to_contain_text("推流断了", timeout=30_000)
        beside(service, "say", "看到了，正在切换边缘节点\n请稍候两分钟")
        expect(page.locator("[data-send]")).to_be_visible(timeout=20_000)
        picture(page, "sidebar-zh")
        page.locator("[data-send]").click()
        expect(page.locator("#sidebar")).to_contain_text("群里尚未看到", timeout=15_000)
        (sent,) = page.evaluate("window.sent")
        assert sent == {"msgtype": "text", "text": {"content": "看到了，正在切换边缘节点\n请稍候两分钟"}}
        archive(wecom, "m2", "LinWei", sent["text"]["content"])
        expect(page.locator("[data-send]")).to_have_count(0, timeout=30_000)
        expect(page.locator("#sidebar")).to_contain_text("没有等待中的消息", timeout=15_000)
        picture(page, "sidebar-done-zh")
        assert complaints == []
        browser.close()
    told = beside(service, "told")
    assert [message[1:] for message in told["messages"]] == [["customer", "m1"], ["provider", "m2"]]
    assert told["prepared"] == ["seen"]
