"""What probes look at, on loopback: media that ffmpeg has just made, an HTTP server that does as it is told, agents."""

import asyncio
import http.server
import json
import os
import ssl
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from aftercare.probe.guard import Guard
from aftercare.probe.kinds import looker_for
from aftercare.probe.run import Run
from aftercare.probe.runner import run_target
from aftercare.probe.types import Failed, Outcome, Target

ROOT = Path(__file__).parents[2]
CLIP_S = 12
PICTURE = f"testsrc2=size=320x180:rate=15:duration={CLIP_S}"
TONE = f"sine=frequency=440:sample_rate=44100:duration={CLIP_S}"
Answer = Callable[[http.server.BaseHTTPRequestHandler], None]


def make_media(folder: Path, *, picture: str = PICTURE, tone: str = TONE) -> Path:
    """HLS (`index.m3u8`, 2 s segments) and FLV (`clip.flv`) of the same clip."""
    encode = [
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "30",
        "-c:a",
        "aac",
        "-b:a",
        "32k",
    ]
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", picture, "-f", "lavfi", "-i", tone]
    hls = [*encode, "-f", "hls", "-hls_time", "2", "-hls_list_size", "0", str(folder / "index.m3u8")]
    subprocess.run([*command, *hls, *encode, "-f", "flv", str(folder / "clip.flv")], check=True, timeout=60)
    return folder


def make_ladder(folder: Path) -> Path:
    """An HLS master playlist with two rungs, `v0` and `v1`."""
    command = ["ffmpeg", "-v", "error", "-f", "lavfi", "-i", PICTURE, "-filter_complex", "[0:v]split=2[a][b]"]
    command += [
        "-map",
        "[a]",
        "-map",
        "[b]",
        "-c:v",
        "libx264",
        "-preset",
        "ultrafast",
        "-pix_fmt",
        "yuv420p",
        "-g",
        "30",
    ]
    command += ["-b:v", "300k", "-f", "hls", "-hls_time", "2", "-hls_list_size", "0"]
    command += ["-master_pl_name", "master.m3u8"]
    command += ["-var_stream_map", "v:0 v:1", "-hls_segment_filename", str(folder / "v%v_%d.ts")]
    subprocess.run([*command, str(folder / "v%v.m3u8")], check=True, timeout=60)
    return folder


class Web:
    """An HTTP server: files of a folder, and answers set by path. `asked` are the paths that came, oldest first."""

    def __init__(self, folder: Path | None = None, *, tls: tuple[Path, Path] | None = None) -> None:
        self.asked: list[str] = []
        self.answers: dict[str, Answer] = {}
        web = self

        class Handler(http.server.SimpleHTTPRequestHandler):
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, directory=str(folder or "/nonexistent"), **kwargs)

            def do_GET(self) -> None:
                path = self.path.partition("?")[0]
                web.asked.append(self.path)
                if path in web.answers:
                    web.answers[path](self)
                else:
                    super().do_GET()

            do_POST = do_GET

            def log_message(self, format: str, *args: Any) -> None:
                return

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self.base = f"http{'s' if tls else ''}://{'localhost' if tls else '127.0.0.1'}:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def say(self, path: str, body: Any, *, status: int = 200, **headers: str) -> None:
        """Answer this path so: bytes as they are, anything else as JSON."""
        text = body if isinstance(body, bytes) else json.dumps(body).encode()

        def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
            handler.send_response(status)
            for name, value in {"Content-Length": str(len(text)), **headers}.items():
                handler.send_header(name.replace("_", "-"), value)
            handler.end_headers()
            handler.wfile.write(text)

        self.answers[path] = answer

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def slowly(body: bytes, bytes_per_s: int, *, kind: str, at_once: int = 0) -> Answer:
    """An answer whose body drips at this rate, after its first `at_once` bytes."""

    def answer(handler: http.server.BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("Content-Type", kind)
        handler.end_headers()
        step = bytes_per_s // 20
        try:
            handler.wfile.write(body[:at_once])
            for begin in range(at_once, len(body), step):
                handler.wfile.write(body[begin : begin + step])
                time.sleep(1 / 20)
        except OSError:
            return

    return answer


def look(
    kind: str, address: str, *, allow_private: bool = True, rdap: str = "http://127.0.0.1:1", **expect: Any
) -> Outcome:
    """One run in a process of its own, as the agent does it."""
    target = Target("ref", kind, address, expect=expect)
    return asyncio.run(run_target(target, allow_private=allow_private, rdap=rdap))


def inside(kind: str, address: str, *, allow_private: bool = True, rdap: str = "", **expect: Any) -> tuple[str, Run]:
    """One run in this process, for what ends at once: its code and the run."""
    run = Run(Target("ref", kind, address, expect=expect), Guard(allow_private))
    try:
        looker_for(kind, rdap=rdap)(run)
    except Failed as failed:
        return failed.code, run
    return "ok", run


class Agent:
    """`aftercare probe` as a process."""

    def __init__(self, server: str, key: str, queue: Path, *more: str) -> None:
        self.log = queue.with_suffix(".log")
        command = [sys.executable, "-m", "aftercare.serve.cli", "probe", "--server", server, "--key", key]
        command += ["--queue", str(queue), "--region", "CN-GD", "--carrier", "China Telecom", "--allow-private", *more]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCARE_")}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
            )

    def said(self) -> str:
        """What it wrote so far."""
        return self.log.read_text(errors="replace")

    def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.process.terminate()
        return self.process.wait(15)


def until(what: str, look_for: Callable[[], Any], patience_s: float = 30) -> Any:
    """What is found, once it is; fails with the sentence when patience ends."""
    ends = time.monotonic() + patience_s
    while time.monotonic() < ends:
        if found := look_for():
            return found
        time.sleep(0.05)
    raise AssertionError(what)
