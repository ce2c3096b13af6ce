"""The rules that every installation starts with: what probes see of certificates and domains."""

from datetime import datetime

from aftercare.watch.models import RiskKind, RiskRule, RiskSource
from aftercare.watch.risks.types import USUAL_LEADS

# Stored names are read by the provider's own people, who may change them.
BUILTIN: dict[str, tuple[str, str]] = {
    "certificates": ("Certificates · 证书", RiskKind.CERTIFICATE),
    "domains": ("Domains · 域名", RiskKind.DOMAIN),
}


def ensure_builtin(now: datetime) -> None:
    """Make those that were never made; one that was deleted stays deleted. Twice at once makes one."""
    known = set(RiskRule.objects.filter(builtin__in=BUILTIN).values_list("builtin", flat=True))
    missing = [
        RiskRule(
            builtin=key,
            name=name,
            kind=kind,
            source=RiskSource.PROBES,
            lead_days=list(USUAL_LEADS),
            due_at=now,
            created_at=now,
            edited_at=now,
        )
        for key, (name, kind) in BUILTIN.items()
        if key not in known
    ]
    if missing:
        RiskRule.objects.bulk_create(missing, ignore_conflicts=True)
