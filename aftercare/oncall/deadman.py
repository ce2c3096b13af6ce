"""The auditor's own heartbeat: a dead-man outside hears of every clean audit, and calls somebody when it hears nothing.

Whatever is wrong with us, a process that stands still, a database that is gone, a page that was forgotten, comes out as
silence there: nothing of ours is needed to notice it.
"""

import logging
from datetime import datetime

from django.conf import settings

from aftercare.kernel.calls import NoAnswer, NotSent, call
from aftercare.kernel.clock import utc_now
from aftercare.oncall.engine import audit_open_pages
from aftercare.oncall.models import Page, PageAudit

log = logging.getLogger(__name__)

TIMEOUT_S = 5.0


def audit_and_tell(now: datetime) -> list[Page]:
    """Audit the open pages, and tell the dead-man where there is one and nothing was found; returns what was found.

    Runs in the auditor's own loop: a dead-man that does not answer keeps nobody's page waiting.
    """
    offending = audit_open_pages(now)
    if settings.DEADMAN_URL and not offending:
        audit = PageAudit.objects.filter(at=now).first()
        if audit is not None:
            tell(audit, settings.DEADMAN_URL)
    return offending


def tell(audit: PageAudit, url: str) -> None:
    """Call the dead-man, and keep with the audit when it heard, or why it did not."""
    try:
        answer = call("GET", url, timeout_s=TIMEOUT_S, most_bytes=0, cuts=True)
        untold = "" if 200 <= answer.status < 300 else f"it answered {answer.status}"
    except (NotSent, NoAnswer) as error:
        untold = str(error)[:200] or type(error).__name__
    if untold:
        log.warning("the dead-man could not be told of a clean audit: %s", untold)
    audit.told_at, audit.untold = (None, untold) if untold else (utc_now(), "")
    audit.save(update_fields=["told_at", "untold"])
