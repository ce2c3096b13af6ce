"""Asking for everything about one end user to be exported or erased."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.events import UserDataRequested
from aftercare.accounts.models import Customer, DataRequest, User
from aftercare.accounts.queries.keys import user_hash
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.events import publish


def request_user_data(*, customer: Customer, kind: str, identifier: str, actor: User, now: datetime) -> DataRequest:
    """File a request about one end user; the identifier is hashed here and kept nowhere.

    Raises Refused for an empty identifier and while an equal request is still open.
    """
    identifier = identifier.strip()
    if not identifier:
        raise Refused(_("Give the user's identifier as your app sends it."))
    hashed = user_hash(customer, identifier)
    with transaction.atomic():
        Customer.objects.select_for_update().get(pk=customer.pk)
        is_open = DataRequest.objects.filter(
            customer=customer, kind=kind, identifier_hash=hashed, done_at__isnull=True
        ).exists()
        if is_open:
            raise Refused(_("The same request about this user is still being worked on."))
        request = DataRequest.objects.create(
            customer=customer, kind=kind, identifier_hash=hashed, requested_by=actor, at=now
        )
        record(
            actor=actor,
            action=f"user_data.{kind}",
            subject=request.ref,
            customer_id=customer.pk,
            detail={"identifier_hash": hashed.hex()},
            now=now,
        )
        publish(UserDataRequested(request.pk, now))
    return request


def finish_data_request(*, request: DataRequest, result: Mapping[str, Any], now: datetime) -> DataRequest:
    """Keep what a request came to ({"rows": 12}); finishing twice changes nothing."""
    with transaction.atomic():
        locked = DataRequest.objects.select_for_update().get(pk=request.pk)
        if locked.done_at:
            return locked
        locked.done_at, locked.result = now, dict(result)
        locked.save(update_fields=["done_at", "result"])
        record(
            actor=None,
            action="user_data.done",
            subject=locked.ref,
            customer_id=locked.customer_id,
            detail=locked.result,
            now=now,
        )
    return locked
