"""Customers and apps: the list, one page, making and changing."""

from typing import Any

import pytest
from django.urls import reverse

from aftercare.accounts.actions.customers import CustomerFacts, create_customer
from aftercare.accounts.events import AppCreated, CustomerCreated
from aftercare.accounts.models import App, Customer
from aftercare.accounts.queries import ingest_keys_snapshot
from aftercare.audit.models import Entry
from aftercare.kernel import events
from tests.world import World

FACTS = {
    "name": "Voice Isle",
    "name_zh": "声岛",
    "rank": "important",
    "plan": "professional",
    "language": "en",
    "timezone": "Asia/Dubai",
}


def test_list_and_filters(world: World) -> None:
    client = world.client("agent")

    def shown(query: str) -> tuple[bool, bool]:
        html = client.get(reverse("accounts:customers") + query).content.decode()
        return world.show.ref in html, world.social.ref in html

    assert shown("") == (True, True)
    assert shown("?rank=key") == (True, False)
    assert shown("?plan=basic") == (False, True)
    assert shown("?q=耳语") == (False, True)
    assert shown("?q=starlight%20live") == (True, False)
    assert shown("?rank=key&plan=basic") == (False, False)
    assert shown("?rank=nonsense") == (True, True)
    assert "No customer fits" in client.get(reverse("accounts:customers") + "?q=zzz").content.decode()


def test_list_is_paged(world: World) -> None:
    for n in range(60):
        create_customer(facts=CustomerFacts(**{**FACTS, "name": f"N{n:03}"}), actor=None, now=world.now)
    client = world.client("agent")
    first = client.get(reverse("accounts:customers")).content.decode()
    second = client.get(reverse("accounts:customers") + "?page=2").content.decode()
    assert "N000" in first and "N059" not in first
    assert "N059" in second and "N000" not in second


def test_list_costs_few_queries(world: World, django_assert_max_num_queries: Any) -> None:
    client = world.client("agent")
    client.get(reverse("accounts:customers"))
    with django_assert_max_num_queries(8):
        client.get(reverse("accounts:customers"))
    with django_assert_max_num_queries(12):
        client.get(reverse("accounts:customer", args=[world.show.ref]))


def test_create_and_edit(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setitem(events._handlers, CustomerCreated, [told.append])
    client = world.client("mei")
    assert client.post(reverse("accounts:customer_new"), FACTS).status_code == 302
    customer = Customer.objects.get(name="Voice Isle")
    assert [event.customer_id for event in told] == [customer.pk]
    assert len(bytes(customer.user_hash_secret)) == 32
    assert bytes(customer.user_hash_secret) != bytes(world.show.user_hash_secret)
    client.post(reverse("accounts:customer_edit", args=[customer.ref]), {**FACTS, "plan": "flagship"})
    row = Entry.objects.get(action="customer.edit")
    assert (row.subject, row.detail, row.actor_name) == (customer.ref, {"plan": ["professional", "flagship"]}, "Mei")
    client.post(reverse("accounts:customer_edit", args=[customer.ref]), {**FACTS, "plan": "flagship"})
    assert Entry.objects.filter(action="customer.edit").count() == 1


@pytest.mark.parametrize("wrong", [{"name": ""}, {"rank": "king"}, {"plan": ""}, {"timezone": "Nowhere"}])
def test_rejects(world: World, wrong: dict[str, str]) -> None:
    response = world.client("mei").post(reverse("accounts:customer_new"), {**FACTS, **wrong})
    assert response.status_code == 200 and "field-error" in response.content.decode()
    assert Customer.objects.count() == 2


def test_an_owner_adds_an_app(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[Any] = []
    monkeypatch.setitem(events._handlers, AppCreated, [told.append])
    facts = {"name": "Starlight Voice", "name_zh": "", "scenario": "voice_room"}
    world.client("zhao").post(reverse("accounts:app_new", args=[world.show.ref]), facts)
    app = App.objects.get(name="Starlight Voice")
    assert app.customer == world.show and [event.app_id for event in told] == [app.pk]
    url = reverse("accounts:app_edit", args=[world.show.ref, app.ref])
    world.client("zhao").post(url, {**facts, "scenario": "other"})
    assert Entry.objects.get(action="app.edit").detail == {"scenario": ["voice_room", "other"]}


def test_an_app_is_found_under_its_own_customer_only(world: World) -> None:
    url = reverse("accounts:app_edit", args=[world.show.ref, world.social_app.ref])
    assert world.client("ada").get(url).status_code == 404


def test_company_leads_home(world: World) -> None:
    url = reverse("accounts:company")
    assert world.client("viewer").get(url).url == reverse("accounts:customer", args=[world.show.ref])
    assert world.client("ada").get(url).status_code == 404


def test_a_plan_reaches_the_keys(world: World) -> None:
    assert {key.plan for key in ingest_keys_snapshot()} == {"flagship", "basic", None}


def test_in_chinese(world: World) -> None:
    world.zhao.language = "zh-hans"
    world.zhao.save()
    html = world.client("zhao").get(reverse("accounts:customer", args=[world.show.ref])).content.decode()
    for word in ("星光秀场", "星光直播", "应用", "上报密钥", "成员", "秀场直播", "旗舰"):
        assert word in html, word
