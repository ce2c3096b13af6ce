"""A player in numbers: when it would have played and when it would have stalled.

Live media comes in bursts (HLS by the segment), so gaps between arrivals are no stalls. The model: playing begins with
1 s buffered, the playhead moves with the wall clock, playing stands still when it reaches the newest media that is
there, and goes on with 1 s buffered again.
"""

BUFFER_S = 1.0
# A jump of the timestamps beyond this is a new beginning (an encoder's restart), not media that is missing.
LONGEST_JUMP_S = 5.0
# Sums of binary fractions are not exact.
ROUNDING_S = 1e-6


class Playout:
    """Fed with arrivals in order. Wall times and media times are seconds; `play_s` and `stall_s` add up to `at`."""

    def __init__(self, buffer_s: float = BUFFER_S) -> None:
        self.play_s = 0.0
        self.stall_s = 0.0
        self.stalls = 0
        self._buffer_s = buffer_s
        self._ahead_s = 0.0  # media there and not played yet
        self._is_playing = False
        self._has_played = False
        self._newest_s: float | None = None
        self._at_s = 0.0

    @property
    def ahead_s(self) -> float:
        """Media that is there and not played yet."""
        return self._ahead_s

    def arrive(self, at_s: float, media_s: float) -> None:
        """Media up to `media_s` (decoding time) is there at the wall time `at_s`."""
        self.advance(at_s)
        if self._newest_s is not None and 0 < media_s - self._newest_s <= LONGEST_JUMP_S:
            self._ahead_s += media_s - self._newest_s
        if self._newest_s is None or media_s > self._newest_s or self._newest_s - media_s > LONGEST_JUMP_S:
            self._newest_s = media_s
        if not self._is_playing and self._ahead_s >= self._buffer_s:
            self._is_playing = self._has_played = True

    def advance(self, at_s: float) -> None:
        """Let the wall clock move on to `at_s`."""
        passed_s = max(at_s - self._at_s, 0.0) if self._newest_s is not None else 0.0
        self._at_s = max(at_s, self._at_s)
        if self._is_playing:
            played_s = min(passed_s, self._ahead_s)
            self.play_s += played_s
            self._ahead_s -= played_s
            passed_s -= played_s
            if passed_s > ROUNDING_S:
                self._is_playing = False
                self.stalls += 1
        if self._has_played and not self._is_playing:
            self.stall_s += passed_s

    def end(self, at_s: float) -> None:
        """The stream ended by itself at `at_s`: what is left is played, and running out of it is no stall."""
        self.advance(min(at_s, self._at_s + self._ahead_s) if self._is_playing else at_s)
