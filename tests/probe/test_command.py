"""`aftercare probe` for a person at a terminal."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from aftercare.probe.command import kind_of
from tests.probe.doubles import ROOT, Web

# A machine without the extra's first package.
WITHOUT = (
    "import sys, importlib.util as util; find = util.find_spec\n"
    "util.find_spec = lambda name, *more: None if name == 'av' else find(name, *more)\n"
    "from aftercare.serve.cli import main; main()"
)


def run(*arguments: str, program: tuple[str, ...] = ("-m", "aftercare.serve.cli")) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *program, "probe", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)


def test_it_works(web: Web) -> None:
    web.say("/api", {"code": 0})
    done = run(f"{web.base}/api", "--allow-private")
    assert done.returncode == 0, done.stderr
    assert "first_byte" in done.stdout and "ok in" in done.stdout
    told = json.loads(run(f"{web.base}/api", "--allow-private", "--json").stdout)
    assert told["code"] == "ok" and told["steps"][0]["code"] == "dns"


def test_what_fails_is_told_and_ends_with_1(web: Web) -> None:
    done = run(f"{web.base}/index.m3u8")
    assert done.returncode == 1 and "private_address" in done.stdout and "--allow-private" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ((), "give an address to look at once, or --server and --key"),
        (("http://a.example/", "--server", "http://b.example"), "give an address to look at once, or"),
        (("--server", "http://b.example"), "--key is missing"),
        (("--server", "b.example", "--key", "ak_x"), "--server is 'b.example'"),
        (("--server", "http://b.example", "--key", "@/no/such/file"), "--key names the file /no/such/file"),
        (("http://a.example/", "--kind", "nothing"), "--kind is 'nothing'"),
        (("--server", "http://b.example", "--key", "ak_x", "--media-at-once", "0"), "--media-at-once must be 1"),
    ],
)
def test_refuses_with_a_sentence(arguments: tuple[str, ...], sentence: str, tmp_path: Path) -> None:
    queue = ("--queue", str(tmp_path / "queue")) if "--server" in arguments else ()
    done = run(*arguments, *queue)
    assert done.returncode == 2 and sentence in " ".join(done.stderr.split())


def test_without_the_extra_it_says_what_to_install() -> None:
    done = run("http://a.example/", program=("-c", WITHOUT))
    assert done.returncode == 2 and "pip install 'aftercare[probe]'" in " ".join(done.stderr.split())
    assert "(av)" in done.stderr


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("https://a.example/live/x.m3u8?a=b", "hls"),
        ("http://a.example/live/x.flv", "flv"),
        ("rtmp://a.example/live/x", "rtmp"),
        ("srt://a.example:9000?streamid=x", "srt_push"),
        ("https://a.example/v1", "http_api"),
        ("live.a.example", "dns"),
    ],
)
def test_an_address_tells_its_kind(address: str, kind: str) -> None:
    assert kind_of(address) == kind
