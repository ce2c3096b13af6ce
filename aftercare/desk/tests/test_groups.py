"""A service group: the customer's words start its clock by themselves, ours stop it and go to the vendor."""

from datetime import timedelta

import pytest

from aftercare.clocks.models import Clock, ClockState
from aftercare.desk.actions import contact_of, open_ticket, post_in_group, reply
from aftercare.desk.actions.groups import GROUP_REPLY
from aftercare.desk.models import Contact, Group, Message
from aftercare.notify.models import Account, Channel, Delivery
from tests.world import World


@pytest.fixture
def group(world: World) -> Group:
    """Starlight's Feishu group; Lin is its expert."""
    account = Account.objects.create(channel=Channel.FEISHU, name="Feishu app", created_at=world.now)
    return Group.objects.create(
        customer=world.show,
        account=account,
        chat_id="oc_1",
        name="Starlight service",
        expert=world.eng,
        created_at=world.now,
        updated_at=world.now,
    )


@pytest.fixture
def wang(world: World, group: Group) -> Contact:
    return contact_of(
        account=group.account, external_id="ou_wang", name="Wang", customer_id=world.show.pk, now=world.now
    )


def asks(world: World, group: Group, wang: Contact, message_id: str = "om_1") -> Message:
    return post_in_group(
        group=group,
        speaker=wang,
        body="推流断了",
        account=group.account,
        provider_message_id=message_id,
        said_at=world.now - timedelta(seconds=10),
        now=world.now,
    )


def test_the_clock_starts_by_itself_at_the_time_of_the_words(world: World, group: Group, wang: Contact) -> None:
    asks(world, group, wang)
    asks(world, group, wang)  # the vendor sends twice
    assert Message.objects.count() == 1
    clock = Clock.objects.get()
    assert (clock.subject_ref, clock.started_at) == (group.ref, world.now - timedelta(seconds=10))
    assert not Delivery.objects.filter(channel=Channel.FEISHU).exists()  # nothing is echoed

    post_in_group(group=group, speaker=world.eng, body="看到了", now=world.now + timedelta(seconds=50))
    clock.refresh_from_db()
    assert (clock.state, clock.spent_s, clock.breached_at) == (ClockState.STOPPED, 60, None)
    sent = Delivery.objects.get(channel=Channel.FEISHU)
    assert (sent.address, sent.body, sent.account_id) == ("oc_1", "看到了", group.account_id)


def test_a_question_that_became_a_ticket_is_one_row_and_its_answer_goes_both_ways(
    world: World, group: Group, wang: Contact
) -> None:
    question = asks(world, group, wang)
    ticket = open_ticket(
        customer_id=world.show.pk,
        app_id=None,
        title="推流断了",
        severity="P2",
        body="",
        opened_by=wang,
        group=group,
        way="group",
        first=question,
        now=world.now,
    )
    answer = reply(ticket=ticket, author=world.agent, body="边缘节点已切换", now=world.now + timedelta(minutes=1))
    note = reply(ticket=ticket, author=world.agent, body="secret", internal=True, now=world.now + timedelta(minutes=2))
    assert [m.ticket_id for m in group.messages.order_by("pk")] == [ticket.pk, ticket.pk]
    assert (answer.group_id, note.group_id) == (group.pk, None)
    assert Delivery.objects.get(channel=Channel.FEISHU).body == "边缘节点已切换"
    assert Clock.objects.get(kind=GROUP_REPLY).state == ClockState.STOPPED


def test_nothing_goes_out_while_an_account_is_importing(world: World, group: Group, wang: Contact) -> None:
    Account.objects.update(quiet=True)
    group.account.refresh_from_db()
    asks(world, group, wang)
    post_in_group(group=group, speaker=world.eng, body="old words", now=world.now)
    assert not Clock.objects.exists()
    assert not Delivery.objects.filter(channel=Channel.FEISHU).exists()


def test_ours_who_write_from_the_vendors_app_stop_the_clock_too(world: World, group: Group, wang: Contact) -> None:
    asks(world, group, wang)
    lin = contact_of(account=group.account, external_id="ou_lin", user=world.eng, now=world.now)
    post_in_group(
        group=group, speaker=lin, body="在看", account=group.account, provider_message_id="om_2", now=world.now
    )
    assert Clock.objects.get().state == ClockState.STOPPED
    assert Message.objects.get(provider_message_id="om_2").author == world.eng
