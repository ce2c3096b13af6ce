"""What an attacker would try on the pages: stored scripts, forged links, foreign forms, ways out, injected headers."""

import re
from email import message_from_bytes, policy
from html.parser import HTMLParser
from typing import Any
from urllib.parse import quote

import pytest
from django.test import Client
from django.urls import Resolver404, resolve

from aftercare.accounts.models import App, Customer, IngestKey, User
from aftercare.desk.models import Message, Ticket
from aftercare.incidents.models import Incident
from aftercare.kernel.ids import new_ref
from aftercare.notify.adapters.email import message_of
from aftercare.notify.envelope import envelope_of
from aftercare.notify.models import Delivery
from aftercare.oncall.actions import acknowledge_page
from aftercare.oncall.models import Page
from aftercare.oncall.tokens import link_path
from aftercare.telemetry.models import Resource
from aftercare.telemetry.tests.made import playback
from aftercare.watch.models import Alert, Monitor
from tests.smoke.routes import Things, all_routes, make_things, measure
from tests.smoke.test_tenants import signed_in, streams_leave_the_connection
from tests.world import PASSWORD, World

__all__ = ["streams_leave_the_connection"]

POISON = "\"'></script><svg poison onload=x>{{ 770770|add:770770 }}"
LOGIN = "/accounts/login/"
AWAY = ["https://evil.example/", "//evil.example/", "/\\evil.example", "\\\\evil.example", "javascript:alert(1)"]
# Without a form token by design: the signed link in a message is itself the proof.
WITHOUT_FORM_TOKEN = {"oncall:signed_page", "oncall:signed_trial"}


# A file is never shown; the chat's window and WeCom's sidebar stand in frames of those whom a setting names.
DOWNLOADED = "sandbox; default-src 'none'"
FRAMED = ("chat/", "wecom/")


