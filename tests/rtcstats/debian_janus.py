"""Debian's Janus in a folder of its own, its event handler set up by the docs' own lines."""

import contextlib
import http.client
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PLACE = "/usr/lib/x86_64-linux-gnu/janus"
PORT = 21090
# What these tests do not need of it is not loaded.
OTHER_PLUGINS = ("voicemail", "recordplay", "sip", "nosip", "textroom", "audiobridge", "videocall", "videoroom")
OTHER_PLUGINS += ("streaming", "lua", "duktape")
OTHER_TRANSPORTS = ("pfunix", "mqtt", "nanomsg", "rabbitmq", "websockets")
OTHER_HANDLERS = ("gelfevh", "mqttevh", "nanomsgevh", "rabbitmqevh", "wsevh")


def without(names: tuple[str, ...]) -> str:
    """Janus' way to say what it shall not load."""
    return f'disable = "{",".join(f"libjanus_{name}.so" for name in names)}"'


def write_settings(folder: Path, address: str, *, handler: str, events: str) -> None:
    """Every file that this Janus reads; `handler` and `events` are the docs'."""
    general = f"""general: {{
  configs_folder = "{folder}"
  plugins_folder = "{PLACE}/plugins"
  transports_folder = "{PLACE}/transports"
  events_folder = "{PLACE}/events"
  server_name = "sfu-1"
}}
media: {{ slowlink_threshold = 4 }}
nat: {{ ice_enforce_list = "{address}" }}
plugins: {{ {without(OTHER_PLUGINS)} }}
transports: {{ {without(OTHER_TRANSPORTS)} }}
"""
    (folder / "janus.jcfg").write_text(general + events.replace("}", f"{without(OTHER_HANDLERS)}\n}}"))
    (folder / "janus.eventhandler.sampleevh.jcfg").write_text(handler)
    (folder / "janus.plugin.echotest.jcfg").write_text("general: { events = true }\n")
    http_api = f'general: {{ base_path = "/janus"\n http = true\n port = {PORT}\n ip = "{address}"\n https = false }}\n'
    (folder / "janus.transport.http.jcfg").write_text(http_api + "admin: { admin_http = false }\n")


@contextlib.contextmanager
def running(folder: Path, namespace: str, address: str) -> Iterator[str]:
    """Janus in this namespace; gives the address of its API."""
    command = ["ip", "netns", "exec", namespace, "janus", "-F", str(folder), "-C", str(folder / "janus.jcfg")]
    with (folder / "janus.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        wait_for(address, process, folder / "janus.log")
        yield f"http://{address}:{PORT}/janus"
    finally:
        process.terminate()
        process.wait(20)


def wait_for(address: str, process: "subprocess.Popen[bytes]", log: Path) -> None:
    """Until its API answers."""
    for _ in range(100):
        if process.poll() is not None:
            pytest.fail(f"Janus ended at its start:\n{log.read_text(errors='replace')[-2000:]}")
        with contextlib.suppress(OSError):
            connection = http.client.HTTPConnection(address, PORT, timeout=2)
            connection.request("GET", "/janus/info")
            if connection.getresponse().status == 200:
                return
        time.sleep(0.2)
    pytest.fail("Janus did not answer within 20 s")
