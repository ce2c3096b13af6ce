"""What an end user's export holds of the desk's: their complaints."""

import json
from collections.abc import Iterator

from aftercare.accounts.models import DataRequest
from aftercare.desk.models import Complaint


def lines_of_user(request: DataRequest) -> Iterator[str]:
    """One JSON line for each complaint, in time's order; `record` tells them from telemetry's rows."""
    theirs = Complaint.objects.filter(customer=request.customer_id, user_hash=request.identifier_hex)
    for row in theirs.select_related("app").order_by("at", "pk").iterator(chunk_size=1000):
        told = {
            "record": "complaint",
            "app": row.app.ref,
            "id": row.external_id,
            "at": row.at.isoformat(),
            "user": row.user_hash,
            "kind": row.kind,
            "stream": row.stream,
            "words": row.words,
        }
        yield json.dumps({name: value for name, value in told.items() if value}, ensure_ascii=False)
