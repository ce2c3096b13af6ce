"""Taking rows out of the outbox, so that no two processes take the same one and a crash leaves a trace."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from operator import itemgetter

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils.translation import gettext_noop as _

from aftercare.kernel.standing import require_current
from aftercare.notify.adapters import push
from aftercare.notify.answers import can_be_answered
from aftercare.notify.engine import bundles, pace, results, ringing
from aftercare.notify.models import CONVERSATION, PERSONAL, Channel, Delivery, State, Urgency
from aftercare.notify.reach import is_to_person

# A provider call ends after 5 s; a vendor may want one for the token before it, SMTP takes several of 5 s each, a new
# user of a homeserver 15 s in all, and an urgent message to one person in Feishu four or five calls.
DEADLINE_S = defaultdict(lambda: 20, dict.fromkeys(PERSONAL, 10) | {Channel.EMAIL: 30})
TO_ONE_IN_FEISHU_S = 30
AT_ONCE_PER_ADDRESS = 2
NOBODY = _("The person is no longer there.")
PUSHES_AT_ONCE = 500
LOOKED_AT = 300


def recover(now: datetime, *, still_ours: Collection[int]) -> int:
    """Decide about rows whose sender vanished: the provider may have them. Returns how many there were.

    Urgent ones go out again marked as a repeat, routine ones are dropped with the reason.
    """
    with transaction.atomic():
        require_current()
        lost = list(
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(state=State.SENDING, deadline_at__lte=now)
            .exclude(pk__in=still_ours)
            .order_by("subject_ref", "pk")[:500]  # every process settles subjects in the same order
        )
        for delivery in lost:
            results.settle_unknown(delivery, results.CUT_OFF, delay_s=0, now=now)
    return len(lost)


def claim_pushes(now: datetime) -> int:
    """Put due pushes into their persons' streams. The row is the message, so claim and result are one transaction."""
    with transaction.atomic():
        require_current()
        due = Delivery.objects.select_for_update(skip_locked=True).filter(
            state=State.PENDING, due_at__lte=now, channel=Channel.PUSH
        )
        rows = sorted(due.order_by("due_at", "id")[:PUSHES_AT_ONCE], key=lambda row: (row.subject_ref, row.pk))
        Delivery.objects.filter(pk__in=[row.pk for row in rows]).update(attempts=F("attempts") + 1)
        for row in rows:
            row.attempts += 1
        for is_there, group in groupby(rows, key=lambda row: row.user_id is not None):
            together = list(group)
            put_into_streams(together, now) if is_there else let_go_of(together, now)
    return len(rows)


def put_into_streams(rows: Sequence[Delivery], now: datetime) -> None:
    """These pushes are in their persons' streams once the transaction commits."""
    push.announce_all([(row.user_id, row.pk) for row in rows if row.user_id is not None])
    results.settle_sent([(row, "") for row in rows], now)


def let_go_of(rows: Iterable[Delivery], now: datetime) -> None:
    """Nobody is there any more to whom these could be shown."""
    for row in rows:
        results.settle_failed(row, NOBODY, now)


def claim(now: datetime, *, limit: int, routine_limit: int, busy: Collection[tuple[str, str]]) -> list[Delivery]:
    """Mark up to `limit` due rows as being sent, with a deadline, and return them, users and contacts loaded.

    Urgent first, then people who have heard nothing of the subject yet, then the oldest. At most `routine_limit` are
    routine, and AT_ONCE_PER_ADDRESS go to one address, so that neither a flood nor one dead receiver holds the rest.
    A conversation's words go to a chat one at a time, in order; what the vendor's pace forbids now is put off. What
    rings one person gets its account here, or fails where none is left. Where several wait for one person and may go
    together, the one that is returned speaks for the others (`Delivery.together`).
    """
    if limit <= 0:
        return []
    with transaction.atomic():
        require_current()
        wanted = candidates(now, limit, routine_limit, busy)
        rows = list(
            Delivery.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(pk__in=wanted, state=State.PENDING)
            .select_related("user__customer", "contact", "account", "endpoint")
        )
        order = {pk: place for place, pk in enumerate(wanted)}
        let_go_of(sorted(filter(is_nobodys, rows), key=lambda row: (row.subject_ref, row.pk)), now)
        there = [row for row in rows if not is_nobodys(row)]
        speakers, spoken_for = bundles.gather(sorted(there, key=lambda row: order[row.pk]), now)
        assigned = ringing.assign(speakers, now)
        rows = pace.let_go(assigned, now)
        ringing.take_back([row for row in assigned if row not in rows])
        for seconds, together in by_deadline(rows).items():
            Delivery.objects.filter(pk__in=[row.pk for row in together]).update(
                state=State.SENDING, attempts=F("attempts") + 1, deadline_at=now + timedelta(seconds=seconds)
            )
        for row in rows:
            row.state, row.attempts = State.SENDING, row.attempts + 1
            row.together = spoken_for.get(row.pk, [])
            if row.together:
                bundles.join(row, row.together, now + timedelta(seconds=deadline_s(row)))
    return rows


