"""Exporting and erasing everything about one end user, a day of raw rows at a time.

An export is a file of NDJSON that grows by whole days: how far it counts is in the job's row, so a crash between the
file and the row only repeats a day. An erasure removes raw rows and session rows; rollups keep their anonymous sums.
"""

import logging
from collections.abc import Callable, Iterable
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from aftercare.accounts.actions.data_requests import finish_data_request
from aftercare.accounts.models import Customer, DataRequest, IngestKey
from aftercare.accounts.queries import user_hash
from aftercare.telemetry.models import UserDataJob
from aftercare.telemetry.queries import user_rows

log = logging.getLogger(__name__)

# What rooms above keep of a user: JSON lines for the end of an export, read when it is finished.
Source = Callable[[DataRequest], Iterable[str]]

_sources: list[Source] = []

KEPT_FOR = timedelta(days=7)
RETRY_AFTER = timedelta(minutes=5)


def export_also(source: Source) -> None:
    """An upper room says, when it starts, what else an end user's export holds."""
    if source not in _sources:
        _sources.append(source)


def work_on_next(*, now: datetime) -> int:
    """Do one slice of the oldest request that is due; returns 1, or 0 when none is. A failing one waits 5 minutes."""
    with transaction.atomic():
        due = UserDataJob.objects.filter(finished_at__isnull=True, next_try_at__lte=now)
        job = due.select_for_update(skip_locked=True, of=("self",)).select_related("request__customer").first()
        if job is None:
            return 0
        try:
            with transaction.atomic():
                do_slice(job, now)
        except Exception:
            log.exception("the request %s about a user's data failed, to be tried again", job.request.ref)
            job.refresh_from_db(fields=["days", "rows", "written_bytes", "finished_at"])
            job.failures += 1
            job.next_try_at = now + RETRY_AFTER
        job.save()
    return 1


def do_slice(job: UserDataJob, now: datetime) -> None:
    """Find the days, or work on one of them, or finish."""
    request = job.request
    names = stored_names(request)
    if job.days is None:
        job.days = user_rows.days_of(request.customer_id, names)
    elif job.days:
        day = job.days[0]
        if request.kind == DataRequest.Kind.EXPORT:
            append(job, user_rows.rows_of_day(request.customer_id, names, day))
        else:
            job.rows += user_rows.erase_day(request.customer_id, names, day)
        job.days = job.days[1:]
    else:
        job.finished_at = now
        if request.kind == DataRequest.Kind.EXPORT:
            append(job, (line for source in _sources for line in source(request)))
        finish_data_request(request=request, result={"rows": job.rows}, now=now)


def append(job: UserDataJob, lines: Iterable[str]) -> None:
    """Write rows to the file, from where the job's row says it counts."""
    path = export_path(job.request)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    with path.open("r+b") as file:
        file.truncate(job.written_bytes)
        file.seek(job.written_bytes)
        for line in lines:
            file.write(line.encode() + b"\n")
            job.rows += 1
        job.written_bytes = file.tell()


def export_path(request: DataRequest) -> Path:
    """The file of an export."""
    folder: Path = settings.DATA_DIR / "exports"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder / f"{request.ref}.ndjson"


def purge_exports(*, now: datetime) -> int:
    """Remove export files a week after they were made; returns how many."""
    old = UserDataJob.objects.filter(
        request__kind=DataRequest.Kind.EXPORT, finished_at__lt=now - KEPT_FOR, purged_at__isnull=True
    ).select_related("request")
    for job in old:
        export_path(job.request).unlink(missing_ok=True)
        job.purged_at = now
        job.save(update_fields=["purged_at"])
    return len(old)


def stored_names(request: DataRequest) -> list[str]:
    """What the user is stored as: the hash, and any plain identifiers with this hash where a key does not hash."""
    customer: Customer = request.customer
    hashed = bytes(request.identifier_hash)
    names = [hashed.hex()]
    if IngestKey.objects.filter(customer=customer, user_hash=False).exists():
        plain = user_rows.plain_users(customer.pk)
        names += [user for user in plain if user_hash(customer, user) == hashed]
    return names
