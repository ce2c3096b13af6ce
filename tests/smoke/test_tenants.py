"""Tenants are walls: nobody of one customer can see, list, count, guess, change or be told anything of another's.

Every address of the URL table, every method, every role; a route that cannot be filled fails.
"""

import copy
import itertools
import json
import re
import time
from collections.abc import Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from django.apps import apps
from django.db import models, transaction
from django.test import Client

from aftercare.accounts.models import Customer, User
from aftercare.desk import actions as desk
from aftercare.incidents.tests.scene import open_alert
from aftercare.notify.models import Delivery
from aftercare.notify.stream.events import events_of, missed_events
from aftercare.telemetry.tests.made import crowd
from tests.smoke.routes import NOBODY, Route, Things, all_routes, make_things
from tests.world import World, member

METHODS = ("get", "post")
# What a person of any role may do to their own account, and to what they are told of;
# and the green channel, which no role is kept from.
OWN = re.compile(
    r"^(accounts/|me$|me/tokens|preferences$|settings/contacts|notifications$|invitations/|p/"
    r"|tickets/<slug:ref>/following|green$|api/v1/contacts|api/green$|api/v1/green$|api/v1/tickets/<ref>/(following|reading)$)"
)
# Hundreds of addresses each: whoever may do most and who is signed out on every run, those between in the long one.
BETWEEN = [pytest.param(role, marks=pytest.mark.long) for role in ("developer", "viewer")]
ROLES = ["owner", *BETWEEN, None]
REFUSED = {401, 403, 404, 405, 410}
STREAM = "events"
NOISE = re.compile(
    r'(csrfmiddleware)?token" value="[^"]+"|"X-CSRFToken": ?"[^"]+"|X-CSRFToken[^,}]+|<time.*?</time>|nonce-[^"\']+',
    re.S,
)


@pytest.fixture
def others(world: World) -> dict[str, User]:
    """The people of the other customer, by role."""
    return {
        "owner": world.stranger,
        "developer": member(world.social, "Dora", "dora@whisper.example", "developer"),
        "viewer": member(world.social, "Viktor", "viktor@whisper.example", "viewer"),
    }


@pytest.fixture
def things(world: World, telemetry: Any, others: dict[str, User]) -> Things:
    """All that Starlight Show has; Whisper has something of its own to look at."""
    telemetry.add(crowd(world.social_app, world.now.replace(microsecond=0) - timedelta(minutes=2), 3))
    made = make_things(world, telemetry)
    desk.open_ticket(
        customer_id=world.social.pk,
        app_id=world.social_app.pk,
        title="Our own",
        title_zh="",
        severity="P3",
        body="Our own words",
        body_zh="",
        evidence={},
        opened_by=world.stranger,
        incident_ref="",
        now=world.now,
    )
    return made


def signed_in(user: User | None) -> Client:
    """A client that shows errors as pages, as a browser would get them."""
    client = Client(raise_request_exception=False)
    if user is not None:
        client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        session = client.session
        # Signed in by password a moment ago, so that security pages do not ask for it again.
        session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "email": user.email}]
        session.save()
    return client


@pytest.fixture(autouse=True)
def streams_leave_the_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    """A stream gives its database connection back; here it is the test's own, with its transaction."""
    streams = ("aftercare.notify.stream.events", "aftercare.notify.views.events", "aftercare.desk.views.chat.listening")
    for module in streams:
        monkeypatch.setattr(f"{module}.connection", SimpleNamespace(close=lambda: None), raising=False)


def ask(client: Client, method: str, path: str, data: dict[str, Any] | None = None) -> tuple[int, str]:
    """Status and text of one exchange, rolled back; who signed out by it is signed in again."""
    cookies = copy.deepcopy(client.cookies)
    with transaction.atomic():
        response = client.get(path, data) if method == "get" else post(client, path, data or {})
        if getattr(response, "streaming", False):
            text = "" if path.endswith(STREAM) else b"".join(response.streaming_content).decode()  # type: ignore
        else:
            text = response.content.decode()
        transaction.set_rollback(True)
    client.cookies = cookies
    assert response.status_code < 500, f"{method} {path} failed: {text[:500]}"
    return response.status_code, text + " ".join(f"{name}: {value}" for name, value in response.headers.items())


def post(client: Client, path: str, data: dict[str, Any]) -> Any:
    """A form, or the same facts as the API takes them."""
    if path.startswith("/api/"):
        return client.post(path, json.dumps(data), content_type="application/json")
    return client.post(path, data)


