"""Playing HLS, HTTP-FLV and RTMP as a viewer would: how long until the picture stands, and what comes after it."""

import contextlib
import os
import queue
import threading
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import av
from av.container import InputContainer
from av.stream import Discard

from aftercare.probe.http import Asked, fetch, open_socket
from aftercare.probe.proxy import MOST_BYTES, GuardedProxy
from aftercare.probe.relay import lend
from aftercare.probe.run import Run
from aftercare.probe.types import Failed
from aftercare.probe.viewing import Viewing

WATCH_S, LEAST_WATCH_S, MOST_WATCH_S = 8, 2, 60
OPEN_S, READ_S = 8.0, 8.0
# The library's defaults count frames for seconds to guess their rate before they give out the first; a player does not.
# Opening ends as soon as both picture and sound were seen: a server without a store of the newest pictures (nginx-rtmp)
# sends sound alone until the next key frame. `nobuffer` would throw that key frame away.
OPTIONS = {"probesize": "1000000", "analyzeduration": "6000000", "fpsprobesize": "0"}
WEB_PROTOCOLS = "http,https,tcp,tls,httpproxy,crypto"
FORMATS = "hls,flv,live_flv,mpegts,mov,aac,mp3,ac3,eac3,webvtt"
PREFLIGHT_BYTES = 64 << 10
RTMP_PORT = 1935


def play(run: Run) -> None:
    """Play the target for its `watch_s` seconds. Raises Failed."""
    if run.target.kind == "rtmp":
        view(run, *rtmp_source(run))
        return
    preflight(run)
    # Whatever the environment says: the media library must not go round the proxy.
    os.environ.pop("no_proxy", None)
    os.environ.pop("NO_PROXY", None)
    proxy = GuardedProxy(run.guard)
    options = {**OPTIONS, "protocol_whitelist": WEB_PROTOCOLS, "format_whitelist": FORMATS, "http_proxy": proxy.url}
    if run.target.kind == "hls":
        options |= {"http_persistent": "0", "allowed_extensions": "ALL", "extension_picky": "0"}
    try:
        view(run, run.target.address, options)
    except Failed:
        if proxy.refused:
            raise proxy.refused from None
        raise


def preflight(run: Run) -> None:
    """Ask for the playlist or the stream once by ourselves: names, connection, TLS and first byte, step by step."""
    reply = fetch(run, Asked(run.target.address, most_bytes=PREFLIGHT_BYTES if run.target.kind == "hls" else 0))
    if reply.status != 200:
        raise Failed(f"http_{reply.status}", f"the server answered {reply.status}")
    if run.target.kind == "hls" and not reply.body.lstrip(b"\xef\xbb\xbf \r\n").startswith(b"#EXTM3U"):
        raise Failed("not_hls", "the answer is no HLS playlist")


def rtmp_source(run: Run) -> tuple[str, dict[str, str]]:
    """The address over a connection that passed the guard, and the options that go with it. Raises Failed."""
    source, options = lent_rtmp(run)
    return source, {**OPTIONS, **options, "protocol_whitelist": "rtmp,tcp"}


def lent_rtmp(run: Run) -> tuple[str, dict[str, str]]:
    """Connect (steps dns and tcp) and lend the connection to the media library; it says the name that was asked for.

    Raises Failed.
    """
    parts = urlsplit(run.target.address)
    if parts.scheme != "rtmp" or not parts.hostname:
        raise Failed("address", "an RTMP address begins with rtmp://")
    port = lend(open_socket(run, parts.hostname, parts.port or RTMP_PORT), MOST_BYTES)
    source = parts._replace(netloc=f"127.0.0.1:{port}").geturl()
    return source, {"rtmp_tcurl": tc_url(run.target.address), "rtmp_live": "live"}


def tc_url(url: str) -> str:
    """What an RTMP client says it connects to: everything but the stream's name."""
    parts = urlsplit(url)
    return f"rtmp://{parts.netloc}{parts.path.rpartition('/')[0]}"


def view(run: Run, source: str, options: dict[str, str]) -> None:
    """Open, decode and watch. Raises Failed."""
    with run.step("open"):
        container = opened(source, options)
    viewing = Viewing(run, container, watch_s(run))
    try:
        viewing.watch(arrivals(container))
    finally:
        if run.seen.event:
            run.seen.fields, run.seen.detail = viewing.totals()
    viewing.judge()


def watch_s(run: Run) -> float:
    """How long to watch after the first frame."""
    return float(min(max(run.target.expect.get("watch_s") or WATCH_S, LEAST_WATCH_S), MOST_WATCH_S))


def opened(source: str, options: dict[str, str]) -> InputContainer:
    """The container. Raises Failed with a code of ours for each way this can go wrong."""
    try:
        return av.open(source, options=options, timeout=(OPEN_S, READ_S))
    except (av.error.FFmpegError, OSError, ValueError) as error:
        raise Failed(code_of(error), sentence_of(error)) from None


def code_of(error: Exception) -> str:
    """A short code for an error of the media library."""
    status = getattr(error, "errno", None)
    if isinstance(error, av.error.HTTPError):
        return "http"
    if isinstance(error, av.error.InvalidDataError):
        return "invalid_media"
    if isinstance(error, TimeoutError | av.error.ExitError):
        return "timeout"
    return "stream" if status is None or status < 0 else "stream_io"


def sentence_of(error: Exception) -> str:
    """What the media library says, without the address."""
    if isinstance(error, TimeoutError | av.error.ExitError):
        return f"nothing came for {READ_S:g} s"
    return str(getattr(error, "strerror", "") or type(error).__name__)


def arrivals(container: InputContainer) -> Iterator[Any]:
    """Packets as they come; None every moment without one; ends where the stream does, or raises what broke it.

    Read in a thread: a read that hangs must not keep the playhead's clock from going on.
    """
    packets: queue.Queue[Any] = queue.Queue(256)
    chosen = [*container.streams.video[:1], *container.streams.audio[:1]]

    def read() -> None:
        try:
            for packet in container.demux(chosen):
                packets.put((time.monotonic(), packet))
            packets.put(StopIteration())
        except Exception as error:
            packets.put(error)

    for stream in container.streams:
        # A player plays one rung of the ladder; without this the library would fetch them all.
        if stream not in chosen:
            stream.discard = Discard.all
    threading.Thread(target=read, daemon=True).start()
    while True:
        found = None
        with contextlib.suppress(queue.Empty):
            found = packets.get(timeout=0.05)
        if isinstance(found, StopIteration):
            return
        if isinstance(found, Exception):
            raise Failed(code_of(found), sentence_of(found)) from None
        yield found
