"""Mail that no person wrote opens nothing and is answered by nothing; ours that came back is known as failed."""

from datetime import timedelta

import pytest

from aftercare.desk import actions
from aftercare.desk.mail.outgoing import RECEIPTS_AT_MOST
from aftercare.desk.mail.tokens import token_of
from aftercare.desk.models import AsideMail, AsideReason, AsideState, BouncedAddress, Ticket
from aftercare.desk.tests.mails import SUPPORT, hear, letter, mailbox
from aftercare.notify.adapters.email import message_id_of
from aftercare.notify.models import Account, Delivery, State
from tests.world import World

ZHAO = "zhao@starlight.example"


@pytest.fixture
def account(world: World) -> Account:
    return mailbox(world)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({"Auto_Submitted": "auto-replied"}, AsideReason.AUTOMATIC),
        ({"Precedence": "auto_reply"}, AsideReason.AUTOMATIC),
        ({"X_Autoreply": "yes"}, AsideReason.AUTOMATIC),
        ({"Auto_Submitted": "auto-generated"}, AsideReason.BULK),
        ({"Precedence": "bulk"}, AsideReason.BULK),
        ({"List_Id": "<news.starlight.example>"}, AsideReason.BULK),
    ],
)
def test_it_opens_no_ticket_and_gets_no_answer(
    world: World, account: Account, headers: dict[str, str], reason: AsideReason
) -> None:
    hear(world, account, letter(ZHAO, **headers))
    assert not Ticket.objects.exists()
    assert not Delivery.objects.filter(channel="email").exists()
    aside = AsideMail.objects.get()
    assert (aside.reason, aside.state) == (reason, AsideState.WAITING)


def test_an_empty_return_path_and_an_out_of_office_subject_are_automatic(world: World, account: Account) -> None:
    hear(world, account, letter(ZHAO, "a"), return_path="")
    hear(world, account, letter(ZHAO, "自动回复: 休假"))
    hear(world, account, letter("noreply@starlight.example", "c"))
    assert set(AsideMail.objects.values_list("reason", flat=True)) == {AsideReason.AUTOMATIC}


def test_who_asks_for_no_automatic_answer_gets_none(world: World, account: Account) -> None:
    hear(world, account, letter(ZHAO, X_Auto_Response_Suppress="All"))
    assert Ticket.objects.count() == 1
    assert not Delivery.objects.filter(channel="email").exists()


def test_out_of_office_in_a_ticket_is_told_to_staff_alone(world: World, account: Account) -> None:
    hear(world, account, letter(ZHAO))
    ticket = Ticket.objects.get()
    actions.reply(ticket=ticket, author=world.agent, body="?", now=world.now)
    to = f"support+{token_of(ticket.ref)}@provider.example"
    Delivery.objects.all().delete()
    hear(world, account, letter(ZHAO, "Re", "back on Monday", to=to, Auto_Submitted="auto-replied"))
    ticket.refresh_from_db()
    assert ticket.status == "waiting_customer", "nothing moves"
    assert ticket.messages.get(body__contains="back on Monday").internal
    assert not Delivery.objects.exists()


def test_our_own_mail_that_comes_round_is_cut(world: World, account: Account) -> None:
    hear(world, account, letter(f"Support <{SUPPORT}>"))
    token = token_of("abcdefghjkmn")
    hear(world, account, letter(ZHAO, Message_ID=f"<abcdefghjkmn.{token}@care.example>"))
    assert not Ticket.objects.exists()
    assert set(AsideMail.objects.values_list("state", flat=True)) == {AsideState.DROPPED}


def test_automatic_answers_are_few(world: World, account: Account) -> None:
    for number in range(6):
        hear(world, account, letter(ZHAO, f"{number}", f"{number}"))
    assert Ticket.objects.count() == 6
    receipts = Delivery.objects.filter(kind="mail.receipt")
    assert receipts.count() == RECEIPTS_AT_MOST
    receipts.update(created_at=world.now - timedelta(hours=2))
    hear(world, account, letter(ZHAO, "later", "later"))
    assert receipts.count() == RECEIPTS_AT_MOST + 1


def report(message_id: str, address: str, action: str = "failed", status: str = "5.1.1") -> bytes:
    return (
        "From: MAILER-DAEMON@mx.example\r\nTo: support@provider.example\r\nSubject: Undelivered Mail\r\n"
        "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=B\r\n"
        "Message-ID: <" + f"{abs(hash((message_id, address, action)))}" + "@mx.example>\r\n\r\n"
        "--B\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--B\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example\r\n\r\n"
        f"Final-Recipient: rfc822; {address}\r\nAction: {action}\r\nStatus: {status}\r\n"
        "Diagnostic-Code: smtp; 550 no such user\r\n\r\n"
        f"--B\r\nContent-Type: text/rfc822-headers\r\n\r\nMessage-ID: {message_id}\r\n\r\n--B--\r\n"
    ).encode()


def sent(world: World, account: Account) -> tuple[Ticket, Delivery, str]:
    """A ticket with an answer that went out."""
    hear(world, account, letter(ZHAO))
    ticket = Ticket.objects.get()
    actions.reply(ticket=ticket, author=world.agent, body="?", now=world.now)
    delivery = Delivery.objects.get(kind="conversation")
    Delivery.objects.filter(pk=delivery.pk).update(state=State.SENT)
    return ticket, delivery, message_id_of(delivery.ref, token_of(ticket.ref))


def test_a_bounce_fails_the_delivery_and_the_address(world: World, account: Account) -> None:
    ticket, delivery, identifier = sent(world, account)
    hear(world, account, report(identifier, ZHAO))
    delivery.refresh_from_db()
    assert (delivery.state, "550 no such user" in delivery.last_error) == (State.FAILED, True)
    assert BouncedAddress.objects.get().address == ZHAO
    assert ticket.messages.filter(internal=True, body__contains="came back").exists()
    actions.reply(ticket=ticket, author=world.agent, body="again", now=world.now)
    assert Delivery.objects.filter(kind="conversation").count() == 1, "no more mail to a dead address"
    hear(world, account, letter(ZHAO, "alive", "I am here"))
    assert not BouncedAddress.objects.exists()


def test_a_made_up_bounce_changes_nothing(world: World, account: Account) -> None:
    _ticket, delivery, identifier = sent(world, account)
    hear(world, account, report(f"<{delivery.ref}@care.example>", ZHAO))
    hear(world, account, report(identifier, "somebody@else.example"))
    hear(world, account, report(identifier, ZHAO, action="delayed", status="4.4.1"))
    delivery.refresh_from_db()
    assert delivery.state == State.SENT
    assert not BouncedAddress.objects.exists()


def test_while_a_mailbox_imports_nothing_goes_out(world: World, account: Account) -> None:
    Account.objects.filter(pk=account.pk).update(quiet=True)
    old = letter(ZHAO)
    old["Date"] = "Mon, 02 Nov 2026 10:00:00 +0800"
    hear(world, account, old)
    ticket = Ticket.objects.get()
    assert ticket.created_at.isoformat() == "2026-11-02T02:00:00+00:00"
    assert not Delivery.objects.exists(), "neither mail nor push"
    actions.reply(ticket=ticket, author=world.agent, body="?", now=world.now)
    assert not Delivery.objects.filter(channel="email").exists()
