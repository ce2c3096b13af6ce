"""What comes in from outside: kept once, worked on once, a bad one never in the way."""

from datetime import datetime, timedelta

import pytest

from aftercare.desk import inward
from aftercare.desk.engine import process_due
from aftercare.desk.engine.inbound import ATTEMPTS
from aftercare.desk.models import Inbound, InboundState, Message
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel
from tests.world import World

worked: list[str] = []


def reader(row: Inbound, now: datetime) -> Message | None:
    worked.append(row.provider_message_id)
    if row.kind == "bad":
        raise Refused("This is no message.")
    if row.kind == "broken":
        raise RuntimeError("boom")
    return None


@pytest.fixture
def account(world: World, monkeypatch: pytest.MonkeyPatch) -> Account:
    worked.clear()
    monkeypatch.setitem(inward._readers, "slack", reader)
    return Account.objects.create(channel=Channel.SLACK, name="Slack", created_at=world.now)


def test_what_a_vendor_sends_twice_is_kept_once(world: World, account: Account) -> None:
    assert inward.take_in(account=account, provider_message_id="1", payload={"a": "卡"}, now=world.now)
    assert not inward.take_in(account=account, provider_message_id="1", payload={"a": "卡"}, now=world.now)
    assert Inbound.objects.get().payload == {"a": "卡"}
    assert process_due(world.now) == 1
    assert process_due(world.now) == 0
    assert worked == ["1"]


def test_a_bad_one_says_why_and_holds_nobody(world: World, account: Account) -> None:
    for number, kind in enumerate(("bad", "broken", "message")):
        inward.take_in(account=account, provider_message_id=str(number), kind=kind, now=world.now)
    process_due(world.now)
    assert worked == ["0", "1", "2"]
    rows = {row.kind: row for row in Inbound.objects.all()}
    assert (rows["bad"].state, rows["bad"].last_error) == (InboundState.REFUSED, "This is no message.")
    assert (rows["broken"].state, rows["broken"].attempts) == (InboundState.PENDING, 1)
    for _ in range(ATTEMPTS):
        process_due(world.now + timedelta(days=1))
        Inbound.objects.filter(state=InboundState.PENDING).update(due_at=world.now)
    rows["broken"].refresh_from_db()
    assert (rows["broken"].state, rows["broken"].attempts) == (InboundState.REFUSED, ATTEMPTS)
