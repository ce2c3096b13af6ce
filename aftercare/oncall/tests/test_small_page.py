"""The page behind a message: by sign-in, or by its signed link."""

import re
from datetime import timedelta

import pytest

from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty
from aftercare.oncall.tokens import link_path


@pytest.fixture
def page(duty: Duty, monkeypatch: pytest.MonkeyPatch) -> Page:
    monkeypatch.setattr("aftercare.oncall.views.phone.utc_now", lambda: duty.now + timedelta(minutes=1))
    return duty.page()


def test_it_works_by_link_without_signing_in(duty: Duty, page: Page) -> None:
    client, path = duty.world.client(enforce_csrf_checks=True), link_path(page, duty.world.eng)
    shown = client.get(path)
    assert shown.status_code == 200
    assert "Freeze rate 6.2%" in shown.content.decode()
    assert Page.objects.get().state == "open", "looking does not acknowledge: mail scanners look too"
    assert client.post(path).status_code == 302
    taken = Page.objects.get()
    assert (taken.acknowledged_by, taken.acknowledged_via) == (duty.world.eng, "link")
    assert "Lin has it since" in client.get(path).content.decode()


def test_a_program_gets_json(duty: Duty, page: Page) -> None:
    path = link_path(page, duty.world.eng)
    answer = duty.world.client().post(path, headers={"accept": "application/json"})
    assert answer.json()["state"] == "acknowledged"
    assert answer.json()["acknowledged_by"] == "Lin"


def test_passing_on_by_link(duty: Duty, page: Page) -> None:
    duty.world.client().post(link_path(page, duty.world.eng), {"action": "pass_on"})
    assert [n.user.name for n in page.notices.order_by("id")] == ["Lin", "Ada"]


def test_forged_links_do_not_exist(duty: Duty, page: Page) -> None:
    other = duty.page(subject_ref="inc-2")
    good = link_path(page, duty.world.eng)
    token = good.rsplit("/", 1)[1]
    user_ref, signature = token.split(".")
    forged = [
        f"/p/{other.ref}/{token}",
        f"/p/{page.ref}/{duty.world.mei.ref}.{signature}",
        f"/p/{page.ref}/{user_ref}.{signature[:-1]}",
        f"/p/{page.ref}/{user_ref}.",
        f"/p/{page.ref}/{user_ref}",
        f"/p/{page.ref}/.{signature}",
        f"/p/nosuchpage12/{token}",
    ]
    for path in forged:
        assert duty.world.client().get(path).status_code == 404, path
        assert duty.world.client().post(path).status_code == 404, path
    assert set(Page.objects.values_list("state", flat=True)) == {"open"}


def test_a_link_ends_with_its_person_and_after_a_week(duty: Duty, page: Page, monkeypatch: pytest.MonkeyPatch) -> None:
    path = link_path(page, duty.world.eng)
    monkeypatch.setattr("aftercare.oncall.views.phone.utc_now", lambda: duty.now + timedelta(days=8))
    assert duty.world.client().get(path).status_code == 404
    monkeypatch.setattr("aftercare.oncall.views.phone.utc_now", lambda: duty.now)
    assert duty.world.client().get(path).status_code == 200
    duty.world.eng.is_active = False
    duty.world.eng.save()
    assert duty.world.client().get(path).status_code == 404


def test_it_weighs_under_30_kb_with_all_it_loads(duty: Duty, page: Page) -> None:
    for shown in (
        duty.world.client().get(link_path(page, duty.world.eng)),
        duty.world.client("eng").get(f"/p/{page.ref}"),
    ):
        markup = shown.content.decode()
        loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', markup)
        assert loaded and "<script" not in markup
        weight = len(shown.content) + sum(len(duty.world.client().get(path).content) for path in loaded)
        assert weight < 30_000


def test_signed_in(duty: Duty, page: Page) -> None:
    client = duty.world.client("mei")
    assert client.get(f"/p/{page.ref}").status_code == 200
    assert client.post(f"/p/{page.ref}", {"action": "acknowledge"}).status_code == 302
    assert Page.objects.get().acknowledged_by == duty.world.mei


@pytest.mark.parametrize("name", ["zhao", "developer", "viewer", "stranger"])
def test_for_customers_people_it_does_not_exist(duty: Duty, page: Page, name: str) -> None:
    client = duty.world.client(name)
    assert client.get(f"/p/{page.ref}").status_code == 404
    assert client.post(f"/p/{page.ref}").status_code == 404


def test_an_agent_reads_but_does_not_take(duty: Duty, page: Page) -> None:
    client = duty.world.client("agent")
    assert "<button" not in client.get(f"/p/{page.ref}").content.decode()
    assert client.post(f"/p/{page.ref}").status_code == 403


def test_chinese(duty: Duty, page: Page) -> None:
    duty.world.eng.language = "zh-hans"
    duty.world.eng.save()
    markup = duty.world.client().get(link_path(page, duty.world.eng)).content.decode()
    assert "认领" in markup and "星光直播视频卡顿率" in markup
