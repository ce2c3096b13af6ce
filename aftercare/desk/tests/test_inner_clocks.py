"""A chat without its first answer, a hand-over without one: whoever can still act is told by every way they have."""

from datetime import timedelta

from aftercare.clocks.engine import process_due
from aftercare.clocks.models import Clock
from aftercare.desk.actions.agents import set_expert
from aftercare.desk.actions.presence import set_presence
from aftercare.desk.actions.tiers import hand_over, return_with_answer
from aftercare.desk.models import Ticket
from aftercare.desk.tests.chatting import Window, answer, make_widget
from aftercare.desk.tests.team import asks, takes
from aftercare.kernel.clock import utc_now
from aftercare.notify.models import Channel, ContactMethod, Delivery
from tests.world import World

HOUR = timedelta(hours=1)


def told(kind: str) -> list[tuple[str, str]]:
    """Who is told, by what."""
    rows = Delivery.objects.filter(kind=kind, state="pending").select_related("user")
    return sorted((row.user.name if row.user else "", row.channel) for row in rows)


def chat_of(world: World) -> Ticket:
    """A chat that nobody has answered, promised within a minute."""
    Window(make_widget(world, reply_within_s=60)[0]).say("hello")
    return Ticket.objects.get()


def test_a_chat_overdue_tells_who_is_on_by_their_channels(world: World) -> None:
    ticket = chat_of(world)
    set_presence(user=world.agent, state="on", now=utc_now())
    ContactMethod.objects.create(
        user=world.agent, channel=Channel.EMAIL, address="wang@provider.example", verified=True, created_at=world.now
    )
    process_due(utc_now() + timedelta(seconds=50))
    assert told("chat.overdue") == []
    process_due(utc_now() + timedelta(seconds=90))
    assert told("chat.overdue") == [("Wang", "email"), ("Wang", "push")]
    row = Delivery.objects.filter(kind="chat.overdue").first()
    assert row is not None and row.title == f"Chat answer overdue: #{ticket.number} of Starlight Show"
    answer(world, "agent", ticket, "Hi")
    assert told("chat.overdue") == [], "answered before it went out"


def test_when_nobody_is_on_it_goes_to_whom_routing_names(world: World) -> None:
    set_expert(customer=world.show, place="expert", user=world.eng, actor=world.ada, now=world.now)
    chat_of(world)
    process_due(utc_now() + HOUR)
    assert told("chat.overdue") == [("Lin", "push")]


def test_with_nobody_named_the_desks_managers_hear(world: World) -> None:
    chat_of(world)
    process_due(utc_now() + HOUR)
    assert ("Mei", "push") in told("chat.overdue")


def test_a_hand_over_reminds_the_tier_and_its_breach_tells_who_handed_over_too(world: World) -> None:
    takes(world, world.eng, tiers=[2])
    ticket = asks(world)
    hand_over(ticket=ticket, to_tier=2, reason="r", tried="t", actor=world.agent, now=world.now)
    clock = Clock.objects.get(kind="handover_t2")
    assert clock.due_at is not None
    process_due(clock.due_at - timedelta(seconds=clock.policy["target_s"] * 0.2))
    assert told("hand_over.due") == [("Lin", "push")]
    process_due(clock.due_at + timedelta(seconds=1))
    assert told("hand_over.due") == [("Lin", "push"), ("Lin", "push"), ("Wang", "push")]
    return_with_answer(ticket=ticket, answer="done", actor=world.eng, now=clock.due_at + HOUR)
    assert told("hand_over.due") == []
