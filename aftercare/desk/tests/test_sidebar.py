"""The page in WeCom's sidebar: who may open it, what it shows, and what pressing send hands over."""

import hashlib
import json
import re
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client

from aftercare.desk import actions
from aftercare.desk.actions.linking import link_colleague
from aftercare.desk.models import Identity, PreparedReply
from aftercare.desk.tests.test_wecom_customer import Archive
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Account, Channel
from aftercare.notify.tests.wecom import ROOM, Wecom
from tests.world import World


@pytest.fixture
def archive(world: World, wecom: Wecom) -> Archive:
    made = Archive(world, wecom)
    link_colleague(account=made.account, external_id="LinWei", user=world.eng, now=world.now)
    return made


def enter(archive: Archive, client: Client, member: str = "LinWei") -> str:
    """Open the sidebar as WeCom's app does; where it ends."""
    sent = client.get(f"/wecom/{archive.account.ref}/sidebar")
    query = parse_qs(urlsplit(sent["Location"]).query)
    assert query["scope"] == ["snsapi_base"] and query["redirect_uri"][0].endswith(
        f"/wecom/{archive.account.ref}/entry"
    )
    archive.wecom.codes["code1"] = member
    back = client.get(f"/wecom/{archive.account.ref}/entry", {"code": "code1", "state": query["state"][0]})
    return str(back["Location"]) if back.status_code == 302 else back.content.decode()


def test_it_works(archive: Archive) -> None:
    archive.say("m1", text="推流断了 <script>")
    actions.post_in_group(group=archive.group, speaker=archive.world.eng, body="在看", now=archive.now)
    client = Client()
    assert enter(archive, client).endswith("/sidebar")
    page = client.get(f"/wecom/{archive.account.ref}/sidebar?chat={ROOM}")
    text = page.content.decode()
    assert (
        "在看" in text
        and "Starlight Show" in text
        and "推流断了 &lt;script&gt;" in text
        and "Send into the group" in text
    )
    assert "https://res.wx.qq.com" in page["Content-Security-Policy"]
    assert client.get("/tickets").status_code == 302, "the sidebar's visit is no sign-in"

    reply = PreparedReply.objects.get()
    path = f"/wecom/{archive.account.ref}/prepared/{reply.ref}/opening"
    assert client.post(path).json() == {"text": "在看"}
    archive.say("m2", "LinWei", text="在看")
    assert client.post(path).status_code == 409
    part = client.get(f"/wecom/{archive.account.ref}/sidebar/group?chat={ROOM}").content.decode()
    assert "Send into the group" not in part and "Nobody waits" in part


def test_the_signature_is_over_this_very_page(archive: Archive) -> None:
    client = Client()
    enter(archive, client)
    text = client.get(f"/wecom/{archive.account.ref}/sidebar?chat={ROOM}").content.decode()
    found = re.search(r'<script id="wecom-sdk" type="application/json">(.*?)</script>', text)
    assert found
    told = json.loads(found[1])
    from django.conf import settings

    url = f"{settings.BASE_URL}/wecom/{archive.account.ref}/sidebar?chat={ROOM}"
    for name, ticket in (("config", "corp-ticket"), ("agent", "agent-ticket")):
        signed = (
            f"jsapi_ticket={ticket}&noncestr={told[name]['nonceStr']}&timestamp={told[name]['timestamp']}&url={url}"
        )
        assert told[name]["signature"] == hashlib.sha1(signed.encode()).hexdigest()  # noqa: S324


def test_a_colleague_links_once_and_only_their_own(archive: Archive) -> None:
    client = archive.world.client("agent")
    assert enter(archive, client, "WangFang").endswith("/link")
    assert client.post(f"/wecom/{archive.account.ref}/link").status_code == 302
    identity = Identity.objects.get(external_id="WangFang")
    assert identity.contact.user == archive.world.agent
    taken = archive.world.client("mei")
    enter(archive, taken, "LinWei")
    assert taken.post(f"/wecom/{archive.account.ref}/link").status_code == 409


def test_forged_visits(archive: Archive) -> None:
    client = Client()
    client.get(f"/wecom/{archive.account.ref}/sidebar")
    archive.wecom.codes["code1"] = "LinWei"
    entry = f"/wecom/{archive.account.ref}/entry"
    assert client.get(entry, {"code": "code1", "state": "guess"}).status_code == 403
    assert client.get(entry, {"code": "code1"}).status_code == 403
    assert "Only members" in enter(archive, Client(), "wmABCDEFGHIJKLMNOPQRSTUVWXYZ01")
    assert "WeCom did not tell" in str(_with_bad_code(archive))
    zhao = archive.world.client("zhao")
    enter(archive, zhao, "SomebodyNew")
    assert zhao.post(f"/wecom/{archive.account.ref}/link").status_code == 404
    assert not Identity.objects.filter(external_id="SomebodyNew").exists()


def _with_bad_code(archive: Archive) -> str:
    client = Client()
    sent = client.get(f"/wecom/{archive.account.ref}/sidebar")
    state = parse_qs(urlsplit(sent["Location"]).query)["state"][0]
    return client.get(f"/wecom/{archive.account.ref}/entry", {"code": "bad", "state": state}).content.decode()


def test_a_visit_ends_with_the_person_and_at_the_accounts_border(archive: Archive) -> None:
    other = Account.objects.create(
        channel=Channel.WECOM_CUSTOMER, name="B", config=archive.wecom.config, secrets=archive.account.secrets,
        created_at=utc_now(),
    )  # fmt: skip
    actions.post_in_group(group=archive.group, speaker=archive.world.eng, body="在看", now=archive.now)
    reply = PreparedReply.objects.get()
    client = Client()
    enter(archive, client)
    assert client.get(f"/wecom/{other.ref}/sidebar/group?chat={ROOM}").status_code == 403
    assert client.post(f"/wecom/{other.ref}/prepared/{reply.ref}/opening").status_code == 403
    archive.world.eng.is_active = False
    archive.world.eng.save()
    assert client.get(f"/wecom/{archive.account.ref}/sidebar/group?chat={ROOM}").status_code == 403
    assert Client().get(f"/wecom/{archive.account.ref}/sidebar/group?chat={ROOM}").status_code == 403
    assert Client().post(f"/wecom/{archive.account.ref}/prepared/{reply.ref}/opening").status_code == 403


def test_wecom_gives_no_ticket_and_a_chat_that_is_no_group(archive: Archive) -> None:
    client = Client()
    enter(archive, client)
    archive.wecom.fail["get_jsapi_ticket"] = [{"errcode": 60020, "errmsg": "not allow to access from your ip"}]
    from aftercare.notify.clients import wecom_page

    wecom_page._tickets.clear()
    text = client.get(f"/wecom/{archive.account.ref}/sidebar").content.decode()
    assert "WeCom gives no access" in text and "Starlight" in text and "res.wx.qq.com/open" not in text
    text = client.get(f"/wecom/{archive.account.ref}/sidebar?chat=wrNone").content.decode()
    assert "no service group yet" in text and "wrNone" in text
