"""The rail shows the doors a person may open."""

from dataclasses import dataclass

import pytest
from django.test import RequestFactory

from aftercare.web import nav


@dataclass
class Person:
    is_provider: bool
    may: frozenset[str] = frozenset()


@pytest.fixture
def rail(monkeypatch):
    monkeypatch.setattr(nav, "_items", {})
    monkeypatch.setattr(nav, "_gates", [])
    nav.use_gate(lambda person, capability: capability in person.may)
    nav.register(nav.NavItem("design", "Guide", "web:design", "", "provider", 30))
    nav.register(nav.NavItem("secret", "Secret", "web:preferences", "see_secrets", "both", 10))
    nav.register(nav.NavItem("lost", "Lost", "nowhere:at_all"))
    nav.register(nav.NavItem("sign_in", "Sign in", "account_login", "", "both", 20, letter="d"))


def test_it_works(rail):
    doors = nav.doors_for(Person(True, frozenset({"see_secrets"})))
    assert [door.key for door in doors] == ["secret", "sign_in", "design"]
    assert [door.letter for door in doors] == ["s", "d", "e"]


def test_hides_what_a_person_may_not_enter(rail):
    assert [door.key for door in nav.doors_for(Person(False))] == ["sign_in"]


def test_hides_what_needs_a_capability_while_nobody_can_tell(rail, monkeypatch):
    monkeypatch.setattr(nav, "_gates", [])
    assert not nav.is_allowed(Person(True, frozenset({"see_secrets"})), "see_secrets")


def test_the_current_door_is_the_longest_match(rail):
    doors = [
        nav.Door("home", "", "/", "", ""),
        nav.Door("apps", "", "/apps", "", ""),
        nav.Door("keys", "", "/apps/keys", "", ""),
    ]
    for path, key in [
        ("/", "home"),
        ("/apps", "apps"),
        ("/apps/x1", "apps"),
        ("/apples", ""),
        ("/apps/keys/9", "keys"),
    ]:
        assert nav.current_key(RequestFactory().get(path), doors) == key


def test_a_view_may_say_where_it_is(rail):
    request = RequestFactory().get("/sessions/1")
    request.nav_key = "apps"
    assert nav.current_key(request, []) == "apps"


def test_tabs_stand_behind_one_door_that_leads_to_the_first_of_them(rail):
    nav.register(nav.NavItem("settings", "Settings", "", order=40))
    nav.register(nav.NavItem("guide", "Guide", "web:design", "see_secrets", behind="settings"))
    nav.register(nav.NavItem("switches", "Switches", "web:preferences", order=200, behind="settings"))
    reader, owner = Person(True), Person(True, frozenset({"see_secrets"}))
    assert [tab.key for tab in nav.tabs_for(owner)] == ["guide", "switches"]
    assert {door.key: door.url for door in nav.doors_for(owner)}["settings"] == nav.tabs_for(owner)[0].url
    assert {door.key: door.url for door in nav.doors_for(reader)}["settings"] == "/preferences"
    request = RequestFactory().get("/preferences/9")
    assert nav.current_key(request, [*nav.doors_for(reader), *nav.tabs_for(reader)]) == "settings"
    nav._items.pop("switches")
    assert "settings" not in [door.key for door in nav.doors_for(reader)]
