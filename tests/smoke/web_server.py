"""A real nginx before the live clip, writing the access log that docs/access-logs.md says to write."""

import re
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from tests.service import ROOT, free_port

NGINX = "/usr/sbin/nginx"
BLOCK = re.compile(r"^```nginx\n(.*?)^```", re.S | re.M)
CONFIGURATION = """
daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ }}
http {{
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  {log}
  server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {behind}; }} }}
}}
"""


class WebServer:
    """nginx at `base`; its log is `log`."""

    def __init__(self, folder: Path, behind: str) -> None:
        folder.mkdir()
        self.log = folder / "media.log"
        port = free_port()
        self.base = f"http://127.0.0.1:{port}"
        (documented,) = BLOCK.findall((ROOT / "docs" / "access-logs.md").read_text())
        assert "/var/log/nginx/media.log" in documented
        log = documented.replace("/var/log/nginx/media.log", str(self.log))
        text = CONFIGURATION.format(folder=folder, log=log, port=port, behind=behind)
        (folder / "nginx.conf").write_text(text)
        self._process = subprocess.Popen([NGINX, "-p", str(folder), "-c", str(folder / "nginx.conf")])
        for _ in range(100):
            try:
                urllib.request.urlopen(self.base, timeout=5).close()  # noqa: S310
            except urllib.error.HTTPError:
                return
            except OSError:
                assert self._process.poll() is None, "nginx ended at its start"
                time.sleep(0.05)
        raise AssertionError("nginx did not answer")

    def close(self) -> None:
        """SIGTERM."""
        self._process.terminate()
        self._process.wait(10)
