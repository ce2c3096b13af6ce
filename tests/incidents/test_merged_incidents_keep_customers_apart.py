"""Two customers' incidents are merged: a customer of one reads nothing of the other, on no page, in no file, in no
ticket, now or whatever comes later.
"""

from datetime import timedelta
from typing import Any

import pytest

from aftercare.desk.models import Message, Ticket
from aftercare.incidents import actions, engine
from aftercare.incidents.models import Incident, StatusPage
from aftercare.incidents.review.document import document_for
from aftercare.incidents.status.facts import gather
from aftercare.incidents.telling.posting import post_update
from aftercare.incidents.tests.scene import close_alert, open_alert
from aftercare.kernel.clock import utc_now
from tests.world import World

SHOW, SOCIAL = ("Starlight", "星光"), ("Whisper", "耳语")
TOLD_BEFORE = "The stage of the gala is what broke."


def read_by(world: World, name: str, *incidents: Incident) -> str:
    """Everything that this customer's person can open about them, redirects followed."""
    client, text = world.client(name), ""
    paths = ["/", "/incidents", "/incidents?status=resolved", "/incidents/strip", "/search?q=rate", "/search?q=down"]
    for one in incidents:
        paths += [f"/incidents/{one.ref}", f"/incidents/{one.ref}?own=1", f"/incidents/{one.ref}/live"]
        paths += [f"/incidents/{one.ref}/measured", f"/incidents/{one.ref}?whole=1"]
    for path in paths:
        answer = client.get(path, follow=True)
        text += answer.content.decode() if answer.status_code == 200 else ""
    return text


def said_to(world: World, customer: Any) -> str:
    """Every word and title of their tickets."""
    tickets = Ticket.objects.filter(customer=customer)
    words = [f"{one.title} {one.title_zh}" for one in tickets]
    words += [f"{one.body} {one.body_zh}" for one in Message.objects.filter(ticket__in=tickets)]
    return "\n".join(words)


def keeps_apart(world: World, *incidents: Incident) -> None:
    """Neither reads a word of the other."""
    theirs = read_by(world, "stranger", *incidents) + said_to(world, world.social)
    assert not [word for word in (*SHOW, TOLD_BEFORE) if word in theirs]
    ours = read_by(world, "zhao", *incidents) + said_to(world, world.show)
    assert not [word for word in SOCIAL if word in ours]


def finds(world: World, name: str, words: str, incident: Incident) -> bool:
    """Whether this person's search finds it by these words."""
    return f"/incidents/{incident.ref}" in world.client(name).get(f"/search?q={words}").content.decode()


def facts(number: int, body: str) -> dict[str, Any]:
    """An update's."""
    within = timedelta(minutes=30)
    told = {"stage": "identified", "body": body, "body_zh": body, "next_within": within}
    return {**told, "token": str(number) * 32, "now": utc_now()}


@pytest.mark.parametrize("stays", [0, 1])
def test_monitored(world: World, stays: int) -> None:
    first = open_alert(world, at=world.now - timedelta(minutes=10))
    open_alert(world, at=world.now, app=world.social_app, severity="warning")
    both = list(Incident.objects.order_by("opened_at"))
    post_update(incident=both[0], author=world.eng, **facts(1, TOLD_BEFORE))
    engine.process_due(utc_now())
    home, gone = both[stays], both[1 - stays]
    said = {"with": home.ref, "stays": home.ref}
    assert world.client("eng").post(f"/incidents/{gone.ref}/merging", said).status_code == 302
    keeps_apart(world, *both)
    assert TOLD_BEFORE in read_by(world, "zhao", *both), "what was told to them stays theirs"
    assert finds(world, "eng", home.title.split()[3], home)
    assert not finds(world, "stranger", "Starlight", home) and not finds(world, "zhao", "Whisper", home)
    post_update(incident=home, author=world.eng, **facts(2, "One part of our network."))
    engine.process_due(utc_now())
    keeps_apart(world, *both)
    later = world.now + timedelta(minutes=1)
    open_alert(world, at=later, app=world.social_app, metric="join_time")
    keeps_apart(world, *both)
    actions.resolve_incident(incident=home, user=world.eng, anyway=True, now=later)
    close_alert(first, at=later)
    engine.process_due(later + timedelta(minutes=11))
    home.refresh_from_db()
    assert home.status == "open", "an alert of Whisper's lasts"
    keeps_apart(world, *both)


