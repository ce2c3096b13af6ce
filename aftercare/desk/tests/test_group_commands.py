"""Commands and reactions in a group: a ticket, the green channel, help; answered there in the group's language."""

from datetime import timedelta
from typing import Any

from aftercare.desk.actions.group_commands import GroupCommand, handle
from aftercare.desk.models import Contact, Emergency, Group, Message, Ticket
from aftercare.desk.tests.group_scene import say
from aftercare.notify.models import Account, Delivery
from aftercare.oncall.models import Page
from tests.world import World


def command(group: Group, by: Contact, message: Message, verb: Any, words: str = "", **more: Any) -> Message | None:
    asked = GroupCommand(verb=verb, words=words, group=group, by=by, message=message, **more)
    return handle(command=asked, now=message.created_at)


def test_green_wakes_and_answers_in_the_groups_language(world: World, group: Group, wang: Contact) -> None:
    message = say(group, wang, "/紧急 推流全断", world.now, "om_1")
    said = command(group, wang, message, "green", "推流全断")
    emergency = Emergency.objects.get()
    assert (emergency.ticket.title, emergency.ticket.group, emergency.ticket.contact) == ("推流全断", group, wang)
    assert Page.objects.count() == 1 and emergency.calls.get().way == "group"
    assert said is not None and said.body.startswith("紧急报障 #1 已建立")
    out = list(Delivery.objects.filter(channel="feishu").values_list("body", flat=True))
    assert any("当前无人值班" in body for body in out), "the group reads who is woken, too"
    command(group, wang, message, "green", "推流全断")  # the vendor tells twice
    assert (Emergency.objects.count(), emergency.calls.count()) == (1, 1)
    second = say(group, wang, "/紧急 还没好", world.now + timedelta(seconds=70), "om_2")
    said = command(group, wang, second, "green", "还没好")
    assert said is not None and said.body.startswith("已并入")
    second.refresh_from_db()
    assert second.ticket == emergency.ticket


def test_a_ticket_of_the_last_question_of_the_words_or_of_what_was_reacted_to(
    world: World, group: Group, wang: Contact
) -> None:
    question = say(group, wang, "怎么接入 CMCD？", world.now, "om_1")
    said = command(group, wang, say(group, wang, "/工单", world.now + timedelta(seconds=1), "om_2"), "ticket")
    question.refresh_from_db()
    assert question.ticket is not None and said is not None and "#1" in said.body
    command(group, wang, say(group, wang, "/工单 卡顿", world.now + timedelta(seconds=2), "om_3"), "ticket", "卡顿")
    assert Ticket.objects.get(number=2).title == "卡顿"
    other = say(group, wang, "第三件事", world.now + timedelta(seconds=3), "om_4")
    command(group, wang, other, "ticket", by_reaction=True)
    command(group, wang, other, "ticket", by_reaction=True)
    assert list(Ticket.objects.order_by("pk").values_list("title", flat=True))[2:] == ["第三件事"]


def test_help_and_silence_while_importing(world: World, group: Group, wang: Contact) -> None:
    said = command(group, wang, say(group, wang, "/help", world.now, "om_1"), "help")
    assert said is not None and "/紧急" in said.body
    Account.objects.update(quiet=True)
    group = Group.objects.select_related("account").get(pk=group.pk)
    old = say(group, wang, "/紧急", world.now - timedelta(days=3), "om_2")
    assert command(group, wang, old, "green") is None
    assert not Emergency.objects.exists()
