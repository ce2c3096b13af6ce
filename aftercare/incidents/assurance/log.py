"""The log of an assurance, and the lock that everything which changes one takes first."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import LIVE_STATES, Assurance, AssuranceEntry
from aftercare.kernel.errors import Refused

LONGEST = 2_000
ENTRIES_AT_MOST = 2_000

DECISION = "decision"
SENTENCES = {
    DECISION: gettext_noop("%(name)s wrote"),
    "planned": gettext_noop("%(name)s planned the assurance"),
    "changed": gettext_noop("%(name)s changed the plan"),
    "ready": gettext_noop("%(name)s said that everything is ready"),
    "unready": gettext_noop("%(name)s said that it is not ready after all"),
    "running": gettext_noop("It began: the tighter rules hold"),
    "refused": gettext_noop("A tighter rule could not be set"),
    "closed": gettext_noop("It is over: the usual rules hold again"),
    "ended": gettext_noop("%(name)s ended it: the usual rules hold again"),
    "missed": gettext_noop("It is over, and it never began here: no engine ran in all its time"),
    "cancelled": gettext_noop("%(name)s called it off"),
    "rehearsed": gettext_noop("%(name)s noted how the rehearsal went"),
    "told": gettext_noop("Customers were told how ready we are"),
}


def entry_sentence(entry: AssuranceEntry) -> str:
    """The entry in one line, in the language that is active."""
    return _(SENTENCES[entry.kind]) % {"name": entry.actor.name if entry.actor else _("The system")}


def write_entry(
    assurance: Assurance,
    kind: str,
    *,
    now: datetime,
    actor: User | None = None,
    text: str = "",
    for_customers: bool = False,
) -> AssuranceEntry:
    """Add one line to the log."""
    return AssuranceEntry.objects.create(
        assurance=assurance, at=now, kind=kind, actor=actor, text=text, for_customers=for_customers
    )


@transaction.atomic
def write_decision(
    *, assurance: Assurance, text: str, for_customers: bool = False, actor: User, now: datetime
) -> AssuranceEntry:
    """Note what was decided or seen. Raises Refused where it is empty or too long, or the log is full."""
    text = text.replace("\x00", "").replace("\r\n", "\n").strip()
    if not text:
        raise Refused(_("Say what was decided."))
    if len(text) > LONGEST:
        raise Refused(_("A line of the log has at most %(limit)s characters.") % {"limit": LONGEST})
    row = locked(assurance)
    if row.entries.count() >= ENTRIES_AT_MOST:
        raise Refused(_("The log has %(limit)s lines, the most there can be.") % {"limit": ENTRIES_AT_MOST})
    entry = write_entry(row, DECISION, now=now, actor=actor, text=text, for_customers=for_customers)
    record("assurance.decision", row, actor, {"entry": entry.pk}, now)
    return entry


def locked(assurance: Assurance) -> Assurance:
    """The assurance as it is now, locked until the transaction ends."""
    return Assurance.objects.select_for_update(of=("self",), no_key=True).select_related("lead").get(pk=assurance.pk)


def live(assurance: Assurance) -> Assurance:
    """The same. Raises Refused for one that is over or called off."""
    row = locked(assurance)
    if row.state not in LIVE_STATES:
        raise Refused(_("This assurance is over: it can no longer be changed."))
    return row


def record(action: str, assurance: Assurance, actor: User | None, detail: dict[str, object], now: datetime) -> None:
    """The audit row of a deed."""
    audit.record(actor=actor, action=action, subject=assurance.ref, customer_id=None, detail=detail, now=now)
