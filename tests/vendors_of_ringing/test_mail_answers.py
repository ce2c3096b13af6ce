"""A page that went by mail is answered by a reply, as a text message is."""

from typing import Any

import pytest

from aftercare.desk.models import AsideMail, Ticket
from aftercare.desk.tests.mails import SUPPORT, hear, letter, mailbox
from aftercare.notify import actions as notify
from aftercare.notify.adapters.email import message_of
from aftercare.notify.envelope import envelope_of
from aftercare.notify.mail_tags import reply_address, tag_of
from aftercare.notify.models import Account, ContactAnswer, Delivery, State
from aftercare.oncall.models import Page
from aftercare.oncall.tests.cast import Duty

LIN = "lin@provider.example"


@pytest.fixture
def support(duty: Duty) -> Account:
    duty.world.now = duty.now
    return mailbox(duty.world)


def paged(duty: Duty, **more: Any) -> tuple[Page, Delivery]:
    """A page that went to Lin by mail."""
    facts = {"user": duty.world.eng, "channel": "email", "address": LIN, "verified": True}
    notify.add_contact(**facts, now=duty.now)
    page = duty.page(**more)
    mail = Delivery.objects.filter(channel="email", user=duty.world.eng, kind="page").latest("id")
    mail.state, mail.sent_at = State.SENT, duty.now
    mail.save()
    return page, mail


def answers(duty: Duty, account: Account, mail: Delivery, body: str, sender: str = LIN, **more: str) -> None:
    hear(duty.world, account, letter(sender, "Re: page", body, to=reply_address(mail), **more))


def sentences() -> list[str]:
    return list(Delivery.objects.filter(kind="answer.sentence").order_by("id").values_list("title", flat=True))


def test_it_works(duty: Duty, support: Account) -> None:
    page, mail = paged(duty)
    sent = message_of(envelope_of(mail, duty.world.now), "<1@here.example>")
    assert sent.extra_headers["Reply-To"] == reply_address(mail) == f"support+{tag_of(mail.ref)}@provider.example"
    assert "reply to this mail with 1" in sent.body
    answers(duty, support, mail, "1\n\nOn Monday Aftercare wrote:\n> Freeze rate 6%\n> Reply 4 to end it")
    page.refresh_from_db()
    assert (page.state, page.acknowledged_by, page.acknowledged_via) == ("acknowledged", duty.world.eng, "email")
    assert sentences() == ["We have your answer."]
    assert not Ticket.objects.exists() and not AsideMail.objects.exists()


def test_a_colleague_is_named_and_what_is_not_understood_is_said(duty: Duty, support: Account) -> None:
    page, mail = paged(duty)
    answers(duty, support, mail, "Thanks, I will have a look.")
    answers(duty, support, mail, "3")
    answers(duty, support, mail, "3 mei")
    page.refresh_from_db()
    assert (page.state, page.firings) == ("open", 2)
    first, second, third = sentences()
    assert first.startswith("We did not understand.") and second == "Say to whom: 3 and a name."
    assert third == "We have your answer."


@pytest.mark.parametrize("how", ["from elsewhere", "forged tag", "another message's tag", "automatic"])
def test_nobody_else_answers(duty: Duty, support: Account, how: str) -> None:
    page, mail = paged(duty)
    if how == "from elsewhere":
        answers(duty, support, mail, "1", "mallory@evil.example")
    elif how == "automatic":
        answers(duty, support, mail, "1", Auto_Submitted="auto-replied")
    else:
        forged = tag_of(mail.ref)[:-2] + "xx" if how == "forged tag" else tag_of("000000000000")
        hear(duty.world, support, letter(LIN, "Re: page", "1", to=f"support+{forged}@provider.example"))
    page.refresh_from_db()
    assert page.state == "open" and not ContactAnswer.objects.exists() and not sentences()


def test_two_machines_do_not_write_to_each_other_for_ever(duty: Duty, support: Account) -> None:
    _page, mail = paged(duty)
    for n in range(8):
        answers(duty, support, mail, f"I am out of office, {n}")
    assert len(sentences()) == 5


def test_without_a_mailbox_of_ours_the_link_is_the_way(duty: Duty) -> None:
    _page, mail = paged(duty)
    sent = message_of(envelope_of(mail, duty.world.now), "<1@here.example>")
    assert "Reply-To" not in sent.extra_headers and "reply to this mail" not in sent.body


def test_the_mark_of_a_mail_is_no_name_of_a_ticket(duty: Duty, support: Account) -> None:
    _page, mail = paged(duty)
    assert reply_address(mail).partition("+")[0] == SUPPORT.partition("@")[0]
    hear(duty.world, support, letter("zhao@starlight.example", "Help", "1", to=reply_address(mail)))
    assert not ContactAnswer.objects.exists()
