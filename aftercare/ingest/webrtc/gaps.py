"""Freezes and concealed sound as gaps of known length: the counters tell sums, and this is how a sum is split."""

from aftercare.ingest.webrtc.growth import Growth

# Chromium's and Firefox's playout rate, where the report has no `totalSamplesDuration` to tell it.
PLAYOUT_HZ = 48_000
# One packet's worth: shorter concealment cannot be heard as a gap.
LEAST_AUDIO_MS = 20
MOST_PARTS = 200
MOST_MS = 86_400_000


def split(total_ms: float, count: float) -> list[int]:
    """A sum over `count` gaps as gaps that add up to it.

    One gap is exact. Of several only the sum is known, and they are told as equal: none is made longer than the mean,
    so that a cut-off above the mean counts none of them and one below counts all. Reports a second apart rarely hold
    more than one.
    """
    whole = min(round(total_ms), MOST_MS)
    if whole <= 0:
        return []
    parts = min(max(int(count), 1), MOST_PARTS, whole)
    length, longer = divmod(whole, parts)
    return [length + 1] * longer + [length] * (parts - longer)


def video_gaps(grown: Growth) -> list[int]:
    """The freezes that ended, in ms, from `totalFreezesDuration` and `freezeCount` (W3C webrtc-stats).

    A freeze is told when it is over, with its whole length. Where the browser counts freezes but not their time, their
    lengths are unknown, and nothing is told.
    """
    return split(grown.of("totalFreezesDuration") * 1000, grown.of("freezeCount"))


def audio_gaps(grown: Growth, *, with_silence: bool) -> list[int]:
    """What was concealed of the sound, in ms: concealed samples by the playout rate, split over the events.

    `silentConcealedSamples` are left out: a sender that is muted or silent (DTX) makes them without any fault. They are
    counted `with_silence` alone, after a time in which nothing at all came and of which packets are lost. The fields:
    W3C webrtc-stats, RTCInboundRtpStreamStats.
    """
    silent = 0.0 if with_silence else grown.of("silentConcealedSamples")
    samples = max(grown.of("concealedSamples") - silent, 0)
    seconds = grown.of("totalSamplesDuration")
    rate = grown.of("totalSamplesReceived") / seconds if seconds else PLAYOUT_HZ
    gaps = split(1000 * samples / rate, grown.of("concealmentEvents")) if rate > 0 else []
    return [gap for gap in gaps if gap >= LEAST_AUDIO_MS]
