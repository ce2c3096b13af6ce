"""The filters of the inbox as words: of an address, of a saved view, of a call."""

from collections.abc import Mapping
from dataclasses import asdict

from aftercare.desk.kinds import KINDS
from aftercare.desk.models import Severity, Status, Way
from aftercare.desk.queries import InboxFilter

STATUSES = (*Status.values, "", "unsettled", "snoozed")


def filter_from(asked: Mapping[str, str]) -> InboxFilter:
    """The filter that these words ask for; a status or severity that does not exist narrows nothing."""
    status = asked.get("status", "unsettled")
    severity = asked.get("severity", "")
    way = asked.get("way", "")
    return InboxFilter(
        status=status if status in STATUSES else "unsettled",
        severity=severity if severity in Severity.values else "",
        customer=asked.get("customer", "")[:16],
        mine=asked.get("mine") == "1",
        followed=asked.get("mine") == "followed",
        kind=asked.get("kind", "") if asked.get("kind", "") in KINDS else "",
        words=asked.get("q", "")[:100],
        assignee=asked.get("assignee", "")[:16],
        way=way if way in Way.values else "",
        tag=asked.get("tag", "")[:40],
    )


def as_query(wanted: InboxFilter) -> dict[str, str]:
    """The filter as an address and a saved view write it; what is as usual is left out."""
    told = asdict(wanted) | {"mine": whose(wanted), "q": wanted.words}
    del told["words"], told["followed"]
    usual = {"status": "unsettled"}
    return {name: value for name, value in told.items() if value != usual.get(name, "")}


def whose(wanted: InboxFilter) -> str:
    """The word of the filter by person."""
    return "followed" if wanted.followed else "1" if wanted.mine else ""
