"""Client and server beside each other: whether they saw the same call, said plainly."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from aftercare.telemetry.queries import Timeline
from aftercare.telemetry.queries.server_view import ServerView

# Fewer packets than this give no verdict.
LEAST_PACKETS = 100
# Both count packets of the same stream, but not to the same moment.
APART_PERCENT = 1.0
# Client and server measure round trips by different packets (STUN, RTCP).
APART_MS, APART_TIMES = 50.0, 1.5


@dataclass(frozen=True)
class Finding:
    """One thing that both saw, in words, and whether they agree on it."""

    sentence: str
    agrees: bool


def findings(timeline: Timeline) -> list[Finding]:
    """What client and server say of loss and of the round trip; nothing where only one of them said anything."""
    server = timeline.server
    if server is None:
        return []
    return [found for found in (loss(timeline, server), round_trip(timeline, server)) if found is not None]


def loss(timeline: Timeline, server: ServerView) -> Finding | None:
    """Loss on the way that this client tells of: towards it, and from it where nothing came to it.

    Where the client told the server nothing of the sound it received (some browsers do not), pictures are compared.
    """
    way = "down" if server.packets["down"] >= LEAST_PACKETS else "up"
    ours, our_lost = timeline.totals["packets"], timeline.totals["packets_lost"]
    is_picture_only = way == "down" and server.unheard == {"audio"}
    if is_picture_only:
        ours, our_lost = ours - timeline.audio_packets, our_lost - timeline.audio_lost
    elif way == "down" and server.unheard:
        return None
    theirs, their_lost = server.packets[way], server.lost[way]
    if min(ours, theirs) < LEAST_PACKETS:
        return None
    told = {
        "client": percent(our_lost, ours),
        "server": percent(their_lost, theirs),
        "client_lost": number_format(our_lost, force_grouping=True),
        "server_lost": number_format(their_lost, force_grouping=True),
    }
    agrees = abs(100 * our_lost / ours - 100 * their_lost / theirs) <= APART_PERCENT
    agree = _("Client and server agree on loss: %(client)s (%(client_lost)s packets), %(server)s (%(server_lost)s).")
    differ = _(
        "Client and server differ on loss: the client counted %(client)s (%(client_lost)s packets), the server "
        "%(server)s (%(server_lost)s). One of them did not see part of the call, or counts another stretch of the way."
    )
    sentence = (agree if agrees else differ) % told
    if is_picture_only:
        sentence = f"{sentence} {_('Of the picture alone: the client told the server nothing of the sound.')}"
    return Finding(sentence, agrees)


def round_trip(timeline: Timeline, server: ServerView) -> Finding | None:
    """The middle round trip of both."""
    ours, theirs = middle(timeline.readings["rtt_ms"]), middle(server.readings["rtt_ms"])
    if ours is None or theirs is None:
        return None
    told = {"client": f"{ours:.0f} ms", "server": f"{theirs:.0f} ms"}
    if abs(ours - theirs) <= APART_MS or max(ours, theirs) <= APART_TIMES * min(ours, theirs):
        return Finding(_("Client and server agree on the round trip: %(client)s and %(server)s.") % told, True)
    differ = _(
        "Client and server differ on the round trip: the client saw %(client)s, the server %(server)s. The client's "
        "way may lead over a relay, or to another server."
    )
    return Finding(differ % told, False)


def middle(points: list[tuple[int, float]]) -> float | None:
    """The median of a reading's values."""
    values = sorted(value for _at, value in points)
    return values[len(values) // 2] if values else None


def percent(part: int, whole: int) -> str:
    """A share with one digit."""
    return f"{100 * part / whole:.1f}%"
