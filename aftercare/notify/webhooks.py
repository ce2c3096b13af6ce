"""Webhooks: telling customers' programs what happens, with a log of what was told and a way to tell it again."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.audit import actions as audit
from aftercare.kernel.errors import Refused
from aftercare.notify.actions import new_webhook_secret, wake_engine
from aftercare.notify.adapters.addresses import parse
from aftercare.notify.models import SETTLED, Channel, Delivery, State, WebhookEndpoint

ENDPOINTS_AT_MOST = 20

# Every kind of event that a room tells, with its words; rooms name theirs when they start.
KINDS: dict[str, Any] = {}


def name_kinds(kinds: Mapping[str, Any]) -> None:
    """At start-up: these events exist."""
    KINDS.update(kinds)


@transaction.atomic
def add_endpoint(*, actor: User, url: str, events: Sequence[str] = (), now: datetime) -> WebhookEndpoint:
    """A new webhook of the actor's company. Raises Refused for a wrong address, an unknown event, or too many."""
    url = url.strip()
    parse(url)
    unknown = [kind for kind in events if kind not in KINDS]
    if unknown:
        raise Refused(_("There is no event %(name)s.") % {"name": repr(unknown[0])})
    if WebhookEndpoint.objects.filter(customer=actor.customer).count() >= ENDPOINTS_AT_MOST:
        raise Refused(_("There are %(n)s webhooks already; remove one first.") % {"n": ENDPOINTS_AT_MOST})
    endpoint = WebhookEndpoint.objects.create(
        customer_id=actor.customer_id,
        url=url,
        secret=new_webhook_secret(),
        events=sorted(set(events)),
        created_at=now,
    )
    keep_record("webhook.add", endpoint, actor, now)
    return endpoint


@transaction.atomic
def switch_endpoint(*, endpoint: WebhookEndpoint, enabled: bool, actor: User, now: datetime) -> None:
    """Tell it what happens from now on, or no longer."""
    endpoint.enabled = enabled
    endpoint.save(update_fields=["enabled"])
    keep_record("webhook.enable" if enabled else "webhook.disable", endpoint, actor, now)


@transaction.atomic
def remove_endpoint(*, endpoint: WebhookEndpoint, actor: User, now: datetime) -> None:
    """Forget a webhook; what waits for it is not sent."""
    waiting = Delivery.objects.filter(endpoint=endpoint, state=State.PENDING)
    waiting.update(state=State.DROPPED, last_error="The webhook was removed.")
    keep_record("webhook.remove", endpoint, actor, now)
    endpoint.delete()


@transaction.atomic
def replay(*, delivery: Delivery, actor: User, now: datetime) -> None:
    """Tell it again, under the same `webhook-id`. Raises Refused while it is still under way."""
    row = Delivery.objects.select_for_update().get(pk=delivery.pk)
    if row.state not in SETTLED or row.endpoint is None:
        raise Refused(_("This delivery is still under way."))
    row.state, row.attempts, row.due_at, row.sent_at = State.PENDING, 0, now, None
    row.save(update_fields=["state", "attempts", "due_at", "sent_at"])
    keep_record("webhook.replay", row.endpoint, actor, now, delivery=row.ref)
    wake_engine()


def tell(kind: str, *, customer_id: int, subject_ref: str, data: Mapping[str, Any], now: datetime) -> int:
    """Write an outbox row for every webhook that wishes to hear this; returns how many.

    The customer's own hear of what is the customer's, the provider's own of everything.
    """
    wished = Q(events=[]) | Q(events__contains=[kind])
    hearing = WebhookEndpoint.objects.filter(Q(customer_id=customer_id) | Q(customer=None), wished, enabled=True)
    rows = [
        Delivery(
            endpoint=endpoint,
            channel=Channel.WEBHOOK,
            address=endpoint.url,
            kind=kind,
            subject_ref=subject_ref,
            title=kind,
            data=dict(data),
            due_at=now,
            created_at=now,
        )
        for endpoint in hearing
    ]
    if rows:
        Delivery.objects.bulk_create(rows)
        wake_engine()
    return len(rows)


def keep_record(action: str, endpoint: WebhookEndpoint, actor: User, now: datetime, **detail: str) -> None:
    """The audit row."""
    told = {"url": endpoint.url, **detail}
    audit.record(
        actor=actor, action=action, subject=endpoint.ref, customer_id=endpoint.customer_id, detail=told, now=now
    )
