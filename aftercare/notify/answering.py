"""Answering from where a message was read or heard: a key on the phone, a reply, a button in a chat.

What an answer does is for the room that wrote the message; that room may refuse it with a sentence, which is told where
the answer came from.
"""

import hmac
from contextlib import suppress
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.notify.answers import ANSWERABLE, KEYS, PEOPLE, can_be_answered, delivery_of, reply_code
from aftercare.notify.envelope import language_of
from aftercare.notify.events import ContactAnswered
from aftercare.notify.models import Account, Answer, Channel, ContactAnswer, Delivery, State
from aftercare.notify.outbox import push, send
from aftercare.notify.reply_words import Said, understood

VALID_FOR = timedelta(days=7)
# How long a plain "1" may be about the newest message: after a day nobody knows what it answers.
REPLIES_FOR = timedelta(hours=24)
SENTENCE_KIND = "answer.sentence"
REFUSED_KIND = "answer.refused"
COUNTED = gettext_noop("We have your answer.")
NOT_COUNTED = gettext_noop("This answer does not count, or was given already.")
WHICH = gettext_noop("We could not tell which message this is about. Reply with the number that stands in it.")
NOT_UNDERSTOOD = gettext_noop(
    "We did not understand. Reply 1: I have it, 2: wake the next person, 3 and a name: hand it over, 4: it is resolved."
)


@transaction.atomic
def take_answer(*, delivery: Delivery, answer: str, detail: str = "", now: datetime) -> bool:
    """Keep an answer and tell the rooms above; whether it was new. Each counts once, whoever repeats it.

    An answer to a message that told of several things is about all of them, as far as each takes it. Raises Refused
    with a sentence for the person where a room above refuses it; then nothing is kept.
    """
    for other in delivery.bundled.exclude(pk=delivery.pk).order_by("subject_ref"):
        with suppress(Refused):
            take_answer(delivery=other, answer=answer, detail=detail, now=now)
    if not can_be_answered(delivery.data) or now - delivery.created_at > VALID_FOR or delivery.user_id is None:
        return False
    _kept, is_new = ContactAnswer.objects.get_or_create(
        delivery=delivery, answer=Answer(answer), detail=detail[:80], defaults={"at": now}
    )
    if is_new:
        told = (delivery.pk, delivery.subject_ref, delivery.user_id, delivery.channel, answer, now, detail[:80])
        events.publish(ContactAnswered(*told))
    return is_new


def stop_answers(*, delivery_id: int) -> bool:
    """A message wants no answer any more, so that a plain "1" is about another; whether it could be said: while a
    sender holds the row it is left alone, since the sender may be waiting for what the caller has locked.
    """
    with transaction.atomic():
        row = Delivery.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=delivery_id).first()
        if row is None:
            return not Delivery.objects.filter(pk=delivery_id).exists()
        row.data = {**row.data, ANSWERABLE: False}
        row.save(update_fields=["data"])
    return True


def press(*, account: Account, pressed: str, by: str, now: datetime) -> tuple[bool, str]:
    """A button was pressed in one of the account's chats, by the person with this id there; whether it counted, and
    the sentence to show where they pressed.

    A stranger's press, a forged one and one from another account's chat do nothing.
    """
    name, _colon, mark = pressed.partition(":")
    answer, place = name.rstrip("0123456789"), name.lstrip("abcdefghijklmnopqrstuvwxyz_")
    delivery = delivery_of(mark) if answer in Answer.values else None
    if delivery is None or delivery.account_id != account.pk or not is_theirs(delivery, by):
        return False, _(NOT_COUNTED)
    people = delivery.data.get(PEOPLE) or []
    if (answer == Answer.HAND_OVER) != place.isdecimal() or (place and int(place[:3]) >= len(people)):
        return False, _(NOT_COUNTED)
    detail = people[int(place)][0] if place else ""
    with translation.override(language_of(delivery.user)):
        try:
            done = take_answer(delivery=delivery, answer=answer, detail=detail, now=now)
        except Refused as refused:
            if delivery.channel == Channel.SLACK:  # which shows nothing of what a press is answered with
                tell_on_console(delivery=delivery, sentence=refused.sentence, now=now)
            return False, refused.sentence
        return done, _(COUNTED) if done else _(NOT_COUNTED)


def is_theirs(delivery: Delivery, by: str) -> bool:
    """Whether this id is the receiver's. Where a number or a mail address was written to, the vendor told the id."""
    _message, _bar, told = delivery.provider_message_id.partition("|")
    theirs = told or delivery.address
    if delivery.channel == Channel.WECOM:  # whose ids are the same in small letters, as it writes them back
        theirs, by = theirs.lower(), by.lower()
    return bool(by) and hmac.compare_digest(theirs.encode(), by.encode())


