"""A page in the console, its acknowledgement, and the in-browser phone."""

import pytest

from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty

OUTSIDERS = ["zhao", "developer", "viewer", "stranger"]


def test_it_works(duty: Duty) -> None:
    page = duty.page()
    client = duty.world.client("eng")
    shown = client.get(f"/pages/{page.ref}").content.decode()
    assert "Freeze rate 6.2%" in shown and "Primary" in shown and "Lin" in shown
    answer = client.post(f"/pages/{page.ref}/acknowledgement", {"next": "/oncall"})
    assert (answer.status_code, answer["Location"]) == (302, "/oncall")
    assert Page.objects.get().acknowledged_by == duty.world.eng


def test_json(duty: Duty) -> None:
    page = duty.page()
    answer = duty.world.client("eng").post(f"/pages/{page.ref}/acknowledgement", {}, content_type="application/json")
    assert answer.json()["acknowledged_by"] == "Lin"
    assert Page.objects.get().acknowledged_via == "api"
    signed_out = duty.world.client().post(f"/pages/{page.ref}/acknowledgement", {}, content_type="application/json")
    assert signed_out.status_code == 401


def test_it_leads_nowhere_else(duty: Duty) -> None:
    page = duty.page()
    answer = duty.world.client("eng").post(f"/pages/{page.ref}/acknowledgement", {"next": "https://evil.example/"})
    assert answer["Location"] == f"/pages/{page.ref}"


@pytest.mark.parametrize("name", OUTSIDERS)
def test_for_customers_people_nothing_of_it_exists(duty: Duty, name: str) -> None:
    page = duty.page()
    client = duty.world.client(name)
    assert client.get(f"/pages/{page.ref}").status_code == 404
    for verb in ("acknowledgement", "escalation"):
        assert client.post(f"/pages/{page.ref}/{verb}").status_code == 404
    assert client.get("/phone").status_code == 404
    assert client.get("/phone/part").status_code == 404
    assert Page.objects.get().state == "open"


def test_an_agent_may_not_take_it(duty: Duty) -> None:
    page = duty.page()
    client = duty.world.client("agent")
    assert client.get(f"/pages/{page.ref}").status_code == 200
    for verb in ("acknowledgement", "escalation"):
        assert client.post(f"/pages/{page.ref}/{verb}").status_code == 403


def test_the_phone_shows_my_pages_alone(duty: Duty) -> None:
    page = duty.page()
    mine = duty.world.client("eng").get("/phone").content.decode()
    assert "Freeze rate 6.2%" in mine and f"/pages/{page.ref}/acknowledgement" in mine
    assert "Freeze rate" not in duty.world.client("mei").get("/phone").content.decode()


def test_the_phone_acknowledges_in_place(duty: Duty) -> None:
    page = duty.page()
    answer = duty.world.client("eng").post(
        f"/pages/{page.ref}/acknowledgement", {"via": "phone"}, headers={"hx-request": "true"}
    )
    assert answer.status_code == 200
    assert "You have it." in answer.content.decode()
    assert Page.objects.get().acknowledged_via == "phone"
