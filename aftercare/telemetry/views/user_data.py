"""The finished export of an end user's data, for who may ask for one."""

from django.http import FileResponse, Http404, HttpRequest
from django.http.response import HttpResponseBase

from aftercare.accounts.access import needs, person
from aftercare.audit.actions import record
from aftercare.kernel.clock import utc_now
from aftercare.telemetry.access import get_export_for
from aftercare.telemetry.actions.user_data import export_path


@needs("erase_user_data")
def export_file(request: HttpRequest, ref: str) -> HttpResponseBase:
    """The NDJSON file; gone a week after it was made. Every download is in the audit."""
    job = get_export_for(request.user, ref)
    path = export_path(job.request)
    if job.purged_at or not path.exists():
        raise Http404
    record(
        actor=person(request),
        action="user_data.download",
        subject=job.request.ref,
        customer_id=job.request.customer_id,
        detail={"rows": job.rows},
        now=utc_now(),
    )
    return FileResponse(
        path.open("rb"), as_attachment=True, filename=f"user-data-{ref}.ndjson", content_type="application/x-ndjson"
    )
