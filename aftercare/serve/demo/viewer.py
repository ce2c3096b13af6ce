"""A viewer without a browser: fetches the real segments, keeps a player's buffer, reports CMCD v2 as hls.js does.

What it is not: it decodes nothing. Its playhead goes by the wall clock while the buffer lasts, which is when a real
player stalls too; the order and keys of its reports follow bodies that hls.js 1.7.4 sent.
"""

import re
import threading
import time
import urllib.error
import urllib.request
import uuid

from aftercare.kernel.clock import epoch_ms, utc_now

TICK_S = 0.05
REPORT_EVERY_S = 5.0
START_BUFFER_MS = 3500
SEGMENT_MS = 2000


class Viewer:
    """Plays until stopped. `stalls` holds (begin, end) in epoch milliseconds, an open one with end 0."""

    def __init__(self, base: str, key: str, *, name: str, user: str) -> None:
        self.session = str(uuid.uuid4())
        self.stalls: list[tuple[int, int]] = []
        self.first_bad_at: float | None = None
        self.segments = 0
        self._base = base
        self._stream = f"{base}/demo/live/{name}"
        self._collector = f"{base}/v1/cmcd/{key}?user={user}&country=CN&province=Guangdong&network=wifi&sdk=check"
        self._buffer_ms = 0.0
        self._state = ""
        self._sequence = 0
        self._kbps = 0
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._threads = [threading.Thread(target=part, daemon=True) for part in (self._fetch, self._play)]

    def start(self) -> None:
        """Begin to play."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Stop playing."""
        self._stopping.set()
        for thread in self._threads:
            thread.join(10)

    @property
    def stalled_ms(self) -> int:
        """Stall time that is over, as this viewer measured it."""
        return sum(end - begin for begin, end in self.stalls if end)

    def _fetch(self) -> None:
        number = 0
        while not self._stopping.is_set():
            try:
                text = urllib.request.urlopen(f"{self._stream}/index.m3u8", timeout=20).read().decode()  # noqa: S310
                listed = [int(found) for found in re.findall(r"^(\d+)\.ts$", text, re.M)]
                number = max(number, listed[-3])
                while number <= listed[-1] and not self._stopping.is_set():
                    begun = time.monotonic()
                    size = len(urllib.request.urlopen(f"{self._stream}/{number}.ts", timeout=90).read())  # noqa: S310
                    self._kbps = int(size * 8 / 1000 / max(time.monotonic() - begun, 0.001) / 100) * 100
                    number += 1
                    self.segments += 1
                    with self._lock:
                        self._buffer_ms += SEGMENT_MS
            except urllib.error.HTTPError:
                number = 0  # it left the window while this viewer was slow: join again at the live edge
            except OSError:
                time.sleep(0.5)
            self._stopping.wait(0.5)

    def _play(self) -> None:
        self._say("t")
        self._go("d")
        self._go("s")
        last, next_report = time.monotonic(), time.monotonic() + REPORT_EVERY_S
        while not self._stopping.wait(TICK_S):
            now = time.monotonic()
            with self._lock:
                if self._state == "p":
                    self._buffer_ms = max(self._buffer_ms - (now - last) * 1000, 0)
                buffer_ms = self._buffer_ms
            last = now
            if self._state == "s" and buffer_ms >= START_BUFFER_MS:
                self._go("p")
            elif self._state == "p" and buffer_ms <= 0:
                self._go("r")
            elif self._state == "r" and buffer_ms >= SEGMENT_MS:
                self._go("p")
            if now >= next_report:
                next_report += REPORT_EVERY_S
                self._say("t")

    def _go(self, state: str) -> None:
        at = epoch_ms(utc_now())
        if state == "r":
            self.stalls.append((at, 0))
        elif self._state == "r":
            self.stalls[-1] = (self.stalls[-1][0], at)
        self._state = state
        self._say("ps", at)

    def _say(self, event: str, at: int | None = None) -> None:
        keys = [f"bl=({int(self._buffer_ms / 100) * 100})"] if self._state in ("p", "r") else []
        keys += ["br=(484)", 'cid="try-it"', f"e={event}", f"mtp=({self._kbps})", "sf=h", f'sid="{self.session}"']
        keys += [f"sn={self._sequence}", "st=l"] + ([f"sta={self._state}"] if self._state else [])
        keys += [f"ts={at or epoch_ms(utc_now())}", "v=2"]
        self._sequence += 1
        body = (",".join(keys) + "\n").encode()
        headers = {"Content-Type": "application/cmcd"}
        request = urllib.request.Request(self._collector, body, headers)  # noqa: S310 - our own address
        for _ in range(3):
            try:
                urllib.request.urlopen(request, timeout=20).close()  # noqa: S310
                break
            except OSError:
                time.sleep(0.3)
        else:
            return
        if self._state == "r" and self.first_bad_at is None:
            self.first_bad_at = time.monotonic()
