"""Issuing, rotating and revoking ingest keys."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import App, IngestKey, User
from aftercare.accounts.models.key import DEFAULT_QUOTA_LINES_PER_S, CallbackSource
from aftercare.audit.actions import record
from aftercare.kernel.errors import Refused
from aftercare.kernel.ids import ALPHABET
from aftercare.kernel.signing import fingerprint

KEYS_CHANNEL = "aftercare_keys"
LONGEST_OVERLAP_H = 24 * 30
# Each key has a quota of its own: without a bound on keys there would be none on what one app sends.
MOST_KEYS_OF_APP = 20


@dataclass(frozen=True)
class IssuedKey:
    """A key just made, with its secret: the only time anybody sees it."""

    key: IngestKey
    secret: str


def issue_app_key(
    *,
    app: App,
    label: str,
    actor: User | None,
    now: datetime,
    user_hash: bool = True,
    quota_lines_per_s: int = DEFAULT_QUOTA_LINES_PER_S,
    callback_source: str = "",
    callback_secret: str = "",
) -> IssuedKey:
    """Make a key for one app of a customer, perhaps for a vendor's callbacks, with the secret that signs them.

    Raises Refused when the app has MOST_KEYS_OF_APP working ones, and for half of a callback's two parts.
    """
    working = IngestKey.objects.filter(app=app, revoked_at__isnull=True).exclude(expires_at__lte=now)
    if working.count() >= MOST_KEYS_OF_APP:
        raise Refused(
            _("This app has %(n)s working keys. Revoke one that nothing uses first.") % {"n": MOST_KEYS_OF_APP}
        )
    draft = IngestKey(customer=app.customer, app=app, label=label, user_hash=user_hash)
    draft.quota_lines_per_s = quota_lines_per_s
    draft.callback_source, draft.callback_secret = whole_callback(callback_source, callback_secret)
    detail = {"app": app.ref, "label": label, **({"callbacks": callback_source} if callback_source else {})}
    return _issue(draft, actor=actor, now=now, action="key.issue", detail=detail)


def issue_resource_key(
    *,
    resource_ref: str,
    label: str,
    actor: User | None,
    now: datetime,
    quota_lines_per_s: int = DEFAULT_QUOTA_LINES_PER_S,
) -> IssuedKey:
    """Make a key for one of the provider's own resources (an edge node, a cluster); it belongs to no customer."""
    draft = IngestKey(resource_ref=resource_ref, label=label, quota_lines_per_s=quota_lines_per_s)
    detail = {"resource": resource_ref, "label": label}
    return _issue(draft, actor=actor, now=now, action="key.issue", detail=detail)


def rotate_key(*, key: IngestKey, overlap_h: int, actor: User | None, now: datetime) -> IssuedKey:
    """Make the successor of a key, equal in everything but its secret; the old one works `overlap_h` hours longer.

    Raises Refused for a key that is revoked, expired or already rotated, and for an overlap out of 0 to 720 hours.
    """
    if not 0 <= overlap_h <= LONGEST_OVERLAP_H:
        raise Refused(_("The overlap must be between 0 and %(most)s hours.") % {"most": LONGEST_OVERLAP_H})
    with transaction.atomic():
        old = IngestKey.objects.select_for_update().get(pk=key.pk)
        if old.revoked_at or (old.expires_at and old.expires_at <= now):
            raise Refused(_("This key no longer works. Issue a new one instead."))
        if IngestKey.objects.filter(replaces=old).exists():
            raise Refused(_("This key was rotated already. Rotate its successor instead."))
        old.expires_at = now + timedelta(hours=overlap_h)
        old.save(update_fields=["expires_at"])
        draft = IngestKey(
            customer_id=old.customer_id,
            app_id=old.app_id,
            resource_ref=old.resource_ref,
            label=old.label,
            user_hash=old.user_hash,
            quota_lines_per_s=old.quota_lines_per_s,
            callback_source=old.callback_source,
            callback_secret=old.callback_secret,
            replaces=old,
        )
        detail = {"replaces": old.ref, "overlap_h": overlap_h}
        return _issue(draft, actor=actor, now=now, action="key.rotate", detail=detail)


def revoke_key(*, key: IngestKey, actor: User | None, now: datetime) -> IngestKey:
    """Make a key worthless from now on. Revoking twice changes nothing."""
    with transaction.atomic():
        locked = IngestKey.objects.select_for_update().get(pk=key.pk)
        if locked.revoked_at:
            return locked
        locked.revoked_at = now
        locked.save(update_fields=["revoked_at"])
        record(
            actor=actor,
            action="key.revoke",
            subject=locked.ref,
            customer_id=locked.customer_id,
            detail={"prefix": locked.prefix, "label": locked.label},
            now=now,
        )
        notify_keys_changed()
    return locked


def set_callback(*, key: IngestKey, source: str, secret: str, actor: User | None, now: datetime) -> IngestKey:
    """Say whose callbacks come with a key and what they are signed with; an empty `source` ends that.

    Raises Refused for a key that no longer works, an unknown vendor, and for half of the two parts.
    """
    source, secret = whole_callback(source, secret)
    with transaction.atomic():
        locked = IngestKey.objects.select_for_update().get(pk=key.pk)
        if locked.revoked_at or (locked.expires_at and locked.expires_at <= now):
            raise Refused(_("This key no longer works. Issue a new one instead."))
        before = locked.callback_source
        locked.callback_source, locked.callback_secret = source, secret
        locked.save(update_fields=["callback_source", "callback_secret"])
        record(
            actor=actor,
            action="key.callback",
            subject=locked.ref,
            customer_id=locked.customer_id,
            detail={"prefix": locked.prefix, "label": locked.label, "from": before, "to": source},
            now=now,
        )
        notify_keys_changed()
    return locked


def whole_callback(source: str, secret: str) -> tuple[str, str]:
    """A vendor and its secret, or neither. Raises Refused for an unknown vendor and for one without the other."""
    secret = secret.strip()
    if source not in ("", *CallbackSource.values):
        raise Refused(_("This vendor is not known here."))
    if bool(source) != bool(secret):
        raise Refused(_("Callbacks need both, the vendor and the secret that it signs with."))
    return source, secret


def notify_keys_changed() -> None:
    """Tell the ingest processes, when this transaction commits, to read the keys again."""
    with connection.cursor() as cursor:
        cursor.execute("select pg_notify(%s, '')", [KEYS_CHANNEL])


def _issue(
    draft: IngestKey, *, actor: User | None, now: datetime, action: str, detail: Mapping[str, object]
) -> IssuedKey:
    draft.prefix = "".join(secrets.choice(ALPHABET) for _ in range(8))
    secret = f"ak_{draft.prefix}_" + "".join(secrets.choice(ALPHABET) for _ in range(32))
    draft.fingerprint = fingerprint(secret)
    draft.issued_by = actor
    draft.created_at = now
    with transaction.atomic():
        draft.save()
        record(
            actor=actor,
            action=action,
            subject=draft.ref,
            customer_id=draft.customer_id,
            detail={"prefix": draft.prefix, **detail},
            now=now,
        )
        notify_keys_changed()
    return IssuedKey(draft, secret)