def key(*, delivery: Delivery, pressed: str, now: datetime) -> str:
    """A key was pressed on the call that this message is; the sentence to say on it."""
    answer = KEYS.get(pressed[:1])
    with translation.override(language_of(delivery.user)):
        if answer is None:
            return _("This key says nothing. Goodbye.")
        try:
            take_answer(delivery=delivery, answer=answer, now=now)
        except Refused as refused:
            return refused.sentence
        return _("Thank you, we have your answer.")


def waiting_for(account: Account, address: str, now: datetime) -> list[Delivery]:
    """What went to this number, or to the person with this id in the vendor's chat, and waits for an answer."""
    same = Q(address__iexact=address) if account.channel == Channel.WECOM else Q(address=address)
    theirs = same | Q(provider_message_id__endswith=f"|{address}")
    waiting = Delivery.objects.filter(
        theirs,
        account=account,
        created_at__gt=now - REPLIES_FOR,
        state__in=[State.SENT, State.SENDING],
        bundle=None,  # what was told of together is answered by the one that spoke
    )
    newest = waiting.select_related("user__customer").order_by("-id")[:50]
    return [row for row in newest if can_be_answered(row.data)]


def reply(*, account: Account, address: str, text: str, now: datetime) -> str | None:
    """A text came back from a number or a person in a chat: `1` takes, `2` passes on, `3 lin` hands over, `4` ends
    it, or the same in words, with the message's code behind it where several wait (`reply_words`).

    The sentence to answer, empty where none is due; None where nothing of ours waits for them: they are a stranger.
    """
    open_ones = waiting_for(account, address, now) if address else []
    if not open_ones:
        return None
    with translation.override(language_of(open_ones[0].user)):
        said = understood(text)
        if said is None:
            return _(NOT_UNDERSTOOD)
        if said.code:
            open_ones = [row for row in open_ones if reply_code(row.ref) == said.code]
        meant = the_one(open_ones if said.code else still_open(open_ones, said.answer))
        return _(WHICH) if meant is None else carry_out(meant, said, now)


def carry_out(meant: Delivery, said: Said, now: datetime) -> str:
    """Do what somebody said in words about a message; the sentence to answer, empty where none is due."""
    if said.answer is Answer.HAND_OVER and not said.to:
        return _("Say to whom: 3 and a name.")
    try:
        take_answer(delivery=meant, answer=said.answer, detail=said.to, now=now)
    except Refused as refused:
        return refused.sentence
    return ""


def reply_in_chat(*, account: Account, address: str, text: str, now: datetime) -> bool:
    """The same of words that somebody wrote to the app alone, answered there by a message; whether they were an answer
    of somebody whom a message of ours waits for.
    """
    waiting = waiting_for(account, address, now)
    words = reply(account=account, address=address, text=text, now=now) if waiting else None
    if words is None:
        return False
    about = waiting[0]
    with translation.override(language_of(about.user)):
        title = words or _(COUNTED)
    send(
        user=about.user,
        contact=about.contact,
        channel=about.channel,
        address=about.address,
        kind=SENTENCE_KIND,
        subject_ref=about.subject_ref,
        title=title,
        url_path=about.url_path,
        now=now,
    )
    return True


def still_open(rows: list[Delivery], answer: Answer) -> list[Delivery]:
    """Those that a plain number may mean: not answered yet. What ends or hands over means what they have taken, first
    of all."""
    by_row = {row.pk: set(row.answers.values_list("answer", flat=True)) for row in rows}
    untouched = [row for row in rows if not by_row[row.pk]]
    if answer in (Answer.TAKE, Answer.PASS_ON):
        return untouched
    return [row for row in rows if by_row[row.pk] == {Answer.TAKE}] or untouched


def the_one(rows: list[Delivery]) -> Delivery | None:
    """The newest of messages that are all about one thing; None where they are about several, or there is none."""
    return rows[0] if len({row.subject_ref for row in rows}) == 1 else None


def tell_on_console(*, delivery: Delivery, sentence: str, now: datetime) -> None:
    """Say what became of an answer where the channel itself cannot speak."""
    if delivery.user is not None:
        push(
            user=delivery.user,
            kind=REFUSED_KIND,
            subject_ref=delivery.subject_ref,
            title=sentence,
            url_path=delivery.url_path,
            now=now,
        )
