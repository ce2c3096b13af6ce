"""Pushing RTMP and SRT as an anchor would: how long until the stream is taken, and whether it goes on."""

import subprocess
import threading
import time
from typing import Any, BinaryIO, cast
from urllib.parse import parse_qsl, urlencode, urlsplit

import av

from aftercare.probe.playing import code_of, lent_rtmp, sentence_of, watch_s
from aftercare.probe.run import Run
from aftercare.probe.testcard import Card
from aftercare.probe.types import Failed, Unable

# What a sender may say in an SRT address; everything else (a mode, local files) is for us to choose.
SRT_OPTIONS = frozenset({"streamid", "passphrase", "pbkeylen", "latency"})
SRT_CONNECT_MS = 5000
SRT_PATIENCE_S = 10.0


def push_rtmp(run: Run) -> None:
    """Push the test card to the target for its `watch_s` seconds. Raises Failed."""
    source, options = lent_rtmp(run)
    container = av.open(source, "w", format="flv", options=options)
    card = Card(container)
    with run.step("publish"):
        try:
            container.start_encoding()
        except (av.error.FFmpegError, OSError) as error:
            raise Failed("push", f"the server did not take the stream: {sentence_of(error)}") from None
    run.reached("push_ok")
    send(run, card)


def send(run: Run, card: Card) -> None:
    """Push until the time is over, and note how it went. Raises Failed where the stream breaks."""
    sent, late = Sent(run, card), 0.0
    try:
        for behind in card.push(watch_s(run)):
            late = max(late, behind)
    except (av.error.FFmpegError, OSError) as error:
        raise Failed("push_broken", f"the stream broke: {code_of(error)}, {sentence_of(error)}") from None
    finally:
        sent.note(late)


class Sent:
    """What was sent of a card from now on."""

    def __init__(self, run: Run, card: Card) -> None:
        self._run = run
        self._card = card
        self._begun_ms, self._bytes, self._frames = run.ms, card.bytes, card.frames

    def note(self, late_s: float) -> None:
        """Write it into what the run saw; `late_s` is how far sending fell behind the clock at its worst."""
        self._run.done("push", self._begun_ms)
        lasted_ms = max(self._run.ms - self._begun_ms, 1)
        total, frames = self._card.bytes - self._bytes, self._card.frames - self._frames
        self._run.seen.fields = {
            "interval_ms": lasted_ms,
            "bytes": total,
            "frames": frames,
            "fps": round(frames * 1000 / lasted_ms, 2),
            "bitrate_kbps": round(total * 8 / lasted_ms, 1),
        }
        self._run.seen.detail = {"late_ms": round(late_s * 1000)}


def push_srt(run: Run) -> None:
    """The same by SRT, which this machine's ffmpeg speaks for us. Raises Failed; Unable without such an ffmpeg."""
    require_srt()
    parts = urlsplit(run.target.address)
    if parts.scheme != "srt" or not parts.hostname or not parts.port:
        raise Failed("address", "an SRT address is like srt://host:port?streamid=name")
    with run.step("dns"):
        address = run.guard.resolve(parts.hostname, parts.port)[0]
    sender = subprocess.Popen(
        srt_command(address, parts.port, parts.query), stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    taken = threading.Event()
    threading.Thread(target=hear, args=(cast(BinaryIO, sender.stdout), taken), daemon=True).start()
    try:
        push_through(run, sender, taken)
    finally:
        sender.kill()
        sender.wait()


def require_srt() -> None:
    """Raises Unable where there is no ffmpeg that can send SRT."""
    try:
        told = subprocess.run(["ffmpeg", "-v", "error", "-protocols"], capture_output=True, timeout=10, check=False)
        known = told.stdout.decode(errors="replace").partition("Output:")[2].split()
    except (OSError, subprocess.TimeoutExpired):
        known = []
    if "srt" not in known:
        raise Unable("pushing SRT needs an ffmpeg with SRT on this machine (Debian: apt-get install ffmpeg)")


def srt_command(address: str, port: int, query: str) -> list[str]:
    """ffmpeg that passes MPEG-TS from standard input on, and tells its progress on standard output."""
    told = {name: value for name, value in parse_qsl(query) if name in SRT_OPTIONS}
    told |= {"mode": "caller", "connect_timeout": str(SRT_CONNECT_MS)}
    host = f"[{address}]" if ":" in address else address
    command = ["ffmpeg", "-v", "quiet", "-nostats", "-progress", "pipe:1", "-stats_period", "0.1"]
    command += ["-probesize", "50000", "-analyzeduration", "300000", "-f", "mpegts", "-i", "pipe:0"]
    return [*command, "-c", "copy", "-f", "mpegts", f"srt://{host}:{port}?{urlencode(told)}"]


def hear(progress: BinaryIO, taken: threading.Event) -> None:
    """Set the event once ffmpeg has sent anything: its output opens only after the handshake."""
    for line in progress:
        if line.startswith(b"total_size=") and line.strip() not in (b"total_size=0", b"total_size=N/A"):
            taken.set()


def push_through(run: Run, sender: "subprocess.Popen[bytes]", taken: threading.Event) -> None:
    """Feed the sender with the card; the stream counts as taken once anything went out. Raises Failed."""
    container: Any = av.open(cast(BinaryIO, sender.stdin), "w", format="mpegts", options={"flush_packets": "1"})
    card, begun, late = Card(container), run.ms, 0.0
    ends = time.monotonic() + watch_s(run) + SRT_PATIENCE_S
    sent: Sent | None = None
    try:
        for behind in card.push(watch_s(run) + SRT_PATIENCE_S):
            if sent is None and taken.is_set():
                run.done("publish", begun)
                run.reached("push_ok")
                sent = Sent(run, card)
                ends = time.monotonic() + watch_s(run)
            late = max(late, behind) if sent else 0.0
            if time.monotonic() >= ends or sender.poll() is not None:
                break
    except (av.error.FFmpegError, OSError):
        sender.wait(5)
    if sent is None:
        raise Failed("push", "the server did not take the stream")
    sent.note(late)
    if sender.poll() is not None:
        raise Failed("push_broken", "the stream broke")
