"""getStats reports as samples: counted as a real call's own counters say, in whatever order and pieces they come."""

import itertools
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from aftercare.ingest.samples import Sample
from aftercare.ingest.webrtc.gaps import split
from aftercare.ingest.webrtc.getstats import Connection, Report
from tests.rtcstats.capture import reports, seconds

BEGUN = 1_795_400_000_000


def samples(of: list[Report], started: int | None = BEGUN) -> list[Sample]:
    return Connection("s", started=started).add(of)


def total(made: list[Sample], name: str) -> int:
    return sum(getattr(sample, name) for sample in made)


def between(made: list[Sample], first_s: int, last_s: int) -> list[Sample]:
    return [sample for sample in made if BEGUN + 1000 * first_s < sample.ts <= BEGUN + 1000 * last_s]


def test_a_real_call_counts_as_its_own_counters_say() -> None:
    made, last = samples(reports(BEGUN)), seconds()[-1]["B"]
    assert total(made, "packets_lost") == last["vin"]["lost"] + last["ain"]["lost"] == 177
    assert total(made, "packets") == last["vin"]["recv"] + 177
    assert total(made, "frames") == last["vin"]["framesDecoded"] == 789
    assert total(made, "frames_dropped") == last["vin"]["framesDropped"] == 11
    assert total(made, "interval_ms") == 47_000


def test_freezes_are_gaps_of_their_own_length() -> None:
    gaps = [gap for sample in samples(reports(BEGUN)) for gap in sample.video_gaps]
    assert gaps == [321, 313, 4112]
    assert [gap for gap in gaps if gap >= 600] == [4112]


def test_each_phase_of_the_link_is_seen() -> None:
    made = samples(reports(BEGUN))
    delayed, lossy, narrow, clean = (between(made, *span) for span in ((9, 18), (18, 28), (29, 36), (41, 47)))
    assert all(190 < sample.rtt_ms < 260 for sample in delayed if sample.rtt_ms is not None)
    assert total(delayed, "packets_lost") == 1
    assert total(lossy, "packets_lost") == 65 + 90
    assert max(sample.rtt_ms or 0 for sample in between(made, 28, 30)) > 400
    assert any('"limited_by":"bandwidth"' in sample.detail for sample in narrow)
    assert {sample.width for sample in clean} == {320} and total(clean, "packets_lost") == 0


def test_an_outage_is_one_interval_with_its_freeze_and_the_sound_that_was_missing() -> None:
    made = samples(reports(BEGUN))
    (across,) = [sample for sample in made if sample.interval_ms > 1000]
    assert (across.ts - BEGUN, across.interval_ms, across.video_ms) == (40_000, 3000, 3000)
    # Concealed from the 37th to the 40th second, all of it silent by then: counted, since packets are known to be lost.
    assert across.audio_gaps == [round((250764 - 122124) / 48)]


def test_silence_alone_is_no_gap() -> None:
    def second(at: int, packets: int) -> Report:
        told = {"concealedSamples": 48_000 * at, "silentConcealedSamples": 48_000 * at, "concealmentEvents": 1}
        audio = {"type": "inbound-rtp", "kind": "audio", "packetsReceived": packets, "packetsLost": at, **told}
        video = {"type": "inbound-rtp", "kind": "video", "packetsReceived": 10 * at}
        return Report(BEGUN + 1000 * at, {"A": audio, "V": video})

    muted = samples([second(at, 5) for at in range(1, 9)])
    assert total(muted, "audio_ms") == 1000
    assert [sample.audio_gaps for sample in muted] == [[]] * 8


def test_what_the_browser_does_not_tell_stays_unknown() -> None:
    bare = [
        Report(BEGUN + 1000 * at, {"V": {"type": "inbound-rtp", "kind": "video", "packetsReceived": 10 * at}})
        for at in (1, 2)
    ]
    (last,) = samples(bare)[1:]
    assert (last.rtt_ms, last.jitter_ms, last.buffer_ms, last.fps, last.bitrate_kbps) == (None,) * 5
    assert (last.width, last.video_gaps, last.detail) == (0, [], "")


def test_a_first_report_without_a_beginning_is_what_the_next_ones_are_compared_with() -> None:
    made = samples(reports(BEGUN), started=None)
    assert total(made, "packets_lost") == 177 and total(made, "interval_ms") == 46_000
    assert total(samples(reports(BEGUN)[20:], started=None), "packets_lost") == 177 - 15 - 26


