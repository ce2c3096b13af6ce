"""What customers answer, by page, ticket and API, and what nobody else can do to it."""

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from aftercare.desk.models import Message
from aftercare.incidents import engine
from aftercare.incidents.changes.announcing import move_window
from aftercare.incidents.changes.answering import answer_change, decline_wish
from aftercare.incidents.models import Change
from aftercare.incidents.tests.changing import DAY, HOUR, announced, draft, make_edge, told
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Delivery
from tests.world import World

SHANGHAI = ZoneInfo("Asia/Shanghai")


def typed(change: Change, days: int) -> dict[str, str]:
    """A wish for the same hour some days later, as a browser sends it."""
    at = (change.starts_at + timedelta(days=days)).astimezone(SHANGHAI)
    return {
        "answer": "postpone",
        "window": str(change.window),
        "reason": "Our gala is that night.",
        "local_from": f"{at:%Y-%m-%dT%H:%M}",
        "local_until": f"{at + HOUR:%Y-%m-%dT%H:%M}",
    }


@pytest.fixture
def change(world: World) -> Change:
    """A cut-over of whose edge Starlight lives, told seven days before."""
    make_edge(world)
    change = announced(world)
    engine.process_due(world.now + 3.1 * DAY)
    return change


def test_the_customer_confirms_once_however_often_it_is_pressed(world: World, change: Change) -> None:
    client = world.client("zhao")
    for _twice in range(2):
        assert client.post(f"/changes/{change.ref}/answer", {"answer": "confirm", "window": "1"}).status_code == 302
    assert change.story.filter(kind="confirmed").count() == 1
    assert sum("confirmed the window" in one for one in told(change)) == 1
    assert "1 of 1 confirmed" in world.client("eng").get("/changes").content.decode()


def test_a_wish_goes_to_the_owner_who_moves_the_window_there(world: World, change: Change) -> None:
    client = world.client("zhao")
    assert client.post(f"/changes/{change.ref}/answer", typed(change, 7)).status_code == 302
    assert Delivery.objects.filter(kind="change.asked", user=world.eng, subject_ref=change.ref).count() == 1
    page = world.client("eng").get(f"/changes/{change.ref}").content.decode()
    assert "Our gala is that night." in page and "Move it there" in page
    wish = {name: value for name, value in typed(change, 7).items() if name.startswith("local")}
    assert world.client("eng").post(f"/changes/{change.ref}/window", wish).status_code == 302
    change.refresh_from_db()
    assert change.window == 2
    touched = change.customers.get()
    assert touched.present_answer == "confirm", "who wished this window has confirmed it"
    engine.process_due(world.now + 3.2 * DAY)
    assert sum("has a new window" in one for one in told(change)) == 1


def test_a_wish_is_declined_with_the_reason_that_the_customer_reads(world: World, change: Change) -> None:
    world.client("zhao").post(f"/changes/{change.ref}/answer", typed(change, 7))
    with pytest.raises(Refused, match="Explain"):
        decline_wish(change=change, customer=world.show, reason=" ", actor=world.eng, now=world.now)
    decline_wish(change=change, customer=world.show, reason="The old switch dies.", actor=world.eng, now=world.now)
    engine.process_due(world.now + 3.2 * DAY)
    assert "cannot postpone" in told(change)[-1] and "The old switch dies." in told(change)[-1]
    with pytest.raises(Refused, match="does not ask"):
        decline_wish(change=change, customer=world.show, reason="Again.", actor=world.eng, now=world.now)


def test_an_answer_to_a_window_that_moved_is_not_one_to_the_new(world: World, change: Change) -> None:
    world.client("zhao").post(f"/changes/{change.ref}/answer", {"answer": "confirm", "window": "1"})
    at = world.now + 20 * DAY
    move_window(change=change, starts_at=at, ends_at=at + HOUR, actor=world.eng, now=world.now + 4 * DAY)
    change.refresh_from_db()
    assert change.customers.get().present_answer == ""
    replayed = world.client("zhao").post(f"/changes/{change.ref}/answer", {"answer": "confirm", "window": "1"})
    assert replayed.status_code == 409 and "was moved since" in replayed.content.decode()
    assert change.customers.get().present_answer == ""


