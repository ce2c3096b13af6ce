"""By which rules incidents are graded and reports are due: versions that the provider keeps, else our defaults."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.incidents.models import Level, ReviewRules, Severity
from aftercare.kernel.errors import Refused

ROWS_AT_MOST = 20
LONGEST_MINUTES = 7 * 24 * 60


@dataclass(frozen=True)
class GridRow:
    """An incident with at least so many users hit for at least so many minutes has this level."""

    level: int
    users: int
    minutes: int


@dataclass(frozen=True)
class Rules:
    """One version of the rules. Minutes until updates by severity (0: none is owed), working days, hours."""

    version: int
    grid: tuple[GridRow, ...]
    first_red: int
    first_warning: int
    next_red: int
    next_warning: int
    report_days: int
    report_up_to: int
    regulator_hours: int | None
    regulator_up_to: int

    def first_within(self, severity: str) -> timedelta | None:
        """How soon customers hear of an incident first; None where nothing is owed."""
        minutes = self.first_red if severity == Severity.RED else self.first_warning
        return timedelta(minutes=minutes) if minutes else None

    def next_within(self, severity: str) -> timedelta:
        """How soon they hear of it again, as the composer proposes."""
        return timedelta(minutes=self.next_red if severity == Severity.RED else self.next_warning)

    def level_of(self, users: int | None, minutes: int) -> int | None:
        """The gravest level both of whose figures are reached; the last where none is; None of unknown users."""
        if users is None:
            return None
        reached = [row.level for row in self.grid if users >= row.users and minutes >= row.minutes]
        return min(reached, default=int(Level.FOUR))


# Ours, to be replaced by the provider's own table: the trade has no common one. The due times are the usual ones of
# contracts: first word within a quarter of an hour, then each half hour, the report within three working days.
DEFAULTS = Rules(
    version=0,
    grid=(
        GridRow(1, 10_000, 30),
        GridRow(1, 100_000, 5),
        GridRow(2, 1_000, 30),
        GridRow(2, 10_000, 5),
        GridRow(3, 100, 30),
        GridRow(3, 1_000, 5),
    ),
    first_red=15,
    first_warning=0,
    next_red=30,
    next_warning=120,
    report_days=3,
    report_up_to=3,
    regulator_hours=None,
    regulator_up_to=1,
)


def rules_in_force() -> Rules:
    """The newest version; the defaults where nobody has made one."""
    row = ReviewRules.objects.order_by("-version").first()
    return rules_of(row) if row is not None else DEFAULTS


def rules_of(row: ReviewRules) -> Rules:
    """A version as a value."""
    plain = {name: getattr(row, name) for name in Rules.__dataclass_fields__ if name != "grid"}
    return Rules(**plain, grid=tuple(GridRow(**one) for one in row.grid))


@transaction.atomic
def save_rules(*, rules: Rules, seen_version: int, actor: User, now: datetime) -> ReviewRules:
    """A new version, in force from now on; what was judged stays judged by the old one.

    `seen_version` is the one the form was filled from. Raises Refused where somebody made another meanwhile, and for a
    table that contradicts itself.
    """
    check(rules.grid)
    changed = _("Somebody changed the rules meanwhile. Look at them, then save yours again.")
    if rules_in_force().version != seen_version:
        raise Refused(changed)
    values = {**asdict(rules), "version": seen_version + 1}
    try:
        with transaction.atomic():
            row = ReviewRules.objects.create(**values, at=now, by=actor)
    except IntegrityError:
        raise Refused(changed) from None
    audit.record(actor=actor, action="incident.rules", subject=str(row.version), customer_id=None, detail={}, now=now)
    return row


def check(grid: Sequence[GridRow]) -> None:
    """Raises Refused for a table nobody could grade by: a graver level that asks for less than a lighter one."""
    if not grid or len(grid) > ROWS_AT_MOST:
        raise Refused(_("The table has one to %(limit)s rows.") % {"limit": ROWS_AT_MOST})
    if any(row.minutes > LONGEST_MINUTES for row in grid):
        raise Refused(_("No row of the table asks for more than a week."))
    for grave in grid:
        for light in grid:
            if grave.level < light.level and grave.users <= light.users and grave.minutes <= light.minutes:
                words = {"grave": Level(grave.level).label, "light": Level(light.level).label}
                raise Refused(_("A row of %(light)s is never reached: one of %(grave)s asks for less.") % words)
