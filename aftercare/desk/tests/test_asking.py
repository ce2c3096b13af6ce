"""The fields that are asked for first, the sessions beside a ticket, a user's SDK log."""

from datetime import timedelta
from typing import Any

from aftercare.accounts.queries import user_hash
from aftercare.audit.models import Entry
from aftercare.desk import actions
from aftercare.desk.engine import keep_house
from aftercare.desk.models import Attachment, LogRequest, Message, Ticket, TicketFact
from aftercare.desk.tests.team import asks
from aftercare.telemetry.tests.made import playback
from tests.world import World

HOUR = timedelta(hours=1)


def test_the_customer_fills_in_a_small_form(world: World) -> None:
    ticket = asks(world)
    path = f"/tickets/{ticket.ref}"
    world.client("agent").post(f"{path}/facts/request", {"fields": ["user", "sdk_version"]})
    asked = Message.objects.filter(ticket=ticket, author=world.agent).get()
    assert "用户" in asked.body or "user id" in asked.body
    page = world.client("zhao").get(path).content.decode()
    assert 'name="user"' in page
    assert 'name="network"' not in page
    world.client("zhao").post(f"{path}/facts/answers", {"user": "alice", "sdk_version": "", "device": "not asked"})
    assert dict(TicketFact.objects.values_list("field", "value")) == {"user": "alice"}
    assert 'name="user"' not in world.client("zhao").get(path).content.decode()
    assert world.client("zhao").post(f"{path}/facts/answers", {"user": "x"}).status_code == 409
    assert "alice" not in str(list(Entry.objects.values_list("detail", flat=True)))


def test_asking_rejects(world: World) -> None:
    ticket = asks(world)
    path = f"/tickets/{ticket.ref}"
    for bad in ([], ["no_such"], ["user", "password"]):
        assert world.client("agent").post(f"{path}/facts/request", {"fields": bad}).status_code == 409
    for name in ("stranger", "zhao"):
        assert world.client(name).post(f"{path}/facts/request", {"fields": ["user"]}).status_code == 404
    world.client("agent").post(f"{path}/facts/request", {"fields": ["user"]})
    assert world.client("zhao").post(f"{path}/facts/answers", {"user": "  "}).status_code == 409
    assert world.client("viewer").post(f"{path}/facts/answers", {"user": "x"}).status_code == 403
    assert world.client("stranger").post(f"{path}/facts/answers", {"user": "x"}).status_code == 404
    assert world.client("agent").post(f"{path}/facts/answers", {"user": "x"}).status_code == 404


def sessions_of(world: World, telemetry: Any) -> None:
    """Alice stalls for 3 s two hours ago; a namesake of the other customer does too."""
    at = world.now - 2 * HOUR
    facts = {"sdk_version": "4.12.0", "device": "Pixel 9", "network": "wifi", "stream": "room-7"}
    hashed = user_hash(world.show, "alice_1").hex()
    telemetry.add(list(playback(world.show_app, "s-alice", at, stall_ms=3000, user=hashed, **facts)))
    telemetry.add(list(playback(world.social_app, "s-other", at, user=user_hash(world.social, "alice_1").hex())))


def test_the_real_sessions_stand_beside_it(world: World, telemetry: Any) -> None:
    sessions_of(world, telemetry)
    ticket = asks(world, body="uid: alice_1 看不了")
    page = world.client("agent").get(f"/tickets/{ticket.ref}").content.decode()
    assert f'hx-get="/tickets/{ticket.ref}/sessions"' in page
    for name in ("agent", "zhao"):
        part = world.client(name).get(f"/tickets/{ticket.ref}/sessions").content.decode()
        assert f"/apps/{world.show_app.ref}/sessions/s-alice" in part
        assert 'value="alice_1"' in part
        assert "Pixel 9" in part
        assert "s-other" not in part
        assert "<html" not in part
    assert world.client("stranger").get(f"/tickets/{ticket.ref}/sessions").status_code == 404


def test_around_the_time_that_is_mentioned(world: World, telemetry: Any) -> None:
    sessions_of(world, telemetry)
    local = (world.now - 2 * HOUR).astimezone().strftime("%Y-%m-%d %H:%M+00:00")
    near = asks(world, body=f"uid: alice_1 at {local}")
    far = asks(world, body="uid: alice_1 2026-01-01 20:00")
    client = world.client("agent")
    assert "s-alice" in client.get(f"/tickets/{near.ref}/sessions").content.decode()
    part = client.get(f"/tickets/{far.ref}/sessions").content.decode()
    assert "s-alice" not in part
    assert "Nothing was reported by alice_1 in this time: that is unknown, not healthy." in part


