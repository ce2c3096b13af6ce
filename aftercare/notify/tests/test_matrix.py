"""Words go into a Matrix room in their speaker's own name, once, and the homeserver's refusals are understood."""

from typing import Any

import pytest

from aftercare.kernel.clock import utc_now
from aftercare.notify.adapters.vendors import matrix
from aftercare.notify.envelope import Credentials, Envelope
from aftercare.notify.outcome import Outcome, Verdict
from aftercare.notify.tests.homeserver import AS_TOKEN, HS_TOKEN, Double


def envelope(homeserver: Double, **more: Any) -> Envelope:
    account = Credentials("acc", homeserver.config, {"as_token": AS_TOKEN, "hs_token": HS_TOKEN})
    values: dict[str, Any] = {
        "ref": "d1", "channel": "matrix", "address": homeserver.room, "secret": "", "kind": "conversation",
        "subject_ref": "m1", "title": "Lin", "body": "看到了", "url": "", "secret_url": "", "urgency": "urgent",
        "repeat": False, "language": "en", "data": {"speaker_ref": "lin1"}, "at": utc_now(), "account": account,
    }  # fmt: skip
    return Envelope(**{**values, **more})


def test_it_works(homeserver: Double) -> None:
    outcome = matrix.send(envelope(homeserver))
    assert outcome == Outcome(Verdict.SENT, "$event1")
    assert homeserver.said == [("@ac_lin1:hs.example", {"msgtype": "m.text", "body": "看到了"})]
    assert homeserver.names == {"@ac_lin1:hs.example": "Lin"}
    homeserver.calls.clear()
    assert matrix.send(envelope(homeserver, ref="d2")).provider_message_id == "$event2"
    assert len(homeserver.calls) == 1, "a user who is in the room is not made again"


def test_a_repeat_stands_in_the_room_once(homeserver: Double) -> None:
    first = matrix.send(envelope(homeserver))
    assert matrix.send(envelope(homeserver, repeat=True)) == first
    assert len(homeserver.said) == 1


def test_the_system_speaks_in_notices_and_answers_point_at_what_they_answer(homeserver: Double) -> None:
    matrix.send(envelope(homeserver, data={"speaker_ref": "", "reply_to": "$asked"}))
    assert homeserver.said == [
        (
            "@aftercare:hs.example",
            {"msgtype": "m.notice", "body": "看到了", "m.relates_to": {"m.in_reply_to": {"event_id": "$asked"}}},
        )
    ]


def test_long_words_go_in_parts(homeserver: Double) -> None:
    text = "卡顿" * 10_000
    assert matrix.send(envelope(homeserver, body=text)).verdict is Verdict.SENT
    assert "".join(said["body"] for _, said in homeserver.said) == text
    assert len(homeserver.said) == 2
    matrix.send(envelope(homeserver, body=text, repeat=False))
    assert len(homeserver.said) == 2


@pytest.mark.parametrize(
    ("status", "errcode", "verdict"),
    [
        (429, "M_LIMIT_EXCEEDED", Verdict.TEMPORARY),
        (502, "", Verdict.TEMPORARY),
        (401, "M_UNKNOWN_TOKEN", Verdict.PERMANENT),
        (413, "M_TOO_LARGE", Verdict.PERMANENT),
        (404, "M_NOT_FOUND", Verdict.PERMANENT),
    ],
)
def test_refusals(homeserver: Double, status: int, errcode: str, verdict: Verdict) -> None:
    homeserver.fail = [(status, {"errcode": errcode, "error": "no"})]
    assert matrix.send(envelope(homeserver)).verdict is verdict
    assert homeserver.said == []


def test_a_room_that_we_are_not_in(homeserver: Double) -> None:
    outcome = matrix.send(envelope(homeserver, address="!other:hs.example"))
    assert outcome.verdict is Verdict.PERMANENT and "invite" in outcome.error


def test_an_invitation_that_was_not_taken_yet_is_taken_with_the_first_words(homeserver: Double) -> None:
    homeserver.members.clear()
    homeserver.invited.add("@aftercare:hs.example")
    assert matrix.send(envelope(homeserver)).verdict is Verdict.SENT
    assert homeserver.members == {"@aftercare:hs.example", "@ac_lin1:hs.example"}


def test_nobody_there_and_nothing_set_up(homeserver: Double) -> None:
    account = Credentials("a", {**homeserver.config, "homeserver": "http://127.0.0.1:1"}, {"as_token": "x"})
    assert matrix.send(envelope(homeserver, account=account)).verdict is Verdict.TEMPORARY
    metadata = Credentials("a", {**homeserver.config, "homeserver": "http://169.254.169.254"}, {"as_token": "x"})
    assert matrix.send(envelope(homeserver, account=metadata)).verdict is Verdict.TEMPORARY
    assert matrix.send(envelope(homeserver, account=Credentials("a", {}, {}))).verdict is Verdict.PERMANENT
    assert matrix.send(envelope(homeserver, account=None)).verdict is Verdict.PERMANENT
