"""The demo: its addresses exist only there, keep its people apart, and its page breaks a real stream in a browser."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect, sync_playwright

from aftercare.kernel.signing import sign
from tests.browser import CHROMIUM, FLAGS
from tests.service import ROOT, free_port
from tests.smoke.test_real_chain import PATIENCE_S, until
from tests.visitor import Answer, Visitor, path_of

# Where real data would be. A demo that so much as looked would fail, for nobody listens there.
REAL = {
    "AFTERCARE_DATABASE_URL": "postgresql://real:real@127.0.0.1:9/real",
    "AFTERCARE_CLICKHOUSE_URL": "http://127.0.0.1:9",
}


class Demo:
    """A running demo, and whoever enters it."""

    def __init__(self, folder: Path, port: int) -> None:
        self.folder = folder
        self.port = port

    def entry(self, name: str) -> str:
        """The address that signs this person in, as whoever holds the demo's secret makes it."""
        secret = (self.folder / "secret").read_text().strip().encode()
        return f"/demo/enter/{name}?key={quote(sign(secret, 'demo-enter', name))}"

    def enter(self, name: str) -> Visitor:
        """A browser signed in as this person."""
        visitor = Visitor(self.port)
        assert visitor.get(self.entry(name)).status == 302
        return visitor

    def ask(self, method: str, path: str, body: str = "") -> tuple[int, bytes]:
        """One exchange by somebody signed out."""
        link = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        link.request(method, path, body or None)
        answer = link.getresponse()
        got = answer.status, answer.read()
        link.close()
        return got


def environment(place: str) -> dict[str, str]:
    """As on a machine that also runs the real thing."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCARE_")}
    return {**kept, **REAL, "HOME": place, "XDG_DATA_HOME": place, "TMPDIR": place, "PYTHONPATH": str(ROOT)}


def begin(place: str, *words: str, program: tuple[str, ...] = ("-m", "aftercare.serve.cli")) -> subprocess.Popen[str]:
    """`aftercare demo` with these options, in a session of its own."""
    command = [sys.executable, *program, "demo", *words]
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment(place),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.fixture(scope="module")
def place() -> Iterator[str]:
    """A folder for all that this file makes."""
    with tempfile.TemporaryDirectory(prefix="aftercare-demo-test-") as name:
        yield name


@pytest.fixture(scope="module")
def demo(place: str) -> Iterator[Demo]:
    """One demo for all tests that look at it."""
    port = free_port()
    with Path(place, "demo.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "aftercare.serve.cli", "demo", "--port", str(port)],
            cwd=ROOT,
            env=environment(place),
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
        assert process.stdout
        said = next((line for line in process.stdout if line.startswith("Open ")), "")
        running = Demo(Path(place) / "aftercare-demo", port)
        assert said == f"Open http://127.0.0.1:{port}{running.entry('lin')}\n", Path(place, "demo.log").read_text()
        yield running
        begun = time.monotonic()
        process.terminate()
        process.wait(30)
        assert time.monotonic() - begun < 10


def test_only_the_printed_address_lets_one_in(demo: Demo) -> None:
    key = demo.entry("lin").partition("?")[2]
    for path in ("/demo/enter/lin", "/demo/enter/lin?key=x", f"/demo/enter/ada?{key}", f"/demo/enter/nobody?{key}"):
        assert Visitor(demo.port).get(path).status == 404, path
    assert demo.enter("lin").get("/try").status == 200


def is_way_to_sign_in(answer: Answer) -> bool:
    """Whether somebody signed out is sent to the sign-in page."""
    return answer.status == 302 and path_of(answer.place).startswith("/accounts/login/")


def test_the_signed_out_see_nothing_of_it(demo: Demo) -> None:
    nobody = Visitor(demo.port)
    for path in ("/try", "/try/story", "/try/story?session=x"):
        assert is_way_to_sign_in(nobody.get(path)), path
    assert nobody.get("/accounts/login/").status == 200
    assert is_way_to_sign_in(nobody.post("/demo/as/lin"))


def test_to_another_customers_people_the_try_it_app_does_not_exist(demo: Demo) -> None:
    for name in ("qian", "omar"):
        stranger = demo.enter(name)
        for path in ("/try", "/try/story", "/try/story?session=x"):
            assert stranger.get(path).status == 404, (name, path)
        assert '"/try"' not in stranger.get("/").text, "no door to what does not exist"
        for wanted in ("lin", "zhao"):
            assert stranger.post(f"/demo/as/{wanted}").status == 404, (name, wanted)
        assert stranger.get("/staff").status in (403, 404), "still nobody of the provider's"


def test_one_becomes_only_whom_the_page_offers(demo: Demo) -> None:
    visitor = demo.enter("lin")
    assert visitor.get("/try").status == 200
    for name in ("ada", "qian", "nobody"):
        assert visitor.post(f"/demo/as/{name}").status == 404, name
    assert visitor.post("/demo/as/zhao", next="/tickets").place == "/tickets"
    assert visitor.get("/staff").status in (403, 404)
    assert visitor.post("/demo/as/lin", next="https://elsewhere.example/").place == "/"


def test_the_story_tells_of_its_own_apps_sessions_alone(demo: Demo) -> None:
    lin = demo.enter("lin")
    refs = dict.fromkeys(re.findall(r'href="/apps/([0-9a-z]{12})[/"?]', lin.get("/apps").text))
    pages = {ref: lin.get(f"/apps/{ref}/sessions").text for ref in refs}
    others = next(ref for ref in refs if "Whisper" in lin.get(f"/apps/{ref}").text)
    session = re.search(rf'href="/apps/{others}/sessions/([^"?]+)', pages[others])
    assert session, "Whisper has sessions in its past hour"
    for name in ("lin", "zhao"):
        told = demo.enter(name).get(f"/try/story?session={session[1]}")
        assert told.status == 200
        assert session[1] not in told.text and "stalls," not in told.text


def newest(demo: Demo, viewer: str) -> str:
    """The path of the last segment of a viewer's playlist."""
    status, playlist = demo.ask("GET", f"/demo/live/{viewer}/index.m3u8")
    assert status == 200
    return f"/demo/live/{viewer}/{playlist.decode().split()[-1]}"