def plain(text: str, values: dict[str, Any]) -> str:
    """The text without its tokens and times, and without what the reader asked for."""
    text = NOISE.sub("", text)
    for value in sorted(map(str, values.values()), key=len, reverse=True):
        if value.isdecimal():
            text = re.sub(rf"(/|%2F){value}(?=/|%2F)", "/?", text)
            continue
        for written in (value, quote(value), quote_plus(value)):
            text = text.replace(written, "?")
    return re.sub(r"(content-length|expires|last-modified): [^:]*(:\d\d:\d\d GMT)?|set-cookie.*", "", text, flags=re.I)


def path_to_customer(model: type[models.Model], depth: int = 3) -> str | None:
    """The shortest way over foreign keys to a customer, in Django's terms; None for what belongs to nobody."""
    if model is Customer:
        return "pk"
    queue: list[tuple[type[models.Model], str]] = [(model, "")]
    for _ in range(depth):
        nearer: list[tuple[type[models.Model], str]] = []
        for place, way in queue:
            for field in place._meta.get_fields():
                if not isinstance(field, models.ForeignKey):
                    continue
                target = field.related_model
                if target is Customer:
                    return f"{way}{field.name}"
                nearer.append((target, f"{way}{field.name}__"))  # type: ignore[arg-type]
        queue = nearer
    return None


def belongings(customer: Customer) -> dict[str, list[tuple[Any, ...]]]:
    """Every row that is this customer's, of every model of ours."""
    found = {}
    for model in apps.get_models():
        way = path_to_customer(model) if model.__module__.startswith("aftercare.") else None
        if way:
            rows = model._default_manager.filter(**{way: customer.pk}).order_by("pk")
            found[model._meta.label] = [tuple(map(str, row)) for row in rows.values_list()]
    return found


def marks_in(things: Things, text: str) -> list[str]:
    """Words of the other customer's in a text."""
    return [mark for mark in things.marks if mark in text]


def routes() -> Iterator[Route]:
    """The whole table."""
    table = all_routes()
    assert len(table) > 100
    return iter(table)


def test_every_route_can_be_filled(things: Things) -> None:
    for route in routes():
        path = route.path(things.fill(route))
        assert "<" not in path and "{" not in path and "?" not in path, path


def test_the_generator_knows_what_it_does_not_know(things: Things) -> None:
    with pytest.raises(AssertionError, match="say in tests/smoke/routes"):
        things.fill(Route("contracts/<slug:ref>", "contracts:contract", ("ref",)))


@pytest.mark.parametrize("role", ROLES)
def test_a_strangers_view_of_each_thing_is_that_of_nothing(
    things: Things, others: dict[str, User], role: str | None
) -> None:
    """What exists for another customer answers as what does not exist at all: same status, same words."""
    client = signed_in(others[role] if role else None)
    before = belongings(things.customer)
    for route in routes():
        if not route.parameters or route.name in ("web:static", "web:asset", "web:sdk"):
            continue
        real, absent = things.fill(route), things.nobody(route)
        for method in METHODS:
            got = ask(client, method, route.path(real), things.facts(route) if method == "post" else None)
            none = ask(client, method, route.path(absent), things.facts(route) if method == "post" else None)
            where = f"{role} {method} {route.pattern}"
            assert got[0] == none[0], where
            assert got[0] in REFUSED or is_way_to_sign_in(got, role) or route.pattern.startswith("accounts/"), where
            assert plain(got[1], real) == plain(none[1], absent), where
    assert belongings(things.customer) == before


def is_way_to_sign_in(got: tuple[int, str], role: str | None) -> bool:
    """Whether somebody signed out is sent to the sign-in page."""
    return role is None and got[0] == 302 and "/accounts/login/" in got[1]


@pytest.mark.parametrize("role", ROLES)
def test_no_page_of_ones_own_names_the_others(things: Things, others: dict[str, User], role: str | None) -> None:
    client = signed_in(others[role] if role else None)
    before = belongings(things.customer)
    for route in routes():
        if route.parameters:
            continue
        for method, data in (
            ("get", None),
            ("post", things.facts(route)),
            ("post", things.facts(route) | {"severity": "P2"}),
        ):
            status, text = ask(client, method, route.path({}), data)
            if method == "post" and status in (200, 400, 409):
                text = plain(text, things.posted)
            assert marks_in(things, text) == [], f"{role} {method} {route.pattern} ({status})"
    assert belongings(things.customer) == before
    assert (ask(client, "get", "/me")[0] == 200) is (role is not None)


