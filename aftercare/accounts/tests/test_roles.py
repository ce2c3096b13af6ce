"""Every role against every page: who gets in, who is refused, for whom a page does not exist."""

from typing import Any

import pytest
from django.urls import reverse

from tests.world import World

PEOPLE = ["ada", "mei", "eng", "agent", "success", "zhao", "developer", "viewer", "stranger"]
STAFF = {"ada", "mei", "eng", "agent", "success"}
OWN = {"zhao", "developer", "viewer"}

# page: (those who may, those who may not; for everybody else it does not exist)
GET_PAGES: dict[str, tuple[set[str], set[str]]] = {
    "customers": (STAFF, set()),
    "customer_new": ({"ada", "mei"}, STAFF - {"ada", "mei"}),
    "customer": (STAFF | OWN, set()),
    "customer_edit": ({"ada", "mei"}, (STAFF | OWN) - {"ada", "mei"}),
    "app_new": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "app_edit": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "person_new": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "key_new": ({"ada", "mei", "eng", "zhao", "developer"}, {"agent", "success", "viewer"}),
    "data_requests": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "staff": (STAFF, set()),
    "staff_new": ({"ada"}, STAFF - {"ada"}),
    "person": (STAFF | OWN, set()),
    "staff_person": (STAFF, set()),
    "keys": (set(PEOPLE), set()),
    "rotation": ({"ada", "mei", "eng", "zhao", "developer"}, {"agent", "success", "viewer"}),
    "revocation": ({"ada", "mei", "eng", "zhao", "developer"}, {"agent", "success", "viewer"}),
    "node_rotation": ({"ada", "mei", "eng"}, {"agent", "success"}),
    "node_revocation": ({"ada", "mei", "eng"}, {"agent", "success"}),
    "profile": (set(PEOPLE), set()),
    "audit": ({"ada", "mei"}, STAFF - {"ada", "mei"}),
}
POSTS: dict[str, tuple[set[str], set[str]]] = {
    "person": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "deactivation": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "reactivation": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "factor_reset": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "new_link": ({"ada", "mei", "zhao"}, (STAFF | OWN) - {"ada", "mei", "zhao"}),
    "staff_deactivation": ({"ada"}, STAFF - {"ada"}),
    "staff_reactivation": ({"ada"}, STAFF - {"ada"}),
    "staff_new_link": ({"ada"}, STAFF - {"ada"}),
}
POSTS |= {
    page: GET_PAGES[page]
    for page in (
        "customer_new",
        "customer_edit",
        "app_new",
        "app_edit",
        "person_new",
        "key_new",
        "data_requests",
        "staff_new",
        "rotation",
        "revocation",
        "node_rotation",
        "node_revocation",
    )
}


def address(world: World, page: str) -> str:
    """The page's address about Starlight Show, its developer and its key."""
    args: dict[str, list[Any]] = {
        "customer": [world.show.ref],
        "customer_edit": [world.show.ref],
        "app_new": [world.show.ref],
        "app_edit": [world.show.ref, world.show_app.ref],
        "person_new": [world.show.ref],
        "key_new": [world.show.ref],
        "data_requests": [world.show.ref],
        "person": [world.developer.ref],
        "deactivation": [world.developer.ref],
        "reactivation": [world.developer.ref],
        "factor_reset": [world.developer.ref],
        "new_link": [world.developer.ref],
        "rotation": [world.show_key.ref],
        "revocation": [world.show_key.ref],
        "staff_person": [world.success.ref],
        "staff_deactivation": [world.success.ref],
        "staff_reactivation": [world.success.ref],
        "staff_new_link": [world.success.ref],
        "node_rotation": [world.node_key.ref],
        "node_revocation": [world.node_key.ref],
    }
    name = page if page in ("staff_new", "customer_new") else page.removeprefix("staff_").removeprefix("node_")
    return reverse(f"accounts:{name}", args=args.get(page, []))


def expected(name: str, may: set[str], may_not: set[str]) -> set[int]:
    """The statuses that are right for this person."""
    if name in may:
        return {200, 302}
    return {403} if name in may_not else {404}


@pytest.mark.parametrize("page", sorted(GET_PAGES))
def test_get(world: World, page: str) -> None:
    may, may_not = GET_PAGES[page]
    url = address(world, page)
    found = {name: world.client(name).get(url).status_code for name in PEOPLE}
    assert {n: s for n, s in found.items() if s not in expected(n, may, may_not)} == {}


@pytest.mark.parametrize("page", sorted(POSTS))
def test_post(world: World, page: str) -> None:
    may, may_not = POSTS[page]
    url = address(world, page)
    others = [name for name in PEOPLE if name not in may]
    found = {name: world.client(name).post(url, {}).status_code for name in others}
    assert {n: s for n, s in found.items() if s not in expected(n, may, may_not)} == {}
    allowed = {name: world.client(name).post(url, {}).status_code for name in sorted(may)}
    assert {n: s for n, s in allowed.items() if s not in {200, 302}} == {}


@pytest.mark.parametrize("page", sorted(set(GET_PAGES) | set(POSTS)))
def test_requires_signing_in(world: World, page: str) -> None:
    response = world.client().get(address(world, page))
    assert response.status_code in (302, 405)
    if response.status_code == 302:
        assert response.url.startswith(reverse("account_login"))
    assert world.client().post(address(world, page), {}).status_code in (302, 405)


def test_a_viewer_sees_no_doors_to_what_is_refused(world: World) -> None:
    html = world.client("viewer").get(address(world, "customer")).content.decode()
    for page in ("customer_edit", "app_new", "person_new", "key_new", "data_requests", "rotation", "revocation"):
        assert address(world, page) not in html
    assert world.show_app.name in html


def test_refs_do_not_follow_one_another(world: World) -> None:
    refs = [world.show.ref, world.social.ref, world.show_app.ref, world.social_app.ref, world.zhao.ref]
    assert all(len(ref) == 12 and not ref.isdecimal() for ref in refs)
    assert len(set(refs)) == len(refs)
    for number in (str(world.show.pk), str(world.show_app.pk), "1", "2"):
        assert world.client("ada").get(reverse("accounts:customer", args=[number])).status_code == 404


def test_a_deactivated_person_is_out_at_once(world: World) -> None:
    client = world.client("developer")
    assert client.get(address(world, "customer")).status_code == 200
    world.client("zhao").post(address(world, "deactivation"))
    assert client.get(address(world, "customer")).status_code == 302