def test_one_viewers_throttle_slows_nobody_else(demo: Demo) -> None:
    slow = json.dumps({"kbps": 8, "seconds": 60})
    assert demo.ask("POST", "/demo/live/slow-one/throttle", slow)[0] == 204
    begun = time.monotonic()
    status, segment = demo.ask("GET", newest(demo, "other"))
    assert status == 200 and len(segment) > 50_000
    assert time.monotonic() - begun < 5, "the other viewer's segment came at once"
    link = http.client.HTTPConnection("127.0.0.1", demo.port, timeout=5)
    link.request("GET", newest(demo, "slow-one"))
    assert len(link.getresponse().read(200)) == 200
    link.close()
    assert demo.ask("POST", "/demo/live/slow-one/throttle", '{"kbps": 0}')[0] == 204


@pytest.mark.parametrize(
    "body",
    ["", "x", "[]", "{}", '{"kbps": "fast"}', '{"kbps": NaN}', '{"kbps": Infinity}', '{"kbps": 9, "seconds": NaN}'],
)
def test_a_throttle_that_makes_no_sense_is_refused(demo: Demo, body: str) -> None:
    status, said = demo.ask("POST", "/demo/live/odd/throttle", body)
    assert status == 400 and b"send" in said
    assert demo.ask("GET", newest(demo, "odd"))[0] == 200


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("x/throttle", 405),
        ("x/0.ts", 404),
        ("x/999999999999.ts", 404),
        ("x/y.m3u8", 404),
        ("x", 404),
        ("A_B/1.ts", 404),
    ],
)
def test_the_stream_has_no_other_addresses(demo: Demo, path: str, status: int) -> None:
    assert demo.ask("GET", f"/demo/live/{path}")[0] == status


def test_a_browser_plays_the_stream_and_the_button_stalls_it(demo: Demo) -> None:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, "--mute-audio"])
        page = browser.new_context(base_url=f"http://127.0.0.1:{demo.port}", locale="en-GB").new_page()
        page.set_default_timeout(PATIENCE_S * 1000)
        page.goto(demo.entry("lin"))
        page.goto("/try")
        session = page.get_attribute("[data-try]", "data-session")

        def wait() -> None:
            page.wait_for_timeout(100)

        until("it did not play", lambda: page.evaluate("document.querySelector('video').currentTime") > 4, wait)
        assert page.evaluate("window.tryStalls.length") == 0
        page.click("[data-try-slow]")
        expect(page.locator("[data-try-slow]")).to_be_disabled()
        until("it did not stall", lambda: page.is_visible("[data-try-stall]"), wait)
        page.click("[data-try-free]")
        until("the stall did not end", lambda: page.evaluate("window.tryStalls.length") > 0, wait)
        link = page.locator(f"#story a[href$='/sessions/{session}']")
        until("the story did not tell of it", lambda: re.search(r"[1-9]\d* stalls, \d", story_of(page)), wait)
        link.click()
        page.wait_for_url(f"**/sessions/{session}")
        expect(page.locator("main")).to_contain_text("try-it")
        browser.close()


def story_of(page: "object") -> str:
    """What the page tells beside the player."""
    return str(page.inner_text("#story"))  # type: ignore[attr-defined]


