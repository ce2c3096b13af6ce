"""The timeline is annotated, and notes stand where they happened; customers read none of it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aftercare.audit.models import Entry
from aftercare.incidents.models import Annotation, Incident, Kind, PostMortem, TimelineEntry
from aftercare.incidents.review.duty import zone_of_provider
from aftercare.kernel.clock import utc_now
from tests.world import World


def opened(incident: Incident) -> TimelineEntry:
    """The line that says that it opened."""
    return incident.timeline.get(kind=Kind.OPENED)


def write(world: World, incident: Incident, who: str = "eng", entry: int | None = None, **said: str) -> Any:
    """Somebody sends a form of a line's page."""
    return world.client(who).post(f"/incidents/{incident.ref}/lines?entry={entry or opened(incident).pk}", said)


def page_of(world: World, incident: Incident, who: str = "eng") -> str:
    """The incident as this person reads it."""
    return world.client(who).get(f"/incidents/{incident.ref}").content.decode()


def test_it_works(world: World, incident: Incident) -> None:
    assert f"/incidents/{incident.ref}/lines?entry={opened(incident).pk}" in page_of(world, incident)
    assert write(world, incident, text="The gala began at that minute.").status_code == 302
    write(world, incident, text="The gala began at that minute.")
    write(world, incident, "mei", text="And the uplink was at 94%.")
    page = page_of(world, incident)
    assert page.count("The gala began at that minute.") == 1 and "And the uplink was at 94%." in page
    assert [one.author for one in opened(incident).annotations.all()] == [world.eng, world.mei]
    assert Entry.objects.filter(action="incident.annotate").count() == 2
    theirs = (
        page_of(world, incident, "zhao") + world.client("zhao").get(f"/incidents/{incident.ref}/live").content.decode()
    )
    assert "gala" not in theirs and "/lines" not in theirs


def test_edited_and_withdrawn_it_keeps_what_it_said(world: World, incident: Incident) -> None:
    write(world, incident, text="It was edge 2.")
    row = Annotation.objects.get()
    said = {"annotation": str(row.pk), "seen": "1"}
    assert write(world, incident, text="It was edge 3.", **said).status_code == 302
    page = page_of(world, incident)
    assert "It was edge 3." in page and "It was edge 2." not in page and "edited" in page
    own = world.client("mei").get(f"/incidents/{incident.ref}/lines?entry={opened(incident).pk}").content.decode()
    assert "It was edge 2." in own and "What it said before" in own
    assert write(world, incident, "mei", text="Nonsense", **said).status_code == 409, "only who wrote it"
    assert write(world, incident, "mei", withdraw="1", **said).status_code == 409
    assert write(world, incident, withdraw="1", **said).status_code == 302
    assert "It was edge 3." not in page_of(world, incident)
    own = world.client("mei").get(f"/incidents/{incident.ref}/lines?entry={opened(incident).pk}").content.decode()
    assert "<s>It was edge 3.</s>" in own and "withdrawn" in own


def test_in_two_windows_nothing_is_overwritten(world: World, incident: Incident) -> None:
    write(world, incident, text="It was edge 2.")
    said = {"annotation": str(Annotation.objects.get().pk), "seen": "1"}
    write(world, incident, text="It was edge 3.", **said)
    answer = write(world, incident, text="It was edge 4.", **said)
    page = answer.content.decode()
    assert answer.status_code == 409 and "Nothing is overwritten" in page
    assert "It was edge 3." in page and ">It was edge 4.</textarea>" in page and 'name="seen" value="2"' in page
    assert Annotation.objects.get().text == "It was edge 3."


@pytest.mark.parametrize(("text", "sentence"), [(" ", "Write something first"), ("x" * 2_001, "2000 characters")])
def test_what_cannot_be_kept_is_said_and_stays_typed(
    world: World, incident: Incident, text: str, sentence: str
) -> None:
    answer = write(world, incident, text=text)
    assert answer.status_code == 409 and sentence in answer.content.decode() and text in answer.content.decode()
    assert not Annotation.objects.exists()


def test_a_stored_script_is_words(world: World, incident: Incident) -> None:
    bad = "<script>alert(1)</script>"
    write(world, incident, text=bad)
    assert bad not in page_of(world, incident)
    assert (
        bad
        not in world.client("eng").get(f"/incidents/{incident.ref}/lines?entry={opened(incident).pk}").content.decode()
    )


def test_only_the_providers_own_may_and_of_its_own_lines(world: World, incident: Incident) -> None:
    path = f"/incidents/{incident.ref}/lines?entry={opened(incident).pk}"
    for name in ("zhao", "stranger", "success"):
        assert world.client(name).get(path).status_code in (403, 404), name
        assert write(world, incident, name, text="Hello").status_code in (403, 404), name
    said = {"title": "Login is down", "severity": "red", "token": "c" * 32}
    world.client("eng").post("/incidents/new", said)
    other = Incident.objects.exclude(pk=incident.pk).get()
    line = other.timeline.get(kind=Kind.DECLARED)
    assert write(world, incident, entry=line.pk, text="Hello").status_code == 404
    assert not Annotation.objects.exists()


