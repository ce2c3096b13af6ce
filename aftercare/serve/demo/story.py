"""The story of the main job, told over HTTP without a person: fault, alert, page, acknowledgement, ticket, reply."""

import http.cookiejar
import http.server
import json
import re
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any, TypeVar

from django.conf import settings
from django.db import connection

from aftercare.accounts.models import App, User
from aftercare.kernel.clock import utc_now
from aftercare.notify.actions import add_contact
from aftercare.serve.demo.entry import entry_path
from aftercare.serve.demo.viewer import Viewer
from aftercare.serve.demo.world import TRY_APP, kept_keys
from aftercare.telemetry.queries import session_timeline
from aftercare.watch.models import Alert

PATIENCE_S = 45
HEALTHY_S = 8
THROTTLE_KBPS = 90
Found = TypeVar("Found")


class DidNotHappen(Exception):
    """A step of the story that did not come to pass in time."""


class Story:
    """Plays once; afterwards `figures` says what was measured and `missing` what did not happen."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._stopping = threading.Event()
        self.missing: list[str] = []
        self.figures: dict[str, Any] = {"viewer": "no browser: real segments over HTTP, hls.js-like CMCD v2 reports"}

    def stop(self) -> None:
        """Wait for nothing any more: the story ends with the step it is at."""
        self._stopping.set()

    def play(self) -> None:
        """Play all steps; a step that fails ends the story with its sentence in `missing`."""
        begun = time.monotonic()
        pager = Pager()
        try:
            self._play(pager)
        except DidNotHappen as failure:
            self.missing.append(str(failure))
        except Exception as error:
            self.missing.append(f"the story broke off: {type(error).__name__}: {error}")
        finally:
            pager.close()
            connection.close()
        self.figures["ok"] = not self.missing
        self.figures["story_s"] = round(time.monotonic() - begun, 1)

    def _play(self, pager: "Pager") -> None:
        app = App.objects.select_related("customer").get(name=TRY_APP[0])
        lin = User.objects.get(email__startswith="lin@")
        add_contact(user=lin, channel="webhook", address=pager.address, verified=True, now=utc_now())
        viewer = Viewer(self._base, kept_keys(settings.DATA_DIR).of_app[app.ref], name="check", user="check-viewer")
        viewer.start()
        try:
            self._fault(viewer, pager, app)
        finally:
            viewer.stop()
        self._compare(viewer, app)
        engineer = Person(self._base, "lin")
        page = pager.pages[0]
        ref = page["data"]["subject"]
        taken = engineer.post(f"/pages/{ref}/acknowledgement", {}, accept="application/json")
        if json.loads(taken).get("state") != "acknowledged":
            raise DidNotHappen(f"the page was not acknowledged: {taken[:200]}")
        self.figures["page_to_ack_s"] = round(time.monotonic() - pager.times[0], 2)
        self._talk(engineer)

    def _fault(self, viewer: Viewer, pager: "Pager", app: App) -> None:
        self._until("the viewer got no segments", lambda: viewer.segments >= 2)
        self._stopping.wait(HEALTHY_S)
        stream = f"{self._base}/demo/live/check/throttle"
        body = json.dumps({"kbps": THROTTLE_KBPS, "seconds": 60}).encode()
        urllib.request.urlopen(urllib.request.Request(stream, body), timeout=5).close()  # noqa: S310 - our own address
        first_bad = self._until("the throttled viewer did not stall", lambda: viewer.first_bad_at)
        self._until("the on-call engineer was not paged", lambda: pager.times)
        self.figures["alert"] = Alert.objects.filter(app=app).latest("opened_at").metric
        self.figures["fault_to_page_s"] = round(pager.times[0] - first_bad, 2)
        body = json.dumps({"kbps": 0}).encode()
        urllib.request.urlopen(urllib.request.Request(stream, body), timeout=5).close()  # noqa: S310 - our own address
        self._until("the stall did not end after the throttle was lifted", lambda: viewer.stalls[-1][1])
        self._stopping.wait(1)

    def _compare(self, viewer: Viewer, app: App) -> None:
        self.figures["stalls"] = len(viewer.stalls)
        self.figures["stall_measured_ms"] = viewer.stalled_ms

        def stored() -> int:
            found = session_timeline(app, viewer.session, now=utc_now())
            return found.totals["stall_ms"] if found else 0

        measured = viewer.stalled_ms
        self._until("the stalls were not stored", lambda: measured and abs(stored() - measured) <= 100)
        self.figures["stall_stored_ms"] = stored()

    def _talk(self, engineer: "Person") -> None:
        customer = Person(self._base, "zhao")
        path = self._until("the customer sees no ticket that opened by itself", lambda: ticket_of(customer, TRY_APP))
        self.figures["ticket"] = path.rpartition("/")[2]
        asked = f"观众在喊卡，现在什么情况？ {time.time():.0f}"
        customer.reply(path, asked)
        self._until("the customer's reply did not reach the provider", lambda: asked in engineer.get(path))
        answer = f"已经定位并处理，正在恢复。 {time.time():.0f}"
        engineer.reply(path, answer)
        self._until("the provider's reply did not reach the customer", lambda: answer in customer.get(path))
        self.figures["replies"] = 2

    def _until(self, sentence: str, look: Callable[[], Found | bool | None]) -> Any:
        """Look until there is something. Raises DidNotHappen with the sentence when patience ends."""
        begun = time.monotonic()
        while time.monotonic() - begun < PATIENCE_S and not self._stopping.is_set():
            found = look()
            if found:
                return found
            self._stopping.wait(0.1)
        raise DidNotHappen(f"{sentence} within {time.monotonic() - begun:.0f} s")


class Person:
    """Somebody of the demo at a browser without scripts: cookies, forms, pages."""

    def __init__(self, base: str, name: str) -> None:
        self._base = base
        self._jar = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self._jar))
        self.get(entry_path(name))

    def get(self, path: str) -> str:
        """A page's text."""
        return str(self._opener.open(self._base + path, timeout=20).read(), "utf-8")

    def fields(self, path: str) -> dict[str, str]:
        """The hidden fields of a page's forms."""
        return dict(re.findall(r'<input type="hidden"[^>]* name="(version)" value="([^"]*)"', self.get(path)))

    def reply(self, path: str, words: str) -> None:
        """Write on a ticket; when somebody changed it meanwhile, look again and send once more, as a person would."""
        refusal = ""
        for _ in range(5):
            try:
                self.post(f"{path}/messages", {"body": words, **self.fields(path)})
            except urllib.error.HTTPError as error:
                if error.code != 409:
                    raise
                refusal = first_alert(error.read().decode("utf-8", "replace"))
            else:
                return
        raise DidNotHappen(f"a reply was refused five times: {refusal}")

    def post(self, path: str, fields: dict[str, str], accept: str = "text/html") -> str:
        """Send a form; returns the text it ends in."""
        token = next((cookie.value or "" for cookie in self._jar if cookie.name == "csrftoken"), "")
        body = urllib.parse.urlencode({**fields, "csrfmiddlewaretoken": token}).encode()
        headers = {"Accept": accept, "X-CSRFToken": token, "Referer": self._base + path}
        request = urllib.request.Request(self._base + path, body, headers)  # noqa: S310 - our own address
        return str(self._opener.open(request, timeout=20).read(), "utf-8")


class Pager:
    """The on-call engineer's webhook: keeps what arrives and when."""

    def __init__(self) -> None:
        self.pages: list[dict[str, Any]] = []
        self.times: list[float] = []
        pager = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                if body["type"] == "page":
                    pager.pages.append(body)
                    pager.times.append(time.monotonic())
                self.send_response(204)
                self.end_headers()

            def log_message(self, format: str, *args: Any) -> None:
                """Keep quiet."""

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self._server.server_port}/pager"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()


def ticket_of(customer: Person, names: tuple[str, ...]) -> str | None:
    """The path of the first ticket in this person's list whose page names the app."""
    refs = dict.fromkeys(re.findall(r'href="(/tickets/[0-9a-z]{12})[#"?]', customer.get("/tickets")))
    return next((path for path in refs if any(name in customer.get(path) for name in names)), None)


def first_alert(page: str) -> str:
    """What a page of refusal says, tags taken out."""
    found = re.search(r'role="alert"[^>]*>(.*?)</', page, re.S)
    return re.sub(r"<[^>]+>", " ", found[1]).strip() if found else "without a word"
