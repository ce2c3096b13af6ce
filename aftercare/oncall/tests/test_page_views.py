"""A page in the console, its acknowledgement, and the in-browser phone."""

import pytest

from aftercare.oncall import actions
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


def test_all_pages_closed_ones_too_paged_and_filtered(duty: Duty) -> None:
    for n in range(55):
        duty.page(subject_ref=f"inc-{n}", title=f"Trouble {n:02}", title_zh="", severity="red" if n % 2 else "warning")
    actions.close_page(subject_ref="inc-54", now=duty.now)
    actions.acknowledge_page(
        page=Page.objects.get(subject_ref="inc-53"), user=duty.world.eng, via="phone", now=duty.now
    )
    client = duty.world.client("agent")
    first, second = (client.get(f"/pages?page={n}").content.decode() for n in (1, 2))
    assert "1–50 of 55" in first and "Trouble 52" in first and "Trouble 54" not in first
    assert second.index("Trouble 53") < second.index("Trouble 54"), "closed ones last"
    for query, there, gone in (
        ("state=closed", "Trouble 54", "Trouble 53"),
        ("state=live&q=trouble+5", "Trouble 53", "Trouble 54"),
        ("state=acknowledged&severity=red", "Trouble 53", "Trouble 51"),
        (f"customer={duty.world.show.ref}&severity=warning", "Trouble 50", "Trouble 51"),
        ("state=nonsense&q=53", "Trouble 53", "Trouble 52"),
    ):
        shown = client.get(f"/pages?{query}").content.decode()
        assert there in shown and gone not in shown, query
    assert "No page fits" in client.get(f"/pages?customer={duty.world.social.ref}").content.decode()
    assert "1–20 of 54" in client.get("/oncall").content.decode()


def test_customers_have_no_list_of_pages(duty: Duty) -> None:
    duty.page()
    for name in ("zhao", "viewer", "stranger"):
        assert duty.world.client(name).get("/pages").status_code == 404
    assert duty.world.client().get("/pages").status_code == 302
