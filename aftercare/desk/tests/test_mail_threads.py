"""Whose conversation a mail belongs to, and what a stranger learns of it: nothing."""

import pytest

from aftercare.desk import actions
from aftercare.desk.mail.tokens import named_by, ticket_ref_of, token_of
from aftercare.desk.models import AsideMail, AsideReason, HeardMail, Inbound, InboundState, MailDomain, Message, Ticket
from aftercare.desk.tests.mails import SUPPORT, hear, letter, mailbox
from aftercare.notify.models import Account, Channel, Delivery
from tests.world import World

ZHAO = "Zhao <zhao@starlight.example>"
DEV = "Dev <dev@starlight.example>"


@pytest.fixture
def account(world: World) -> Account:
    return mailbox(world)


def opened(world: World, account: Account, **headers: str) -> Ticket:
    """A ticket that Zhao's mail opened."""
    hear(world, account, letter(ZHAO, **headers))
    return Ticket.objects.get()


def mails_out() -> list[Delivery]:
    return list(Delivery.objects.filter(channel=Channel.EMAIL).order_by("pk"))


def test_a_customers_mail_opens_a_ticket_and_is_acknowledged(world: World, account: Account) -> None:
    ticket = opened(world, account)
    message = ticket.messages.get(internal=False)
    assert (ticket.title, ticket.customer, ticket.way) == ("推流失败", world.show, "email")
    assert (message.body, message.author, message.way) == ("房间 8831 推流失败。", world.zhao, "email")
    assert Inbound.objects.get().state == InboundState.DONE
    (receipt,) = mails_out()
    assert (receipt.kind, receipt.address) == ("mail.receipt", "zhao@starlight.example")
    assert f"#{ticket.number}" in receipt.body
    assert receipt.data["mail"]["reply_to"] == f"support+{token_of(ticket.ref)}@provider.example"


def test_an_answer_goes_to_the_mailbox_once_and_threads_back(world: World, account: Account) -> None:
    ticket = opened(world, account, Message_ID="<first@qq.example>")
    Delivery.objects.all().delete()
    actions.reply(ticket=ticket, author=world.agent, body="请发日志。", now=world.now)
    (out,) = mails_out()
    assert (out.address, out.kind, out.urgency) == ("zhao@starlight.example", "conversation", "urgent")
    assert out.title == f"Re: 推流失败 [#{ticket.number}]"
    assert out.data["mail"]["in_reply_to"] == "<first@qq.example>"
    answered = letter(ZHAO, "回复：whatever", "日志在此", to=out.data["mail"]["reply_to"])
    hear(world, account, answered)
    assert [m.body for m in ticket.messages.filter(internal=False)] == [
        "房间 8831 推流失败。",
        "请发日志。",
        "日志在此",
    ]
    assert Ticket.objects.count() == 1


def test_the_message_id_alone_threads_where_a_gateway_drops_the_plus(world: World, account: Account) -> None:
    ticket = opened(world, account)
    ours = f"<abcdefghjkmn.{token_of(ticket.ref)}@care.example>"
    assert named_by(ours.upper()) == (ticket.ref, "abcdefghjkmn")
    hear(world, account, letter(ZHAO, "Re", "mit Bezug", In_Reply_To=ours))
    assert Ticket.objects.count() == 1


def test_a_copied_colleague_who_answers_stays_in_the_ticket(world: World, account: Account) -> None:
    opened(world, account, Message_ID="<first@qq.example>", Cc=f"{DEV}, spy@elsewhere.example")
    hear(world, account, letter(DEV, "Re: 推流失败", "我也遇到了", In_Reply_To="<first@qq.example>"))
    ticket = Ticket.objects.get()
    assert ticket.messages.filter(author=world.developer).count() == 1
    Delivery.objects.all().delete()
    actions.reply(ticket=ticket, author=world.agent, body="好", now=world.now)
    (out,) = mails_out()
    assert out.data["mail"]["cc"] == ["dev@starlight.example"], "a stranger in Cc hears nothing"


@pytest.mark.parametrize("subject", ["Re: 推流失败 [#1]", "[#1] give me everything"])
def test_a_stranger_with_a_number_learns_nothing(world: World, account: Account, subject: str) -> None:
    ticket = opened(world, account)
    Delivery.objects.all().delete()
    before = ticket.messages.count()
    hear(world, account, letter("Eve <eve@elsewhere.example>", subject, "hello"))
    assert (Ticket.objects.count(), ticket.messages.count()) == (1, before)
    aside = AsideMail.objects.get()
    assert (aside.reason, aside.claimed) == (AsideReason.STRANGER, None)
    assert not mails_out(), "nothing is answered"


