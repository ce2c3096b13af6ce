"""nginx-rtmp and node-media-server for real, set up as docs/hooks.md says, and encoders and viewers by ffmpeg."""

import json
import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.service import ROOT, free_port

SERVERS = ROOT / "tests" / "servers"
MODULE = Path("/usr/lib/nginx/modules/ngx_rtmp_module.so")
BLOCK = re.compile(r"^### (\S+)\n.*?^```\w*\n(.*?)^```", re.S | re.M)
NGINX = """
load_module {module};
daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log info;
events {{ worker_connections 64; }}
rtmp {{ access_log off; server {{ listen 127.0.0.1:{port}; {application} }} }}
"""


def documented(server: str, base: str, secret: str) -> str:
    """The configuration that the page on hooks has for this server, with a real address and key."""
    blocks = dict(BLOCK.findall((ROOT / "docs" / "hooks.md").read_text()))
    return blocks[server].replace("http://aftercare.example:8400", base).replace("YOUR-KEY", secret)


@contextmanager
def running(*command: str, folder: Path) -> Iterator["subprocess.Popen[bytes]"]:
    """A process that ends with the block."""
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


@contextmanager
def nginx_rtmp(folder: Path, base: str, secret: str, *, push_to: int = 0) -> Iterator[int]:
    """nginx with its RTMP module; gives its port. It pushes on to another server's port, where one is given."""
    folder.mkdir()
    port = free_port()
    application = documented("nginx-rtmp", base, secret)
    if push_to:
        application = application.replace("live on;", f"live on; push rtmp://127.0.0.1:{push_to}/live;")
    text = NGINX.format(module=MODULE, folder=folder, port=port, application=application)
    (folder / "nginx.conf").write_text(text)
    with running("/usr/sbin/nginx", "-c", f"{folder}/nginx.conf", "-p", str(folder), folder=folder) as process:
        wait_until(lambda: (folder / "nginx.pid").exists() and process.poll() is None)
        yield port


@contextmanager
def node_media_server(folder: Path, base: str, secret: str) -> Iterator[int]:
    """node-media-server; gives its RTMP port."""
    folder.mkdir()
    port = free_port()
    settings = {
        **json.loads(documented("node-media-server", base, secret)),
        "bind": "127.0.0.1",
        "rtmp": {"port": port},
        "http": {"port": free_port()},
        "auth": {"play": False, "publish": False},
        "store": {"path": str(folder)},
    }
    (folder / "nms.json").write_text(json.dumps(settings))
    program = SERVERS / "node_modules/node-media-server/bin/app.js"
    assert program.exists(), "npm ci has not run in tests/servers: bin/test does it for the long tests"
    with running("node", str(program), "-c", str(folder / "nms.json"), folder=folder):
        wait_until(lambda: "RTMP" in (folder / "log").read_text(errors="replace").upper())
        yield port


def encoder(port: int, stream: str, folder: Path) -> "subprocess.Popen[bytes]":
    """ffmpeg pushing a picture and a tone, as an anchor's encoder does."""
    picture = ("-f", "lavfi", "-i", "testsrc2=size=320x180:rate=15", "-f", "lavfi", "-i", "sine=frequency=440")
    coded = ("-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-pix_fmt", "yuv420p", "-g", "15")
    address = f"rtmp://127.0.0.1:{port}/live/{stream}"
    command = ("ffmpeg", "-nostdin", "-loglevel", "error", "-re", *picture, *coded, "-c:a", "aac", "-f", "flv", address)
    return subprocess.Popen(command, cwd=folder)


def viewer(port: int, stream: str, folder: Path) -> "subprocess.Popen[bytes]":
    """ffmpeg playing what is pushed, to nowhere."""
    address = f"rtmp://127.0.0.1:{port}/live/{stream}"
    command = ("ffmpeg", "-nostdin", "-loglevel", "error", "-i", address, "-c", "copy", "-f", "null", "-")
    return subprocess.Popen(command, cwd=folder)


def wait_until(holds: Callable[[], bool], *, within_s: float = 60) -> None:
    """Until something holds of another process."""
    ends = time.monotonic() + within_s
    while not holds():
        assert time.monotonic() < ends, "it never came to hold"
        time.sleep(0.1)