def test_a_decrease_or_another_ssrc_is_a_new_stream_and_never_negative() -> None:
    def video(at: int, packets: int, ssrc: int = 1) -> Report:
        return Report(
            BEGUN + at, {"V": {"type": "inbound-rtp", "kind": "video", "ssrc": ssrc, "packetsReceived": packets}}
        )

    assert total(samples([video(1000, 100), video(2000, 30), video(3000, 50)]), "packets") == 150
    assert total(samples([video(1000, 100), video(2000, 130, 2), video(3000, 150, 2)]), "packets") == 250


def test_a_sender_counts_what_it_sent_and_what_the_other_end_lost() -> None:
    def second(at: int) -> Report:
        sent = {"type": "outbound-rtp", "kind": "video", "packetsSent": 100 * at, "bytesSent": 125_000 * at}
        heard = {"type": "remote-inbound-rtp", "kind": "video", "packetsLost": 5 * at, "roundTripTime": 0.2}
        return Report(BEGUN + 1000 * at, {"O": {**sent, "framesEncoded": 25 * at}, "R": heard})

    made = samples([second(1), second(2)])
    assert (total(made, "packets"), total(made, "packets_lost"), total(made, "frames")) == (200, 10, 50)
    assert (made[1].rtt_ms, made[1].bitrate_kbps, made[1].video_ms) == (200, 1000, 0)


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf, -1, 1e300, "12", True, None, [1], {"a": 1}])
def test_no_value_of_a_wrong_kind_reaches_a_sample(bad: Any) -> None:
    names = ["packetsReceived", "packetsLost", "bytesReceived", "jitter", "framesDecoded", "framesPerSecond"]
    names += ["totalFreezesDuration", "freezeCount", "frameWidth", "concealedSamples", "ssrc", "kind"]
    made = samples(
        [Report(BEGUN + 1000 * at, {"V": {"type": "inbound-rtp", **dict.fromkeys(names, bad)}}) for at in (1, 2, 20)]
    )
    for sample in made:
        assert total([sample], "packets") == total([sample], "bytes") == 0 and sample.video_gaps == []
        assert sample.fps is None and sample.jitter_ms is None and sample.rtt_ms is None


def test_a_sum_of_several_freezes_is_told_as_equal_ones() -> None:
    assert split(1000.4, 3) == [334, 333, 333]
    assert split(700, 0) == [700]
    assert split(0, 4) == []


@given(st.floats(0, 1e7), st.integers(0, 10_000))
def test_a_split_adds_up(total_ms: float, count: int) -> None:
    assert sum(split(total_ms, count)) == round(total_ms)


counters = st.tuples(*(st.integers(0, 10_000) for _ in range(4)))
steps = st.lists(counters, min_size=2, max_size=12)


def grown(by: list[tuple[int, ...]]) -> list[Report]:
    sums = list(itertools.accumulate(by, lambda a, b: tuple(x + y for x, y in zip(a, b, strict=True))))
    return [
        Report(
            BEGUN + 1000 * (at + 1),
            {
                "V": {
                    "type": "inbound-rtp",
                    "kind": "video",
                    "packetsReceived": p,
                    "bytesReceived": b,
                    "packetsLost": n,
                },
                "A": {"type": "inbound-rtp", "kind": "audio", "packetsReceived": p + 1, "bytesReceived": f},
            },
        )
        for at, (p, b, n, f) in enumerate(sums)
    ]


@settings(max_examples=150, deadline=None)
@given(steps, st.data())
def test_no_split_repetition_order_or_loss_changes_what_the_surviving_reports_say(
    by: list[tuple[int, ...]], data: st.DataObject
) -> None:
    told = grown(by)
    survivors = sorted(data.draw(st.sets(st.sampled_from(range(len(told))), min_size=1)))
    last = told[survivors[-1]]
    cut = data.draw(st.integers(0, len(survivors)))
    connection, made = Connection("s", started=BEGUN), list[Sample]()
    for piece in (survivors[:cut], survivors[cut:]):
        repeated = data.draw(st.permutations(piece * 2))
        made += connection.add([told[place] for place in repeated])
        made += connection.add([told[place] for place in data.draw(st.permutations(piece))])
    video, audio = last.objects["V"], last.objects["A"]
    held = last.at - BEGUN - total(made, "interval_ms")
    assert total(made, "packets") == video["packetsReceived"] + video["packetsLost"] + audio["packetsReceived"] or held
    if not held:  # a last report in which nothing came tells its time together with the next one
        assert total(made, "packets_lost") == video["packetsLost"]
        assert total(made, "bytes") == video["bytesReceived"] + audio["bytesReceived"]
    assert all(getattr(sample, name) >= 0 for sample in made for name in ("packets", "packets_lost", "bytes"))