def is_nobodys(row: Delivery) -> bool:
    """Whether this was for a person's own way, or for their answer, and they are gone: nobody rings who has left."""
    is_persons = row.contact_id is not None or can_be_answered(row.data)
    return is_persons and (row.user is None or not row.user.is_active)


def by_deadline(rows: Collection[Delivery]) -> dict[int, list[Delivery]]:
    """The rows by how many seconds their sender has."""
    found: defaultdict[int, list[Delivery]] = defaultdict(list)
    for row in rows:
        found[deadline_s(row)].append(row)
    return found


def deadline_s(row: Delivery) -> int:
    """After how long whoever sends this row is taken for dead."""
    if row.channel == Channel.FEISHU and is_to_person(row):
        return TO_ONE_IN_FEISHU_S
    return DEADLINE_S[Channel(row.channel)]


def candidates(now: datetime, limit: int, routine_limit: int, busy: Collection[tuple[str, str]]) -> list[int]:
    """Ids of due rows in the order they should go, not locked.

    Only the LOOKED_AT that are due longest of those whose address is free are put in order: what stands before them all
    is one address's flood at most until that address is busy, and then it is out of sight.
    """
    due = Delivery.objects.filter(state=State.PENDING, due_at__lte=now).exclude(channel=Channel.PUSH)
    addresses: dict[str, list[str]] = defaultdict(list)
    for channel, address in busy:
        addresses[channel].append(address)
    for channel, taken in addresses.items():
        due = due.exclude(channel=channel, address__in=taken)
    earlier = Delivery.objects.filter(
        kind=CONVERSATION,
        channel=OuterRef("channel"),
        address=OuterRef("address"),
        state__in=[State.PENDING, State.SENDING],
        pk__lt=OuterRef("pk"),
    )
    due = due.exclude(Q(kind=CONVERSATION) & Exists(earlier))
    to_address: Counter[tuple[str, str]] = Counter()
    urgent = fair(due.filter(urgency=Urgency.URGENT), limit, to_address)
    routine_limit = min(routine_limit, limit - len(urgent))
    return urgent + fair(due.filter(urgency=Urgency.ROUTINE), routine_limit, to_address)


def fair(due: "QuerySet[Delivery]", limit: int, to_address: Counter[tuple[str, str]]) -> list[int]:
    """Ids of up to `limit` of these: first who has heard nothing of the subject, then the oldest, and no more to one
    address than may go at once, `to_address` counting them.
    """
    if limit <= 0:
        return []
    heard = Delivery.objects.filter(user_id=OuterRef("user_id"), subject_ref=OuterRef("subject_ref"), state=State.SENT)
    near = due.annotate(has_heard=Exists(heard)).order_by("due_at", "id")
    found: list[int] = []
    rows = near.values_list("pk", "channel", "address", "has_heard")[:LOOKED_AT]
    for pk, channel, address, _has_heard in sorted(rows, key=itemgetter(3)):
        if len(found) == limit:
            break
        if to_address[channel, address] < AT_ONCE_PER_ADDRESS:
            to_address[channel, address] += 1
            found.append(pk)
    return found