@pytest.mark.parametrize(
    ("facts", "sentence"),
    [
        ({"answer": "maybe"}, "or ask to postpone"),
        ({"answer": "postpone", "reason": ""}, "does not suit"),
        ({"window": "7"}, "was moved since"),
        ({"window": "x"}, "was moved since"),
    ],
)
def test_what_is_no_answer_gets_a_sentence(world: World, change: Change, facts: dict[str, Any], sentence: str) -> None:
    said = {"answer": "confirm", "window": "1", **facts}
    response = world.client("zhao").post(f"/changes/{change.ref}/answer", said)
    assert response.status_code == 409 and sentence in response.content.decode()


def test_strangers_find_nothing_and_answer_nothing(world: World, change: Change) -> None:
    stranger = world.client("stranger")
    assert stranger.get(f"/changes/{change.ref}").status_code == 404
    for path in ("answer", "start", "announcement", "window", "customers", "cancellation"):
        said = {"answer": "confirm", "window": "1", "customer": world.show.ref}
        assert stranger.post(f"/changes/{change.ref}/{path}", said).status_code == 404
    assert change.ref not in stranger.get("/changes").content.decode()
    assert change.customers.get().answer == ""


def test_a_customer_of_it_answers_for_itself_alone(world: World) -> None:
    make_edge(world)
    change = announced(world, customers=[world.social])
    said = {"answer": "confirm", "window": "1", "customer": world.show.ref}
    assert world.client("stranger").post(f"/changes/{change.ref}/answer", said).status_code == 302
    answers = dict(change.customers.values_list("customer__name", "answer"))
    assert answers == {"Starlight Show": "", "Whisper 1-1": "confirm"}
    page = world.client("stranger").get(f"/changes/{change.ref}").content.decode()
    assert "Starlight" not in page and "Drain, move" not in page and "Lin" not in page and "old switches" not in page


def test_a_draft_is_no_business_of_customers(world: World) -> None:
    make_edge(world)
    change = draft(world)
    assert world.client("zhao").get(f"/changes/{change.ref}").status_code == 404
    assert change.ref not in world.client("zhao").get("/changes").content.decode()


def test_a_reader_may_look_and_not_answer(world: World, change: Change) -> None:
    viewer = world.client("viewer")
    assert "Confirm the window" not in viewer.get(f"/changes/{change.ref}").content.decode()
    said = {"answer": "confirm", "window": "1"}
    assert viewer.post(f"/changes/{change.ref}/answer", said).status_code == 403
    assert world.client("agent").post(f"/changes/{change.ref}/start").status_code == 403


def test_it_is_answered_from_the_ticket(world: World, change: Change) -> None:
    ticket = change.customers.get().ticket
    assert ticket is not None
    part = world.client("zhao").get(f"/changes/of-ticket/{ticket.ref}").content.decode()
    assert f"/changes/{change.ref}/answer" in part and "Confirm the window" in part
    assert "They confirmed it" in world.client("eng").get(f"/changes/of-ticket/{ticket.ref}").content.decode()
    assert world.client("stranger").get(f"/changes/of-ticket/{ticket.ref}").status_code == 404
    assert f"of-ticket/{ticket.ref}" in world.client("zhao").get(f"/tickets/{ticket.ref}").content.decode()


def test_ours_write_down_what_a_customer_said_elsewhere(world: World, change: Change) -> None:
    said = {"answer": "confirm", "window": "1", "customer": world.show.ref}
    assert world.client("eng").post(f"/changes/{change.ref}/answer", said).status_code == 302
    touched = change.customers.get()
    assert (touched.answer, touched.answered_by) == ("confirm", world.eng)


def test_after_its_begin_nobody_answers(world: World, change: Change) -> None:
    Change.objects.filter(pk=change.pk).update(state="running", started_at=world.now)
    with pytest.raises(Refused, match="has begun"):
        answer_change(change=change, customer=world.show, answer="confirm", window=1, by=world.zhao, now=world.now)


def test_scripts_in_its_texts_stay_texts(world: World, change: Change) -> None:
    evil = "<script>alert(1)</script>"
    Change.objects.filter(pk=change.pk).update(title=evil, title_zh=evil, feel=evil, feel_zh=evil, plan=evil)
    world.client("zhao").post(f"/changes/{change.ref}/answer", {**typed(change, 7), "reason": evil})
    for name in ("eng", "zhao"):
        for path in (f"/changes/{change.ref}", "/changes"):
            assert evil not in world.client(name).get(path).content.decode()
    assert Message.objects.filter(body__contains=evil).exists()