def test_one_that_many_read(world: World) -> None:
    """Opened by hand for several; then what monitoring saw at one of them goes into it, and turns worse there."""
    said = {"title": "Login is down", "title_zh": "登录中断", "severity": "warning", "token": "c" * 32}
    customers = [world.show.ref, world.social.ref]
    world.client("eng").post("/incidents/new", {**said, "customers": customers})
    home = Incident.objects.get()
    open_alert(world, at=world.now, severity="warning")
    gone = Incident.objects.exclude(pk=home.pk).get()
    said = {"with": home.ref, "stays": home.ref}
    assert world.client("eng").post(f"/incidents/{gone.ref}/merging", said).status_code == 302
    open_alert(world, at=world.now, metric="join_time")
    home.refresh_from_db()
    assert (home.severity, home.title) == ("red", "Login is down")
    post_update(incident=home, author=world.eng, **facts(1, "We look."))
    engine.process_due(utc_now())
    keeps_apart(world, home, gone)


def test_one_that_was_written_for_another_alone(world: World) -> None:
    """Its title names whom it was written for: nobody else is brought to read it."""
    said = {"title": "Starlight cannot log in", "title_zh": "", "severity": "red", "token": "c" * 32}
    world.client("eng").post("/incidents/new", {**said, "customers": [world.show.ref]})
    written = Incident.objects.get()
    open_alert(world, at=world.now, app=world.social_app)
    seen = Incident.objects.exclude(pk=written.pk).get()
    address = f"/incidents/{seen.ref}/merging"
    page = world.client("eng").get(f"{address}?with={written.ref}&stays={written.ref}").content.decode()
    assert "was written for Starlight Show alone" in page and "Merge them" not in page
    answer = world.client("eng").post(address, {"with": written.ref, "stays": written.ref})
    assert answer.status_code == 409
    keeps_apart(world, written, seen)
    answer = world.client("eng").post(address, {"with": written.ref, "stays": seen.ref})
    assert answer.status_code == 302, "the other way round it can"
    keeps_apart(world, written, seen)


def test_one_written_for_one_alone_names_nobody_once_it_touches_another(world: World) -> None:
    said = {"title": "Login is down", "title_zh": "", "severity": "red", "token": "c" * 32}
    world.client("eng").post("/incidents/new", {**said, "customers": [world.show.ref]})
    incident = Incident.objects.get()
    world.client("eng").post(f"/incidents/{incident.ref}/customers", {"customer": world.social.ref})
    keeps_apart(world, incident)


def test_who_was_added_by_hand_gets_a_ticket_that_names_nobody(world: World) -> None:
    open_alert(world, at=world.now)
    incident = Incident.objects.get()
    world.client("eng").post(f"/incidents/{incident.ref}/customers", {"customer": world.social.ref})
    post_update(incident=incident, author=world.eng, **facts(1, "We look."))
    engine.process_due(utc_now())
    assert Ticket.objects.get(customer=world.social).title == "Service disruption"
    keeps_apart(world, incident)


def test_status_pages_and_reports(world: World) -> None:
    open_alert(world, at=world.now - timedelta(minutes=10))
    open_alert(world, at=world.now, app=world.social_app)
    home, gone = Incident.objects.order_by("opened_at")
    post_update(incident=home, author=world.eng, **facts(1, TOLD_BEFORE))
    post_update(incident=gone, author=world.eng, **facts(2, "Whisper: we look."))
    world.client("eng").post(f"/incidents/{gone.ref}/merging", {"with": home.ref})
    pages = [
        StatusPage.objects.create(customer=one, is_open=True, due_at=world.now) for one in (world.show, world.social)
    ]
    ours, theirs = gather(pages, utc_now())
    [mine], [other] = ours.going_on, theirs.going_on
    assert [told.body for told in mine.updates] == [TOLD_BEFORE]
    assert [told.body for told in other.updates] == ["Whisper: we look."], "what they were told goes along"
    assert (mine.title, other.title) == ("Service disruption", "Service disruption")
    world.client("eng").post(f"/incidents/{home.ref}/review/post-mortem")
    home.refresh_from_db()
    documents = [str(document_for(home.post_mortem, one)) for one in (world.social, world.show)]
    assert "Starlight" not in documents[0] and TOLD_BEFORE not in documents[0]
    assert "Whisper" not in documents[1]