def test_a_folder_of_real_data_is_refused(place: str) -> None:
    real = Path(place) / "real"
    (real / "postgresql").mkdir(parents=True)
    for words in (["--data", str(real)], ["--check", "--json", "--data", str(real)]):
        process = begin(place, *words)
        out, said = process.communicate(timeout=60)
        assert (process.returncode, out) == (2, "")
        assert f"{real} holds data that no demo made" in " ".join(said.split())
    assert [path.name for path in real.iterdir()] == ["postgresql"], "nothing was written there"


def test_a_demos_own_folder_is_known_again(demo: Demo, place: str) -> None:
    process = begin(place, "--data", str(demo.folder), "--port", str(free_port()))
    _, said = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "already serves the folder" in " ".join(said.split())


def left_of(process: subprocess.Popen[str], place: str) -> list[str]:
    """Its temporary folder, and processes of its session or at work in that folder."""
    folders = [str(path) for path in Path(place).glob("aftercare-check-*")]
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "stat").read_text().rsplit(")", 1)[1].split()
            is_at_work = (entry / "cwd").readlink().is_relative_to(place) and "aftercare-check-" in str(
                (entry / "cwd").readlink()
            )
        except OSError:
            continue
        if words[0] != "Z" and (int(words[3]) == process.pid or is_at_work):
            folders.append(entry.name)
    return folders


def ended(process: subprocess.Popen[str], place: str, timeout_s: float) -> tuple[int, list[str], str]:
    """Exit code, lines on standard output and what it said; nothing of it may be left."""
    out, said = process.communicate(timeout=timeout_s)
    assert "Traceback" not in said, said
    assert left_of(process, place) == []
    return process.returncode, out.splitlines(), " ".join(said.split())


def test_the_check_plays_the_story_to_its_end(place: str) -> None:
    code, lines, said = ended(begin(place, "--check", "--json"), place, 120)
    assert code == 0, said
    (line,) = lines
    figures = json.loads(line)
    assert figures["ok"] is True and "no browser" in figures["viewer"]
    assert figures["alert"] == "rebuffering_ratio"
    assert 0 < figures["fault_to_page_s"] < 45
    assert 0 <= figures["page_to_ack_s"] < 45
    assert re.fullmatch("[0-9a-z]{12}", figures["ticket"]) and figures["replies"] == 2
    assert figures["stalls"] > 0 and figures["stall_measured_ms"] > 0
    assert abs(figures["stall_stored_ms"] - figures["stall_measured_ms"]) <= 100


def test_a_check_told_to_end_at_its_start_leaves_nothing(place: str) -> None:
    process = begin(place, "--check", "--json")
    until("it begins", lambda: list(Path(place).glob("aftercare-check-*/postgresql/PG_VERSION")))
    process.send_signal(signal.SIGTERM)
    code, lines, said = ended(process, place, 30)
    assert (code, lines) == (2, [])
    assert "ended before the service was up" in said


# The same with the time over as soon as the service is up.
HURRIED = """
import threading
from aftercare.serve import cli
from aftercare.serve.demo import place
choose = place.choose
def hurry(arguments):
    choose(arguments)
    import django
    django.setup()
    from aftercare.serve.demo import check
    start = check.Check.start
    def hurried(self):
        start(self)
        threading.Thread(target=lambda: (self._service.ready.wait(), self._give_up()), daemon=True).start()
    check.Check.start = hurried
import aftercare.serve.demo.place
aftercare.serve.demo.place.choose = hurry
cli.main()
"""


def test_a_check_that_takes_too_long_says_so(place: str) -> None:
    code, lines, said = ended(
        begin(place, "--check", "--json", "--data", f"{place}/kept", program=("-c", HURRIED)), place, 60
    )
    assert code == 1, said
    assert [json.loads(line)["ok"] for line in lines] == [False]
    assert "the whole story within 105 s" in said


def test_a_check_told_to_end_says_that_it_did_not_come_to_its_end(place: str) -> None:
    """On the world that the test before has made, where it ran: making one takes the longest."""
    port = free_port()
    process = begin(place, "--check", "--json", "--data", f"{place}/kept", "--port", str(port))
    until("the service is up", lambda: is_up(port))
    process.send_signal(signal.SIGTERM)
    code, lines, said = ended(process, place, 20)
    assert code == 1
    (line,) = lines
    assert json.loads(line)["ok"] is False
    assert "did not happen:" in said


@pytest.mark.parametrize(("words", "variable"), [(["--port", "1"], ""), ([], "AFTERCARE_SMTP_PORT")])
def test_a_check_that_cannot_start_leaves_nothing(place: str, words: list[str], variable: str) -> None:
    command = [sys.executable, "-m", "aftercare.serve.cli", "demo", "--check", "--json", *words]
    wrong = {variable: "many"} if variable else {"AFTERCARE_GEOIP_CITY": "/nowhere.mmdb"}
    done = subprocess.run(command, cwd=ROOT, env={**environment(place), **wrong}, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert list(Path(place).glob("aftercare-check-*")) == []


def is_up(port: int) -> bool:
    """Whether somebody is listening there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0