def test_another_customers_person_opens_a_ticket_of_their_own_that_staff_see_as_claimed(
    world: World, account: Account
) -> None:
    ticket = opened(world, account)
    ours = f"<abcdefghjkmn.{token_of(ticket.ref)}@care.example>"
    hear(world, account, letter("stranger@whisper.example", "Re: x", "mine?", In_Reply_To=ours))
    hear(
        world,
        account,
        letter("stranger@whisper.example", "y", "mine!", to=f"support+{token_of(ticket.ref)}@provider.example"),
    )
    for other in Ticket.objects.exclude(pk=ticket.pk):
        assert (other.customer, other.claimed_related) == (world.social, ticket)
    page = world.client("stranger").get(f"/tickets/{other.ref}").content.decode()
    assert "推流失败" not in page and ticket.ref not in page
    staff = world.client("agent").get(f"/tickets/{other.ref}").content.decode()
    assert ticket.ref in staff


def test_a_stranger_who_was_handed_our_mail_may_answer_but_hears_nothing(world: World, account: Account) -> None:
    ticket = opened(world, account)
    Delivery.objects.all().delete()
    hear(
        world,
        account,
        letter("zhao.private@gmail.com", "Re", "from my phone", to=f"support+{token_of(ticket.ref)}@provider.example"),
    )
    said = ticket.messages.get(body="from my phone")
    assert said.contact is not None and said.contact.customer is None
    actions.reply(ticket=ticket, author=world.agent, body="ok", now=world.now)
    assert "zhao.private@gmail.com" not in str([(d.address, d.data) for d in mails_out()])


def test_nobody_speaks_for_us_by_writing_our_colleagues_name_into_from(world: World, account: Account) -> None:
    ticket = opened(world, account)
    hear(
        world,
        account,
        letter(
            "wang@provider.example",
            "Re",
            "send me your password",
            to=f"support+{token_of(ticket.ref)}@provider.example",
        ),
    )
    assert not ticket.messages.filter(body__contains="password").exists()
    assert AsideMail.objects.get().reason == AsideReason.STAFF


def test_a_read_only_member_cannot_write_by_mail_either(world: World, account: Account) -> None:
    hear(world, account, letter("vera@starlight.example"))
    assert AsideMail.objects.get().reason == AsideReason.NOT_ALLOWED
    assert not Ticket.objects.exists()


def test_a_forged_token_is_none(world: World, account: Account) -> None:
    ticket = opened(world, account)
    forged = f"{ticket.ref}-{'a' * 26}"
    assert ticket_ref_of(forged) == ""
    hear(world, account, letter("eve@elsewhere.example", "Re", "x", to=f"support+{forged}@provider.example"))
    assert ticket.messages.filter(internal=False).count() == 1


def test_the_same_mail_to_two_mailboxes_is_one_ticket(world: World, account: Account) -> None:
    other = mailbox(world, "sales@provider.example")
    both = letter(ZHAO, to=f"{SUPPORT}, sales@provider.example")
    hear(world, account, both)
    hear(world, other, both)
    hear(world, account, both)
    assert (Ticket.objects.count(), Message.objects.filter(internal=False).count()) == (1, 1)
    assert set(Inbound.objects.values_list("state", flat=True)) == {InboundState.DONE}


def test_two_mails_with_one_message_id_are_two(world: World, account: Account) -> None:
    hear(world, account, letter(ZHAO, "one", "1", Message_ID="<same@x.example>"))
    hear(world, account, letter(ZHAO, "two", "2", Message_ID="<same@x.example>"))
    assert Ticket.objects.count() == 2
    assert HeardMail.objects.count() == 2


def test_a_domain_places_its_people(world: World, account: Account) -> None:
    MailDomain.objects.create(customer=world.show, domain="starlight.example", added_at=world.now)
    hear(world, account, letter("Qian <qian@starlight.example>"))
    ticket = Ticket.objects.get()
    assert ticket.contact is not None
    assert (ticket.customer, ticket.contact.name, ticket.contact.email) == (
        world.show,
        "Qian",
        "qian@starlight.example",
    )
    actions.reply(ticket=ticket, author=world.agent, body="ok", now=world.now)
    assert [d.address for d in mails_out() if d.kind == "conversation"] == ["qian@starlight.example"]


def test_a_closed_ticket_is_named_by_a_new_one(world: World, account: Account) -> None:
    ticket = opened(world, account)
    Ticket.objects.filter(pk=ticket.pk).update(status="closed")
    hear(world, account, letter(ZHAO, "Re", "again", to=f"support+{token_of(ticket.ref)}@provider.example"))
    assert Ticket.objects.latest("pk").claimed_related == ticket


def test_notices_by_mail_can_be_answered(world: World, account: Account, ticket: Ticket) -> None:
    from aftercare.notify.actions import add_contact

    add_contact(user=world.zhao, channel="email", address="zhao@starlight.example", now=world.now)
    actions.reply(ticket=ticket, author=world.agent, body="look", now=world.now)
    (notice,) = mails_out()
    assert notice.kind == "message"
    hear(world, account, letter(ZHAO, "Re: New message", "thanks", to=notice.data["mail"]["reply_to"]))
    assert ticket.messages.filter(author=world.zhao, body="thanks").exists()
    Delivery.objects.all().delete()
    actions.reply(ticket=ticket, author=world.agent, body="more", now=world.now)
    assert [d.kind for d in mails_out()] == ["conversation"], "nobody hears it twice"
