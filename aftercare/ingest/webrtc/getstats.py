"""One peer connection's getStats reports as native samples: what happened between each report and the one before."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import msgspec

from aftercare.ingest.samples import DAY_MS, Sample
from aftercare.ingest.webrtc.gaps import audio_gaps, video_gaps
from aftercare.ingest.webrtc.growth import Growth, Object, Streams, number
from aftercare.ingest.webrtc.readings import (
    Objects,
    jitter_ms,
    kind_of,
    limitation,
    main_picture,
    of_type,
    path_of,
    plain,
    rtt_ms,
)

# While nothing at all arrives, the time is told together with what ends it: a freeze is counted by the browser when its
# next frame comes. After this long without anything it is told as time without media.
LONGEST_WAIT_MS = 10_000
MOST_COUNT, MOST_BYTES, MOST_GAPS = 2_000_000_000, 10**12, 1000


@dataclass(frozen=True)
class Report:
    """What one getStats call gave: epoch milliseconds, and its objects by id."""

    at: int
    objects: Objects


class Connection:
    """One peer connection. Reports may come in any order within one call of `add`, in any pieces, and more than once.

    Every sample's totals are differences of cumulative counters, so that a lost report is made up for by the next one;
    a report that comes later than a newer one has nothing left to tell.
    """

    def __init__(self, session: str = "", *, started: int | None = None) -> None:
        """`session` goes on the samples. `started` is as for `begin`."""
        self._session = session
        self._counted = started
        self._has_waited = False
        self._streams = Streams()

    def begin(self, at: int) -> None:
        """Say, before the first report, when media could first flow (epoch ms): it is then counted from zero.

        Without that the first report is only what the next ones are compared with.
        """
        if self._counted is None:
            self._counted = at

    def add(self, reports: Iterable[Report]) -> list[Sample]:
        """The samples of these reports, in time's order."""
        made = (self._sample(report) for report in sorted(reports, key=lambda report: report.at))
        return [sample for sample in made if sample is not None]

    def _sample(self, report: Report) -> Sample | None:
        since = self._counted
        if since is not None and report.at <= since:
            return None
        received = of_type(report.objects, "inbound-rtp")
        streams = received or of_type(report.objects, "outbound-rtp", "remote-inbound-rtp")
        if since is None:
            self._take(report, streams)
            return None
        grown = self._streams.growths(streams)
        flows = any(has_flowed(growth) for growth in grown)
        if received and not flows and report.at - since < LONGEST_WAIT_MS:
            self._has_waited = True
            return None
        was_cut_off = self._has_waited and any(growth.lost for growth in grown)
        self._take(report, streams)
        sample = Sample(session=self._session, ts=report.at, interval_ms=min(report.at - since, DAY_MS))
        sample.play_ms = sample.interval_ms if flows else 0
        add_up(sample, grown, is_receiver=bool(received))
        if received:
            add_stream_times(sample, grown, was_cut_off=was_cut_off)
        read(sample, report.objects, [growth.now for growth in grown], grown)
        return sample

    def _take(self, report: Report, streams: list[tuple[str, Object]]) -> None:
        self._counted = report.at
        self._has_waited = False
        self._streams.count(streams)


def has_flowed(grown: Growth) -> bool:
    """Whether anything came, or went, on this stream."""
    return any(grown.of(name) > 0 for name in ("packetsReceived", "bytesReceived", "framesDecoded", "packetsSent"))


def add_up(sample: Sample, grown: list[Growth], *, is_receiver: bool) -> None:
    """Totals: of what is received where anything is, else of what is sent."""
    way = "Received" if is_receiver else "Sent"
    sums = dict.fromkeys(("bytes", "frames", "frames_dropped", "packets", "packets_lost"), 0.0)
    for growth in grown:
        lost = growth.lost or 0.0
        sums["packets_lost"] += lost
        # Of what was received, those expected are the received and the lost; of what was sent, the sent.
        sums["packets"] += growth.of(f"packets{way}") + (lost if is_receiver else 0.0)
        sums["bytes"] += growth.of(f"bytes{way}")
        if kind_of(growth.now) == "video":
            sums["frames"] += growth.of("framesDecoded" if is_receiver else "framesEncoded")
            sums["frames_dropped"] += growth.of("framesDropped")
    for name, value in sums.items():
        setattr(sample, name, round(min(value, MOST_BYTES if name == "bytes" else MOST_COUNT)))


def add_stream_times(sample: Sample, grown: list[Growth], *, was_cut_off: bool) -> None:
    """The interval once for each received stream that came, as freezes are counted for each; and the gaps of each."""
    for growth in grown:
        present = sample.interval_ms if has_flowed(growth) else 0
        if kind_of(growth.now) == "video":
            sample.video_ms = min(sample.video_ms + present, DAY_MS)
            sample.video_gaps = [*sample.video_gaps, *video_gaps(growth)][:MOST_GAPS]
        elif kind_of(growth.now) == "audio":
            sample.audio_ms = min(sample.audio_ms + present, DAY_MS)
            sample.audio_gaps = [*sample.audio_gaps, *audio_gaps(growth, with_silence=was_cut_off)][:MOST_GAPS]


def read(sample: Sample, objects: Objects, streams: list[Object], grown: list[Growth]) -> None:
    """Readings at the report's instant, and over its interval where they are means; what nobody said stays unknown."""
    sample.rtt_ms = rtt_ms(objects)
    sample.jitter_ms = jitter_ms(found for found in streams if found.get("type") == "inbound-rtp")
    sample.buffer_ms = buffer_ms(grown)
    if any(name.startswith("bytes") for growth in grown for name in growth.by):
        sample.bitrate_kbps = 8 * sample.bytes / sample.interval_ms
    picture = main_picture(streams)
    if picture is not None:
        sample.fps = number(picture, "framesPerSecond", 1000)
        sample.width, sample.height = int(picture["frameWidth"]), int(picture["frameHeight"])
    sample.detail = told(objects, grown)


def buffer_ms(grown: list[Growth]) -> float | None:
    """The mean time that media waited in the jitter buffer: seconds waited by what left it, of video where there is."""
    waits: dict[str, float] = {}
    for growth in grown:
        left = growth.of("jitterBufferEmittedCount")
        if left > 0:
            waits[kind_of(growth.now)] = 1000 * growth.of("jitterBufferDelay") / left
    value = waits.get("video", waits.get("audio"))
    return value if value is not None and value <= DAY_MS else None


def whole(count: float) -> int:
    """A count as a whole number within bounds."""
    return int(min(count, MOST_COUNT))


def told(objects: Objects, grown: list[Growth]) -> str:
    """What has no column, as JSON: the path, what holds quality down, how many freezes a sum was split over, and of the
    packets those of sound, since servers tell of sound and picture apart."""
    freezes = sum(growth.of("freezeCount") for growth in grown)
    concealed = sum(growth.of("concealedSamples") for growth in grown)
    heard = sum(growth.of("totalSamplesReceived") for growth in grown)
    audio = [growth for growth in grown if kind_of(growth.now) == "audio"]
    audio_lost = sum(growth.lost or 0.0 for growth in audio)
    detail: dict[str, Any] = {
        **path_of(objects),
        "limited_by": limitation(objects),
        "audio_packets": whole(sum(growth.of("packetsReceived") for growth in audio) + audio_lost),
        "audio_lost": whole(audio_lost),
        "freezes": whole(freezes),
        "concealed_pct": round(min(100 * concealed / heard, 100), 2) if heard and concealed else 0,
    }
    kept = plain(detail)
    return msgspec.json.encode(kept).decode() if kept else ""