class Taken(HTMLParser):
    """A page as a browser takes it apart; `found` names what must not be in it."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = dict(attrs)
        if "poison" in names or any(name.startswith("on") for name in names):
            self.found.append(f"<{tag} {names}>")
        if tag == "script" and "src" not in names and "json" not in (names.get("type") or ""):
            self.found.append("an inline script")
        for name in ("href", "src", "action", "formaction", "hx-get", "hx-post"):
            if re.match(r"\s*(javascript|data:text|vbscript)", names.get(name) or "", re.I):
                self.found.append(f"<{tag} {name}={names[name]}>")


@pytest.fixture
def things(world: World, telemetry: Any) -> Things:
    return make_things(world, telemetry)


@pytest.fixture
def poisoned(world: World, telemetry: Any, things: Things) -> Things:
    """Every text that somebody else can choose is hostile."""
    session = POISON[:64]
    facts = dict.fromkeys(("stream", "device", "province", "carrier", "sdk_version", "app_version", "edge"), POISON)
    rows = list(playback(world.show_app, session, world.now.replace(microsecond=0), stall_ms=4000, **facts))
    rows += [row | {"event": "error", "code": POISON, "detail": POISON, "interval_ms": 0} for row in rows[:1]]
    telemetry.add([row | {"ts": world.now, "user": POISON} for row in rows])
    telemetry.pool.command(
        "INSERT INTO rejects SELECT {customer:UInt32}, {app:UInt32}, now64(3), 'cmcd', 3, {text:String}, {text:String}",
        {"customer": world.show.pk, "app": world.show_app.pk, "text": POISON},
    )
    measure(telemetry, world.show_app, POISON, POISON)
    Customer.objects.update(name=POISON, name_zh=POISON)
    App.objects.update(name=POISON, name_zh=POISON)
    User.objects.update(name=POISON)
    IngestKey.objects.update(label=POISON)
    Resource.objects.update(name=POISON)
    Ticket.objects.update(title=POISON, title_zh=POISON)
    Message.objects.update(body=POISON, body_zh=POISON)
    Incident.objects.update(title=POISON, title_zh=POISON)
    Page.objects.update(title=POISON, title_zh=POISON)
    Delivery.objects.update(title=POISON, body=POISON)
    Monitor.objects.update(filters={"province": POISON})
    Alert.objects.update(filters={"province": POISON})
    ticket = Ticket.objects.earliest("pk")
    sessions = [{"session": POISON, "region": POISON, "network": POISON, "stall_ms": 9000, "app": world.show_app.ref}]
    ticket.evidence = {**ticket.evidence, "state": "ready", "sessions": sessions}
    ticket.save()
    things.fills["apps/<slug:ref>"] |= {"session": session, "name": POISON}
    return things


@pytest.mark.parametrize(
    ("name", "language"),
    [
        ("ada", "zh-hans"),
        ("zhao", "en"),
        pytest.param("ada", "en", marks=pytest.mark.long),
        pytest.param("zhao", "zh-hans", marks=pytest.mark.long),
    ],
)
def test_hostile_texts_are_inert_on_every_page(world: World, poisoned: Things, name: str, language: str) -> None:
    User.objects.update(language=language)
    client, shown = signed_in(world.people[name]), 0
    for route in all_routes():
        if route.name in ("notify:events", "web:static", "web:asset"):
            continue
        values = {key: quote(str(value), safe="") for key, value in poisoned.fill(route).items()}
        response = client.get(route.path(values), {"q": POISON, "status": POISON})
        assert response.status_code < 500, route.pattern
        if not response.headers.get("Content-Type", "").startswith("text/html"):
            continue
        text = response.content.decode()
        assert Taken(text).found == [], route.pattern
        assert "1541540" not in text, f"{route.pattern} ran it as a template"
        shown += "svg poison" in text
    assert shown > 15, "the hostile texts were shown as text"


def test_hostile_texts_are_inert_in_mail(world: World, things: Things) -> None:
    Delivery.objects.update(title=f"{POISON}\r\nBcc: thief@evil.example", body=POISON, channel="email")
    delivery = Delivery.objects.select_related("user", "contact").first()
    assert delivery is not None
    delivery.address = "lin@provider.example"
    sent = message_of(envelope_of(delivery, world.now), "<1@here>").message().as_bytes()
    message = message_from_bytes(sent, policy=policy.default)
    assert message["Bcc"] is None and "Bcc: thief@evil.example" in message["Subject"]
    html = next(part for part in message.walk() if part.get_content_type() == "text/html")
    assert Taken(html.get_payload(decode=True).decode()).found == []


def test_every_answer_carries_its_policies(world: World, things: Things) -> None:
    for client in (signed_in(world.ada), signed_in(None)):
        for route in all_routes():
            response = client.get(route.path(things.fill(route)))
            policy = response.headers.get("Content-Security-Policy", "")
            assert "unsafe" not in policy, route.pattern
            if policy == DOWNLOADED:
                assert response.headers["Content-Disposition"].startswith("attachment"), route.pattern
            else:
                assert "default-src 'self'" in policy or "default-src 'none'" in policy, route.pattern
                assert "object-src 'none'" in policy or "default-src 'none'" in policy, route.pattern
                assert route.pattern.startswith(FRAMED) or "frame-ancestors 'none'" in policy, route.pattern
            assert response.headers.get("X-Content-Type-Options") == "nosniff", route.pattern
            assert response.headers.get("Referrer-Policy") in ("same-origin", "no-referrer"), route.pattern


def is_for_programs(path: str) -> bool:
    """Whether a view asks for no form token because its callers are programs with a key, a token or a signature."""
    try:
        return getattr(resolve(path).func, "csrf_exempt", False)
    except Resolver404:
        return False


def test_no_form_is_taken_from_elsewhere(world: World, things: Things) -> None:
    """A page of somebody else's that posts with the victim's cookie."""
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    client.force_login(world.ada, backend="django.contrib.auth.backends.ModelBackend")
    foreign = {"Origin": "https://evil.example", "Referer": "https://evil.example/trap"}
    tickets = Ticket.objects.count()
    for route in all_routes():
        path = route.path(things.fill(route))
        for headers in ({}, foreign):
            status = client.post(path, things.posted, headers=headers).status_code
            if is_for_programs(path):
                assert status >= 400, f"POST {route.pattern} gave {status} for a cookie alone"
                continue
            expected = 404 if route.name in WITHOUT_FORM_TOKEN else 403
            assert status == expected, f"POST {route.pattern} gave {status}"
    assert Ticket.objects.count() == tickets and Incident.objects.get().status == "open"


@pytest.mark.parametrize("target", AWAY[:2])
def test_no_address_leads_away(world: World, things: Things, target: str) -> None:
    client = signed_in(world.ada)
    names = ("next", "redirect_to", "url", "return_to")
    for route in all_routes():
        path = route.path(things.fill(route))
        for response in (
            client.get(path, dict.fromkeys(names, target)),
            client.post(path, dict.fromkeys(names, target), headers={"Referer": target}),
        ):
            assert_stays(response.headers.get("Location", ""), route.pattern)
        if route.name == "account_logout":
            client = signed_in(world.ada)
    assert client.get("/me").status_code == 200


@pytest.mark.parametrize("target", AWAY)
def test_signing_in_leads_nowhere_else(world: World, target: str) -> None:
    response = Client().post(
        f"{LOGIN}?next={target}", {"login": world.zhao.email, "password": PASSWORD, "next": target}
    )
    assert response.status_code == 302
    assert_stays(response.headers["Location"], LOGIN)


def assert_stays(location: str, where: str) -> None:
    """A redirect goes to a path of ours."""
    assert not location or re.match(r"^/(?![/\\])", location) or location.startswith("?"), f"{where}: {location}"


def test_headers_cannot_be_injected(world: World, things: Things) -> None:
    client = signed_in(world.ada)
    for route in all_routes():
        path = route.path(things.fill(route))
        for response in (
            client.get(f"{path}?next=/%0d%0aX-Poison:%201&ref=%0d%0aX-Poison:%201"),
            client.post(path, {"next": "/\r\nX-Poison: 1", "language": "en\r\nX-Poison: 1"}),
        ):
            assert response.status_code < 500 and "X-Poison" not in response.headers, route.pattern
        if route.name == "account_logout":
            client = signed_in(world.ada)
    assert client.get("/me").status_code == 200


def test_a_session_is_new_at_signing_in_and_gone_at_signing_out(world: World) -> None:
    client = Client()
    client.get(LOGIN)
    client.cookies["sessionid"] = "fixed-by-an-attacker"
    client.post(LOGIN, {"login": world.zhao.email, "password": PASSWORD})
    cookie = client.cookies["sessionid"]
    assert cookie.value not in ("", "fixed-by-an-attacker")
    assert cookie["httponly"] and cookie["samesite"] == "Lax"
    stolen = Client()
    stolen.cookies["sessionid"] = cookie.value
    assert stolen.get("/me").status_code == 200
    client.post("/accounts/logout/")
    assert stolen.get("/me").status_code == 302
    assert len(set(cookie.value)) > 8


def test_forged_and_moved_links_take_nothing(world: World, things: Things) -> None:
    page = Page.objects.earliest("pk")
    good = link_path(page, world.eng)
    head, _, signature = good.rpartition(".")
    visitor = Client()
    for place in range(len(signature)):
        other = "A" if signature[place] != "A" else "B"
        assert visitor.post(f"{head}.{signature[:place]}{other}{signature[place + 1 :]}").status_code == 404
    for person in (world.ada, world.zhao, world.agent):
        assert visitor.post(good.replace(world.eng.ref, person.ref)).status_code == 404
    second = Page.objects.create(subject_ref="other", severity="red", title="x", url_path="/", opened_at=world.now)
    assert visitor.post(good.replace(page.ref, second.ref)).status_code == 404
    for token in ("", ".", "x" * 5000, f"{world.eng.ref}.", "%00", "..%2F..%2Fadmin"):
        assert visitor.post(f"/p/{page.ref}/{token}").status_code in (404, 302, 301)
    assert Page.objects.get(pk=page.pk).state == "open"


def test_a_replayed_link_changes_nothing_anymore(world: World, things: Things) -> None:
    page = Page.objects.earliest("pk")
    acknowledge_page(page=page, user=world.mei, via="console", now=world.now)
    before = Page.objects.values().get(pk=page.pk)
    visitor = Client()
    for _ in range(2):
        assert visitor.post(link_path(page, world.eng)).status_code == 302
    assert Page.objects.values().get(pk=page.pk) == before, "of two the first holds"


def test_refs_cannot_be_guessed(world: World, things: Things) -> None:
    refs = [new_ref() for _ in range(2000)]
    assert len(set(refs)) == 2000 and {len(ref) for ref in refs} == {12}
    for place in range(12):
        assert len({ref[place] for ref in refs}) > 25, "a place of the ref hardly varies"
    client = signed_in(world.ada)
    for route in all_routes():
        if "ref" not in route.parameters:
            continue
        for guess in ("1", "2", str(world.show.pk), str(world.show_app.pk)):
            path = route.path({**things.fill(route), "ref": guess})
            refused = (403, 404, 405) if route.pattern.startswith("hooks/desk/") else (404, 405)
            assert client.get(path).status_code in refused, f"{path}: counted numbers are no addresses"
