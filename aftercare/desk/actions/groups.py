"""Words in a service group, its first-reply clock, and a question that becomes a ticket."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.clocks import actions as clocks
from aftercare.clocks.queries import hours_of_calendar
from aftercare.clocks.types import Policy, Step
from aftercare.desk import outward
from aftercare.desk.actions.locking import checked_body
from aftercare.desk.actions.prepared import is_only_prepared
from aftercare.desk.actions.speaking import already_here, person_of, side_of, spoken_by, take_files
from aftercare.desk.events import GroupMessagePosted
from aftercare.desk.models import GROUP_REPLY, Attachment, Contact, Group, Message, Side, Way
from aftercare.desk.unplaced import place
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish
from aftercare.notify.models import Account

# Half of the target: the expert is reminded; all of it: the deputy hears too; twice: the manager.
REMINDERS = (Step(50, "expert"), Step(100, "deputy"), Step(200, "manager"))


@transaction.atomic
def post_in_group(
    *,
    group: Group,
    speaker: User | Contact | None,
    side: Side | None = None,
    body: str,
    account: Account | None = None,
    provider_message_id: str | None = None,
    attachments: Sequence[Attachment] = (),
    said_at: datetime | None = None,
    now: datetime,
) -> Message:
    """Keep words said in a group, or say them there (a user's words without a vendor's id go out to the vendor).

    `side` is given where the speaker alone does not tell it: a colleague whom the vendor knows and we do not yet.
    `said_at` is the vendor's time, not later than `now`; the clock runs from it. A message that is here already is
    returned. Raises Refused when there is neither text nor a file, or the text is too long.
    """
    row = Group.objects.select_for_update(no_key=True).select_related("account", "customer").get(pk=group.pk)
    seen = already_here(account, provider_message_id)
    if seen:
        return seen
    message = Message.objects.create(
        group=row,
        **spoken_by(speaker),
        side=side or side_of(speaker),
        way=Way.GROUP,
        body=checked_body(body, has_files=bool(attachments)),
        created_at=min(said_at or now, now),
        account=account,
        provider_message_id=provider_message_id,
    )
    take_files(message, attachments)
    heard_in_group(message, now=now)
    audit.record(
        actor=person_of(speaker),
        action="group.message",
        subject=row.ref,
        customer_id=row.customer_id,
        detail={"message": message.pk},
        now=now,
    )
    outward.deliver(message, now=now)
    publish(GroupMessagePosted(message_id=message.pk, group_id=row.pk, at=now))
    return message


def heard_in_group(message: Message, *, now: datetime) -> None:
    """Start or stop the group's first-reply clock: the customer's words start it, ours answer them."""
    if message.group_id is None or message.side == Side.SYSTEM:
        return
    group = (
        Group.objects.select_for_update(no_key=True, of=("self",)).select_related("account").get(pk=message.group_id)
    )
    if is_only_prepared(message, group):
        return
    if message.side == Side.CUSTOMER:
        if group.enabled and not group.account.quiet:
            policy = reply_policy(group, message.created_at)
            clocks.start(
                kind=GROUP_REPLY,
                subject_ref=group.ref,
                customer_id=group.customer_id,
                policy=policy,
                at=message.created_at,
            )
            group.waiting_since = group.waiting_since or message.created_at
    elif group.waiting_since is None or message.created_at >= group.waiting_since:
        clocks.stop(kind=GROUP_REPLY, subject_ref=group.ref, at=message.created_at)
        group.waiting_since = None
    group.updated_at = max(now, group.updated_at)
    group.save(update_fields=["waiting_since", "updated_at"])


def reply_policy(group: Group, at: datetime) -> Policy:
    """What the group's first reply is held to."""
    hours = hours_of_calendar(group.calendar, around=at.date())
    return Policy(group.reply_target_s, hours, REMINDERS, label=_("Group reply"))


@transaction.atomic
def save_group(*, group: Group, actor: User, now: datetime) -> Group:
    """Keep a new or changed group; what its chat said before it was a group is worked on now.

    Raises Refused when a named expert is not one of ours or cannot sign in."""
    for person in (group.expert, group.deputy, group.manager):
        if person is not None and (person.customer_id is not None or not person.is_active):
            raise Refused(_("Choose a colleague who can still sign in."))
    is_new = group.pk is None
    group.updated_at = now
    if is_new:
        group.created_at = now
    elif not group.enabled:  # nobody is reminded of a group that is not in use
        clocks.cancel(kind=GROUP_REPLY, subject_ref=group.ref, at=now)
        group.waiting_since = None
    group.save()
    place(group, now=now)
    audit.record(
        actor=actor,
        action="group.add" if is_new else "group.change",
        subject=group.ref,
        customer_id=group.customer_id,
        detail={"name": group.name, "target_s": group.reply_target_s},
        now=now,
    )
    return group