def test_writes_that_go_through_touch_only_ones_own(things: Things, others: dict[str, User]) -> None:
    """The same posts, kept: whatever they make, nothing of it is the other customer's."""
    client = signed_in(others["owner"])
    before = belongings(things.customer)
    for route in routes():
        if route.name.startswith(("account_logout", "account_reset", "mfa_")):
            continue
        for data in (things.facts(route), things.facts(route) | {"severity": "P2"}):
            with transaction.atomic():
                post(client, route.path(things.fill(route)), data)
    assert belongings(things.customer) == before
    assert ask(client, "get", "/me")[0] == 200


LISTS = ["/search", "/tickets", "/incidents", "/alerts", "/monitors", "/notifications", "/apps", "/audit", "/keys", "/"]


def test_asking_for_what_others_have_finds_as_little_as_asking_for_nothing(
    things: Things, others: dict[str, User]
) -> None:
    client = signed_in(others["owner"])
    for path, name in itertools.product(LISTS, ("q", "app", "customer", "user")):
        none = ask(client, "get", path, {name: NOBODY})
        for mark in (things.app.ref, things.customer.ref, things.session, "Starlight", "星光"):
            got = ask(client, "get", path, {name: mark})
            where = f"{path}?{name}={mark}"
            assert got[0] == none[0], where
            assert plain(got[1], {"x": mark, "y": mark.lower()}) == plain(none[1], {"x": NOBODY}), where


def test_what_others_do_changes_no_page_of_ones_own(
    world: World, things: Things, others: dict[str, User], telemetry: Any
) -> None:
    """Nothing can be counted: more tickets, alerts and sessions elsewhere leave every page as it was."""
    client = signed_in(others["owner"])
    table = [route for route in routes() if not route.parameters and route.name != "notify:events"]
    before = {route.pattern: plain(ask(client, "get", route.path({}))[1], {}) for route in table}
    open_alert(world, at=world.now, metric="join_success", comparison="below", first_value=80.0, worst_value=80.0)
    telemetry.add(crowd(world.show_app, world.now.replace(microsecond=0) - timedelta(minutes=1), 5, prefix="more"))
    for number in range(3):
        desk.open_ticket(
            customer_id=world.show.pk, app_id=None, title=f"More {number}", title_zh="", severity="P1", body="x",
            body_zh="", evidence={}, opened_by=world.zhao, incident_ref="", now=world.now,
        )  # fmt: skip
    for route in table:
        after = plain(ask(client, "get", route.path({}))[1], {})
        assert steady(after) == steady(before[route.pattern]), route.pattern
    numbers = [ticket.number for ticket in world.social.tickets.all()]
    assert numbers == [1], "a ticket's number tells nothing of other customers' tickets"


def steady(text: str) -> str:
    """The text without what goes by the clock alone."""
    return re.sub(r"\d{1,2}:\d{2}(:\d{2})?|data-(from|to|now|at)=\"[^\"]*\"|\d{13}", "", text)


def test_nobody_is_paged_or_pushed_about_others(world: World, things: Things, others: dict[str, User]) -> None:
    strangers = list(others.values())
    assert not Delivery.objects.filter(user__in=strangers).exists()
    told = Delivery.objects.filter(user__isnull=False).exclude(user__in=strangers)
    assert told.exists(), "somebody was told about the incident"
    for delivery in told:
        for user in strangers:
            assert events_of(user.pk, delivery.pk) == []
            assert all(delivery.ref.encode() not in event for event in missed_events(user.pk, delivery.ref))


def test_a_read_only_member_changes_nothing(world: World, things: Things) -> None:
    """Of their own company's things: wherever somebody else's form does something, theirs is refused."""
    viewer = signed_in(world.viewer)
    writers = [signed_in(user) for user in (world.zhao, world.ada)]
    before = belongings(things.customer)
    refused = 0
    for route in routes():
        if OWN.match(route.pattern):
            continue
        path = route.path(things.fill(route))
        status, _ = ask(viewer, "post", path, things.facts(route))
        if status in REFUSED:
            refused += status == 403
            continue
        answers = {ask(writer, "post", path, things.facts(route))[0] for writer in writers}
        is_reading = status == 200 and answers == {200} and ask(viewer, "get", path)[0] == 200
        assert is_reading, f"POST {route.pattern} gave {status} to a viewer, {answers} to others"
    assert refused > 15
    assert belongings(things.customer) == before


def test_cut_off_at_the_moment_of_leaving(world: World, things: Things) -> None:
    client = signed_in(world.developer)
    assert ask(client, "get", f"/apps/{things.app.ref}")[0] == 200
    User.objects.filter(pk=world.developer.pk).update(is_active=False)
    assert is_way_to_sign_in(ask(client, "get", f"/apps/{things.app.ref}"), None)
