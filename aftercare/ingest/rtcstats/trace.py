"""One recording as it is read, line by line: which connection each line belongs to, and the samples it gives."""

import math
from dataclasses import dataclass, field

import msgspec

from aftercare.ingest.reading import UNREADABLE, time_refusal
from aftercare.ingest.rtcstats.delta import Stats
from aftercare.ingest.rtcstats.joining import FAILED_CALLS, Joining, custom, failed_call
from aftercare.ingest.rtcstats.naming import TOLD, facts_in, fits, joined, read_told, session_name
from aftercare.ingest.rtcstats.tables import METHODS
from aftercare.ingest.samples import NO_FACTS, Facts, Sample
from aftercare.ingest.seen import hash64
from aftercare.ingest.webrtc.getstats import Connection, Report
from aftercare.ingest.webrtc.readings import path_of
from aftercare.kernel.errors import Refused

LONGEST_MESSAGE = 1 << 20
MOST_PEERS = 64
MOST_OBJECTS = 1000
LONGEST_METHOD = 128
# From here on a time is a time of its own, not the milliseconds since the line before: 2001, in epoch milliseconds.
ABSOLUTE_MS = 1_000_000_000_000
# A browser's own time of its statistics is believed this far from the line's.
TRUSTED_MS = 60_000

_line = msgspec.json.Decoder(list[msgspec.Raw])
_name = msgspec.json.Decoder(str | int)
_peer = msgspec.json.Decoder(str | int | None)
_time = msgspec.json.Decoder(float)
_delta = msgspec.json.Decoder(dict[str, object])
_any = msgspec.json.Decoder()


@dataclass
class Peer:
    """One peer connection of a recording."""

    name: str
    is_first: bool
    is_whole: bool
    joining: Joining
    connection: Connection
    seen_at: float
    stats: Stats = field(default_factory=Stats)
    told: str = ""
    session: str = ""
    network: str = ""
    facts: Facts = NO_FACTS
    said: Facts | None = None
    waiting: list[Sample] = field(default_factory=list)


