"""Hands the accounts room's keys to the front door, which knows no Django."""

from collections.abc import Iterator

from django.conf import settings

from aftercare.accounts.queries import ingest_keys_snapshot
from aftercare.ingest.keys import Key
from aftercare.ingest.samples import NO_FACTS, Facts
from aftercare.kernel.signing import keyed_hash
from aftercare.telemetry.models import Resource, ScrapeTarget

# How long raw reports are kept, by plan; what no customer owns is the provider's own infrastructure.
KEEP_DAYS = {"basic": 15, "professional": 30, "flagship": 90}
PROVIDER_KEEP_DAYS = 30


def load_keys() -> Iterator[Key]:
    """Every key in the form that the front door holds."""
    snapshot = ingest_keys_snapshot()
    about = resource_facts({facts.resource_ref for facts in snapshot if facts.resource_ref})
    for facts in snapshot:
        own = facts.resource_ref or ""
        yield Key(
            fingerprint=facts.fingerprint,
            customer=facts.customer_id or 0,
            app=facts.app_id or 0,
            keep_days=KEEP_DAYS.get(facts.plan or "", PROVIDER_KEEP_DAYS),
            quota_lines_per_s=facts.quota_lines_per_s,
            user_secret=provider_secret() if own else facts.user_hash_secret,
            expires_at=facts.expires_at.timestamp() if facts.expires_at else 0,
            revoked_at=facts.revoked_at.timestamp() if facts.revoked_at else 0,
            resource=own,
            facts=about.get(own, Facts(edge=own) if own else NO_FACTS),
            callback_source=facts.callback_source,
            callback_secret=facts.callback_secret,
        )


def resource_facts(refs: set[str]) -> dict[str, Facts]:
    """What a resource's reports are about where they do not say it: its domain, else its name as the edge."""
    return {resource.ref: facts_about(resource) for resource in Resource.objects.filter(ref__in=refs)}


def facts_about(resource: Resource) -> Facts:
    """What a resource's measurements are about."""
    is_domain = resource.kind == Resource.Kind.CDN_DOMAIN
    return Facts(domain=resource.name) if is_domain else Facts(edge=resource.name)


def key_of_target(target: ScrapeTarget) -> Key:
    """Whose a scrape target's measurements are, in the form that the front door knows owners by. It is no key that
    anybody could send with.
    """
    app, resource = target.app, target.resource
    return Key(
        fingerprint="",
        customer=app.customer_id if app else 0,
        app=app.pk if app else 0,
        keep_days=KEEP_DAYS.get(app.customer.plan, PROVIDER_KEEP_DAYS) if app else PROVIDER_KEEP_DAYS,
        quota_lines_per_s=0,
        user_secret=None,
        resource=resource.ref if resource else "",
        facts=facts_about(resource) if resource else NO_FACTS,
    )


def provider_secret() -> bytes:
    """The secret under which the provider's own nodes' users are hashed; it is nobody's customer's."""
    return keyed_hash(settings.SECRET_KEY.encode(), "users on the provider's own resources")
