"""What is said of an alert that should wait."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from aftercare.incidents.models import HeldFor
from aftercare.watch.models import Alert


@dataclass(frozen=True)
class Hold:
    """Why an alert waits, and the row by which it does and that says when it no longer does."""

    reason: HeldFor
    silence_id: int | None = None
    rule_id: int | None = None
    parent_id: int | None = None
    change_id: int | None = None


# Asked of alerts that just opened, or that waited: which of them should wait now, by their primary keys.
Holder = Callable[[Sequence[Alert], datetime], Mapping[int, Hold]]
