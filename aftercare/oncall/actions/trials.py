"""Test calls: made, answered, and what is told of those that were not."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.notify import actions as notify
from aftercare.notify.models import PHONES, RINGING, Channel, ContactMethod, Loudness, State, Urgency
from aftercare.notify.queries import ANSWERABLE, in_readers_words, usable_contacts
from aftercare.oncall.models import TrialCall, TrialState
from aftercare.oncall.steps import managers
from aftercare.oncall.tokens import trial_path
from aftercare.oncall.wording import clock_time

KIND = "oncall.trial"
NOT_ABLE = gettext_noop("The person can take no pages any more")
NO_TIME = gettext_noop("No time was left in the month")
NO_WAY = gettext_noop("The person has no confirmed way to be reached but an open console page")
REAL_PAGE = gettext_noop("A real page came meanwhile")
STUCK = gettext_noop("No vendor took it for hours")
IS_TEST = gettext_noop("Test call: nothing is wrong")
UNANSWERED = gettext_noop("%(person)s did not answer their test call (%(way)s)")
FAILED = gettext_noop("The test call of %(person)s did not arrive (%(way)s): %(reason)s")


def loudest(person: User) -> ContactMethod | None:
    """The last rung of a person's ladder that rings, the louder of two at once; without one the last of any kind."""
    ways = [one for one in usable_contacts(person) if one.channel != Channel.PUSH]
    ringing = [one for one in ways if one.channel in RINGING]
    return max(ringing or ways, key=lambda one: (one.after_s, loudness_of(one)), default=None)


def loudness_of(contact: ContactMethod) -> int:
    """How loud a way is: a phone that rings is the loudest."""
    if contact.channel == Channel.VOICE or contact.loudness == Loudness.PHONE:
        return 3
    if contact.channel in PHONES or contact.loudness == Loudness.SMS:
        return 2
    return 1 if contact.loudness else 0


def call(row: TrialCall, contact: ContactMethod, answer_within_min: int, now: datetime) -> None:
    """Write the message and what is kept of it, on a locked row. It is routine: one that may have arrived is not sent
    again, and every vendor's limit for the callee holds for it.
    """
    person = row.user
    link = trial_path(row)
    with translation.override(person.language or settings.LANGUAGE_CODE), timezone.override(person.timezone):
        title = _(IS_TEST)
        body = _("This only tests whether you are reached. Answer it, or open the link, within %(n)s minutes.")
        spoken = {"severity": _("Test"), "at": clock_time(now)}
    row.delivery = notify.send(
        user=person,
        contact=contact,
        channel=contact.channel,
        address=contact.address,
        kind=KIND,
        subject_ref=row.ref,
        title=title,
        body=body % {"n": answer_within_min},
        url_path=link,
        urgency=Urgency.ROUTINE,
        data={ANSWERABLE: True, "test": True, "spoken": spoken, "acknowledge_url": settings.BASE_URL + link},
        now=now,
    )
    row.state, row.channel, row.address = TrialState.CALLED, contact.channel, contact.address
    row.called_at, row.due_at = now, now + timedelta(minutes=answer_within_min)
    row.save()


def count_from(*, deliveries: Sequence[int], answer_within_min: int, at: datetime) -> None:
    """These messages have gone out: from now on the time to answer runs."""
    until = at + timedelta(minutes=answer_within_min)
    TrialCall.objects.filter(delivery__in=deliveries, state=TrialState.CALLED).update(due_at=until)


@transaction.atomic
def answer_trial(*, trial: TrialCall, now: datetime) -> TrialCall:
    """The person was reached; an answer that comes too late is kept, and changes nothing else."""
    row = TrialCall.objects.select_for_update(of=("self",)).select_related("user").get(pk=trial.pk)
    if row.state == TrialState.CALLED:
        row.state, row.answered_at = TrialState.ANSWERED, now
    elif row.state == TrialState.UNANSWERED and row.answered_at is None:
        row.answered_at = now
    row.save(update_fields=["state", "answered_at"])
    return row


@transaction.atomic
def fail_trial(*, delivery_id: int, reason: str, now: datetime) -> None:
    """Its message did not arrive."""
    calls = TrialCall.objects.select_for_update(of=("self",)).select_related("user")
    row = calls.filter(delivery_id=delivery_id, state=TrialState.CALLED).first()
    if row is not None:
        fail(row, reason, now)


def fail(row: TrialCall, reason: str, now: datetime) -> None:
    """Keep that it did not arrive and why, on a locked row, and tell it."""
    notify.drop_pending(subject_ref=row.ref, kind=KIND, reason=reason)
    row.state, row.reason = TrialState.FAILED, reason[:500]
    row.save(update_fields=["state", "reason"])
    tell(row, FAILED, now)


def end_unanswered(row: TrialCall, now: datetime) -> None:
    """Keep that nobody answered, on a locked row, and tell it. While its sender holds the message it is left as it is,
    for the next time.
    """
    if row.delivery_id is None or notify.stop_answers(delivery_id=row.delivery_id):
        row.state = TrialState.UNANSWERED
        row.save(update_fields=["state"])
        tell(row, UNANSWERED, now)


def leave_out(row: TrialCall, reason: str) -> None:
    """No call this month, or none that counts, on a locked row."""
    notify.drop_pending(subject_ref=row.ref, kind=KIND, reason=reason)
    if row.delivery_id is None or notify.stop_answers(delivery_id=row.delivery_id):
        row.state, row.reason = TrialState.LEFT_OUT, reason
        row.save(update_fields=["state", "reason"])


def postpone(row: TrialCall, at: datetime) -> None:
    """Look at it again then."""
    row.due_at = at
    row.save(update_fields=["due_at"])


def is_on_the_way(row: TrialCall) -> bool:
    """Whether its message still waits for a vendor."""
    state = row.delivery.state if row.delivery else ""
    return state in (State.PENDING, State.SENDING)


def tell(row: TrialCall, words: str, now: datetime) -> None:
    """Everyone who manages the on-call hears of it in their console and by mail, and the person in their console."""
    people = {user.pk: user for user in (*managers(), row.user)}
    for person in people.values():
        with translation.override(person.language or settings.LANGUAGE_CODE):
            told = {"person": row.user.name, "way": row.channel_name or "–", "reason": in_readers_words(row.reason)}
            title = _(words) % told
        about: dict[str, Any] = {"kind": KIND, "subject_ref": row.ref, "title": title, "now": now}
        notify.push(user=person, url_path="/oncall/coverage", **about)
        if settings.EMAIL_HOST and person != row.user:
            notify.send(user=person, channel=Channel.EMAIL, address=person.email, url_path="/oncall/coverage", **about)