class Trace:
    """The lines of one recording so far. What it gives is taken out by `drain`."""

    def __init__(self, recording: str, *, session: str = "", facts: Facts = NO_FACTS) -> None:
        """`recording` names it; `session` is the session of its first connection where the sender knows one."""
        self._recording = recording
        self._base = session
        self._facts = facts if facts.protocol else msgspec.structs.replace(facts, protocol="webrtc", sdk="rtcstats")
        self._peers: dict[str, Peer] = {}
        self._has_first = False
        self._of_page: list[Sample] = []
        self._clock = 0.0

    @property
    def waiting(self) -> int:
        """How many samples wait to be taken out."""
        return len(self._of_page) + sum(len(peer.waiting) for peer in self._peers.values())

    def feed(self, line: bytes, *, now_ms: int) -> None:
        """Take one line. Raises Refused with what is wrong about it; what it told before that is kept."""
        if len(line) > LONGEST_MESSAGE:
            raise Refused(f"this line is over {LONGEST_MESSAGE >> 20} MiB")
        try:
            entries = _line.decode(line)
            if len(entries) < 3:
                raise Refused("a line has a method, a connection, a value and a time; this one has fewer entries")
            method, peer, at = _name.decode(entries[0]), _peer.decode(entries[1]), self._time_of(entries[-1])
        except UNREADABLE as error:
            raise Refused(f"this is no line of a recording: {error}") from None
        why = time_refusal(int(at), now_ms)
        if why:
            raise Refused(why)
        self._clock = at
        value = entries[2] if len(entries) > 3 else msgspec.Raw(b"null")
        self._happened(METHODS.get(method, method), peer, value, int(at), now_ms)

    def drain(self, *, arrived_by: float | None = None) -> tuple[list[Sample], list[int]]:
        """What waits, as samples and the hash of each; without connections first seen after `arrived_by` (epoch ms).

        A page names a connection right after it has made it: until then its session is not known.
        """
        samples: list[Sample] = []
        hashes: list[int] = []
        if self._of_page:
            name = self._base if fits(self._base) else joined(self._recording, "page")
            give(self._of_page, name, "", self._facts, samples, hashes)
        for peer in self._peers.values():
            if not peer.waiting or (arrived_by is not None and peer.seen_at > arrived_by):
                continue
            peer.session = peer.session or session_name(
                peer.told, self._recording, self._base, peer.name, is_first=peer.is_first
            )
            told = self._facts_of(peer)
            give(peer.waiting, peer.session, peer.name, told if told is not peer.said else None, samples, hashes)
            peer.said = told
        return samples, hashes

    def _time_of(self, entry: msgspec.Raw) -> float:
        """A line's time in epoch milliseconds. One that is refused moves no clock: it may be the line that is wrong."""
        told = _time.decode(entry)
        at = told if told > ABSOLUTE_MS else self._clock + told
        return at if math.isfinite(at) and 0 <= at < 1e15 else 0.0

    def _happened(
        self, method: str | int, peer_name: str | int | None, value: msgspec.Raw, at: int, now_ms: int
    ) -> None:
        if peer_name is None:
            if method in FAILED_CALLS:
                self._of_page.append(failed_call(str(method), value, at))
            elif method == TOLD:
                told = read_told(_any.decode(value))
                self._base = told.session or self._base
                self._facts = facts_in(told, self._facts)
            return
        if not isinstance(method, str) or len(method) > LONGEST_METHOD:
            return
        peer = self._peer(str(peer_name), at if method == "create" else None, now_ms)
        if method == "getStats":
            if peer.joining.is_left:  # a poll that was under way when the page closed it
                return
            self._count(peer, value, at)
        elif method == TOLD:
            told = read_told(_any.decode(value))
            peer.told = told.session or peer.told
            peer.facts = facts_in(told, peer.facts)
        elif method.startswith(":"):
            peer.waiting.append(custom(method, at))
        else:
            peer.waiting += peer.joining.happened(method, value, at)
            if peer.is_whole and peer.joining.joined_at is not None:
                peer.connection.begin(peer.joining.joined_at)
            if peer.joining.is_left:
                peer.stats.objects.clear()

    def _peer(self, name: str, created: int | None, now_ms: int) -> Peer:
        peer = self._peers.get(name)
        if peer is None:
            if len(self._peers) >= MOST_PEERS and not self._let_go():
                raise Refused(
                    f"a recording has at most {MOST_PEERS} connections at a time; {name[:40]!r} is one too many"
                )
            peer = Peer(
                name,
                is_first=not self._has_first,
                is_whole=created is not None,
                joining=Joining(created),
                connection=Connection(),
                seen_at=now_ms,
            )
            self._peers[name], self._has_first = peer, True
        return peer

    def _let_go(self) -> bool:
        """Forget the oldest connection that is closed and has nothing waiting; False where there is none."""
        done = next((name for name, peer in self._peers.items() if peer.joining.is_left and not peer.waiting), None)
        return done is not None and self._peers.pop(done) is not None

    def _count(self, peer: Peer, value: msgspec.Raw, at: int) -> None:
        try:
            delta = _delta.decode(value)
        except UNREADABLE as error:
            raise Refused(f"getStats: this is no report: {error}") from None
        told = peer.stats.apply(delta)
        if sum(len(other.stats.objects) for other in self._peers.values()) > MOST_OBJECTS:
            peer.stats.objects.clear()
            raise Refused(f"a recording has at most {MOST_OBJECTS} statistics objects at a time")
        peer.network = path_of(peer.stats.objects).get("network", peer.network)
        when = int(told) if told is not None and abs(told - at) < TRUSTED_MS else at
        peer.waiting += peer.connection.add([Report(when, peer.stats.objects)])

    def _facts_of(self, peer: Peer) -> Facts:
        """The recording's facts, over them what was told of this connection, and its kind of network."""
        changes = {name: value for name in Facts.__struct_fields__ if (value := getattr(peer.facts, name))}
        if peer.network and not (self._facts.network or peer.facts.network):
            changes["network"] = peer.network
        made = msgspec.structs.replace(self._facts, **changes) if changes else self._facts
        return peer.said if made == peer.said and peer.said is not None else made


def give(
    waiting: list[Sample], session: str, peer: str, facts: Facts | None, samples: list[Sample], hashes: list[int]
) -> None:
    """Move the samples that wait to those that are taken out, with their session, and the facts on the first."""
    waiting[0].facts = facts
    for sample in waiting:
        sample.session = session
        samples.append(sample)
        hashes.append(hash64(f"rtcstats\n{session}\n{peer}\n{sample.ts}\n{sample.event}\n{sample.code}") or 1)
    waiting.clear()