def test_nothing_mentioned_and_a_search_by_hand(world: World, telemetry: Any) -> None:
    sessions_of(world, telemetry)
    ticket = asks(world)
    path = f"/tickets/{ticket.ref}/sessions"
    assert "name no user, stream or session" in world.client("agent").get(path).content.decode()
    assert "s-alice" in world.client("agent").get(path, {"q": "room-7"}).content.decode()
    hostile = world.client("agent").get(path, {"q": "'; DROP TABLE sessions; --<script>\x00"})
    assert hostile.status_code == 200
    assert "<script>" not in hostile.content.decode()


def test_fields_are_filled_from_a_session_and_never_over_what_was_told(world: World, telemetry: Any) -> None:
    sessions_of(world, telemetry)
    ticket = asks(world, body="uid: alice_1")
    path = f"/tickets/{ticket.ref}"
    world.client("agent").post(f"{path}/facts/request", {"fields": ["device"]})
    world.client("zhao").post(f"{path}/facts/answers", {"device": "Pixel 8"})
    took = {"app": world.show_app.ref, "session": "s-alice"}
    assert world.client("zhao").post(f"{path}/facts", took).status_code == 404
    assert world.client("agent").post(f"{path}/facts", took).status_code == 302
    facts = dict(TicketFact.objects.values_list("field", "value"))
    assert facts["sdk_version"] == "4.12.0"
    assert facts["network"] == "wifi"
    assert facts["room"] == "room-7"
    assert facts["device"] == "Pixel 8"
    others = {"app": world.social_app.ref, "session": "s-other"}
    assert world.client("agent").post(f"{path}/facts", others).status_code == 409
    assert world.client("agent").post(f"{path}/facts", {**took, "session": "nope"}).status_code == 409


def file_on(ticket: Ticket, world: World) -> Attachment:
    message = actions.reply(ticket=ticket, author=world.zhao, body="here", now=world.now)
    return Attachment.objects.create(
        message=message, name="sdk.log", media_type="text/plain", size=3, sha256="0" * 64, created_at=world.now
    )


def test_a_log_from_asking_to_what_was_found(world: World) -> None:
    ticket = asks(world)
    path = f"/tickets/{ticket.ref}"
    world.client("agent").post(f"{path}/logs", {"identifier": "alice"})
    log = LogRequest.objects.get()
    assert log.user_hash == user_hash(world.show, "alice").hex()
    zhao, agent = world.client("zhao"), world.client("agent")
    assert agent.post(f"{path}/logs", {"identifier": "alice"}).status_code == 409
    step = {"log": log.ref}
    assert zhao.post(f"{path}/log-steps", {**step, "state": "analysed", "note": "x"}).status_code == 409
    zhao.post(f"{path}/log-steps", {**step, "state": "sent"})
    assert zhao.post(f"{path}/log-steps", {**step, "state": "uploaded"}).status_code == 409
    file = file_on(ticket, world)
    zhao.post(f"{path}/log-steps", {**step, "state": "uploaded", "file": file.ref})
    assert zhao.post(f"{path}/log-steps", {**step, "state": "analysed", "note": "me"}).status_code == 409
    agent.post(f"{path}/log-steps", {**step, "state": "analysed", "note": "DNS took 8 s"})
    log.refresh_from_db()
    assert (log.state, log.file, log.note) == ("analysed", file, "DNS took 8 s")
    assert [line[0] for line in log.history] == ["asked", "sent", "uploaded", "analysed"]
    assert "DNS took 8 s" in zhao.get(path).content.decode()


def test_a_file_of_another_ticket_is_no_log_of_this_one(world: World) -> None:
    ticket, other = asks(world), asks(world)
    world.client("agent").post(f"/tickets/{ticket.ref}/logs", {"identifier": "alice"})
    step = {"log": LogRequest.objects.get().ref, "state": "uploaded", "file": file_on(other, world).ref}
    assert world.client("zhao").post(f"/tickets/{ticket.ref}/log-steps", step).status_code == 409
    assert world.client("zhao").post(f"/tickets/{other.ref}/log-steps", step).status_code == 409
    assert world.client("stranger").post(f"/tickets/{ticket.ref}/log-steps", step).status_code == 404


def test_what_nobody_answers_expires(world: World) -> None:
    ticket = asks(world)
    world.client("agent").post(f"/tickets/{ticket.ref}/logs", {"identifier": "alice"})
    keep_house(world.now + 71 * HOUR)
    assert LogRequest.objects.get().state == "asked"
    keep_house(world.now + 73 * HOUR)
    assert LogRequest.objects.get().state == "expired"
    step = {"log": LogRequest.objects.get().ref, "state": "sent"}
    assert world.client("zhao").post(f"/tickets/{ticket.ref}/log-steps", step).status_code == 409
