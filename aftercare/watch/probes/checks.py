"""What a probe target may be. Whether an address may be reached is for each agent to judge, where it stands."""

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.models import ProbeKind
from aftercare.watch.probes.addresses import WEB, check_url, require_host, split
from aftercare.watch.probes.expectations import check_expectations
from aftercare.watch.probes.types import PLAYS, PUSHES, ProbeFacts

SCHEMES = {
    **dict.fromkeys((ProbeKind.HLS, ProbeKind.FLV, ProbeKind.WHEP, ProbeKind.WHIP, ProbeKind.HTTP_API), WEB),
    **dict.fromkeys((ProbeKind.RTMP, ProbeKind.RTMP_PUSH), ("rtmp",)),
    ProbeKind.SRT_PUSH: ("srt",),
}
LEAST_MEDIA_S, LEAST_ASK_S, MOST_S = 30, 10, 86_400


def check(facts: ProbeFacts) -> None:
    """Raises Refused with a sentence for settings that make no sense."""
    if facts.kind not in ProbeKind.values:
        raise Refused(_("There is no such kind of target."))
    if not facts.name.strip() or not facts.name.isprintable():
        raise Refused(_("Give the target a name of visible characters."))
    kind = ProbeKind(facts.kind)
    check_address(kind, facts.address)
    least = LEAST_MEDIA_S if kind in PLAYS | PUSHES else LEAST_ASK_S
    if not least <= facts.every_s <= MOST_S:
        raise Refused(
            _("A target of this kind is looked at every %(least)d to %(most)d seconds.")
            % {"least": least, "most": MOST_S}
        )
    check_expectations(kind, facts.expectations)


def check_address(kind: ProbeKind, address: str) -> None:
    """Raises Refused unless the address is one of this kind."""
    if kind in (ProbeKind.DNS, ProbeKind.DOMAIN):
        require_host(address)
    elif kind == ProbeKind.CERTIFICATE:
        parts = split(f"//{address}")
        require_host(parts.hostname or "")
        if parts.netloc != address or "@" in address:
            raise Refused(_("Write the host alone, or with its port: live.example.com:443."))
    else:
        check_url(address, SCHEMES[kind])