def noted(world: World, incident: Incident, **said: str) -> Any:
    """Lin sends the form of notes."""
    return world.client("eng").post(f"/incidents/{incident.ref}/notes", said)


def test_a_note_of_an_earlier_time_stands_there_and_says_so(world: World, incident: Incident) -> None:
    noted(world, incident, text="Now.")
    at = (incident.opened_at - timedelta(minutes=3)).replace(second=0, microsecond=0)
    typed = at.astimezone(ZoneInfo(world.eng.timezone or "Asia/Shanghai")).strftime("%Y-%m-%dT%H:%M")
    assert noted(world, incident, text="I restarted edge 3.", happened_at=typed).status_code == 302
    row = incident.timeline.get(data__text="I restarted edge 3.")
    assert row.at == at and row.told_at is not None
    page = page_of(world, incident)
    assert page.index("I restarted edge 3.") < page.index("Incident opened") < page.index("Now.")
    assert page.count("· written down") == 1
    assert "I restarted edge 3." not in page_of(world, incident, "zhao")


def test_a_time_that_cannot_be_is_refused_and_the_text_stays(world: World, incident: Incident) -> None:
    day = timedelta(days=1)
    for at, sentence in (
        ((utc_now() + day).isoformat()[:16], "still to come"),
        ((utc_now() - 30 * day).isoformat()[:16], "more than 7 days before"),
        ("yesterday", "Choose a day and a time"),
    ):
        answer = noted(world, incident, text="I restarted edge 3.", happened_at=at)
        page = answer.content.decode()
        assert answer.status_code == 409 and sentence in page and "I restarted edge 3." in page
    assert not incident.timeline.filter(kind=Kind.NOTE).exists()


def test_the_post_mortem_begins_with_them(world: World, incident: Incident) -> None:
    noted(world, incident, text="I restarted edge 3.")
    write(world, incident, text="The gala began at that minute.")
    world.client("eng").post(f"/incidents/{incident.ref}/review/post-mortem")
    row = PostMortem.objects.get()
    at = incident.opened_at.astimezone(zone_of_provider(utc_now()))
    said = row.content["texts"]["noted"]["en"].splitlines()
    assert said[0] == f"{at:%H:%M} Lin: The gala began at that minute." and said[1].endswith(
        " Lin: I restarted edge 3."
    )
    assert "noted" not in row.content["told"], "customers do not read it unless somebody decides so"
    del row.content["texts"]["noted"]  # as one has it that is older than this part
    row.save()
    assert world.client("eng").get(f"/post-mortems/{row.ref}").status_code == 200


def test_over_the_api(world: World, incident: Incident) -> None:
    lin, path = world.client("eng"), f"/api/v1/incidents/{incident.ref}"

    def call(client: Any, method: str, where: str, **said: Any) -> Any:
        return getattr(client, method)(f"{path}/{where}", said, content_type="application/json")

    under = f"timeline/{opened(incident).pk}/annotations"
    assert call(world.client("zhao"), "post", under, text="Hello").status_code in (403, 404)
    assert call(lin, "post", f"timeline/{2**40}/annotations", text="Hello").status_code in (400, 409)
    for _twice in range(2):
        assert call(lin, "post", under, text="The gala began.").status_code == 200
    [row] = Annotation.objects.all()
    assert call(lin, "put", f"annotations/{row.pk}", text="The gala ended.", seen=1).status_code == 200
    assert call(lin, "put", f"annotations/{row.pk}", text="The gala went on.", seen=1).status_code in (400, 409)
    at = (incident.opened_at - timedelta(minutes=3)).isoformat()
    assert call(lin, "post", "notes", text="I restarted edge 3.", happened_at=at).status_code == 200
    assert "offset" in call(lin, "post", "notes", text="x", happened_at="2026-12-01T20:07:00").content.decode()
    told = lin.get(f"{path}/timeline").json()["entries"]
    line = next(one for one in told if one["kind"] == "opened")
    assert [(one["text"], one["number"]) for one in line["annotations"]] == [("The gala ended.", 2)]
    assert next(one for one in told if one["kind"] == "note")["told_at"]
    theirs = world.client("zhao").get(f"{path}/timeline").json()["entries"]
    assert {one["id"] for one in theirs} == {None} and not any(one["annotations"] for one in theirs)
    assert call(lin, "delete", f"annotations/{row.pk}").status_code == 200
    assert not any(one["annotations"] for one in lin.get(f"{path}/timeline").json()["entries"])
