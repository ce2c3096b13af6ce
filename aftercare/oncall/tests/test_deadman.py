"""A dead-man outside hears of every clean audit, and of no other."""

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from aftercare.kernel.clock import utc_now
from aftercare.kernel.config import read_config
from aftercare.kernel.errors import Refused
from aftercare.oncall.deadman import audit_and_tell
from aftercare.oncall.models import Page, PageAudit


class Deadman:
    """Takes GETs at loopback as a dead-man's service does; `status` is what it answers."""

    def __init__(self):
        self.heard, self.status = [], 200
        deadman = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                deadman.heard.append(self.path)
                self.send_response(deadman.status)
                self.send_header("Content-Length", "2")
                self.end_headers()
                self.wfile.write(b"OK")

            def log_message(self, *arguments):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/ping/key"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()


@pytest.fixture
def deadman(settings):
    made = Deadman()
    settings.DEADMAN_URL = made.url
    yield made
    made.server.shutdown()
    made.server.server_close()


def forgotten(world):
    """An open page without a next step."""
    return Page.objects.create(
        subject_ref="x", severity="red", title="x", url_path="/x", opened_at=world.now, policy_snapshot={"steps": []}
    )


def test_it_works(world, deadman):
    assert audit_and_tell(utc_now()) == []
    assert deadman.heard == ["/ping/key"]
    audit = PageAudit.objects.get()
    assert audit.told_at is not None and audit.untold == ""


def test_it_hears_nothing_where_a_page_was_forgotten(world, deadman):
    page = forgotten(world)
    assert audit_and_tell(utc_now()) == [page]
    assert deadman.heard == [] and PageAudit.objects.get().told_at is None


def test_one_that_does_not_take_it_is_no_reason_to_stop(world, deadman):
    deadman.status = 500
    assert audit_and_tell(utc_now()) == []
    assert PageAudit.objects.get().untold == "it answered 500"
    deadman.status = 302
    audit_and_tell(utc_now())
    assert PageAudit.objects.first().untold == "it answered 302", "where it sends us to is not called"


def test_one_that_is_not_there(world, settings):
    settings.DEADMAN_URL = "http://127.0.0.1:9/ping/key"
    assert audit_and_tell(utc_now()) == []
    assert PageAudit.objects.get().untold and PageAudit.objects.get().told_at is None


def test_a_clouds_own_addresses_are_not_called(world, settings):
    settings.DEADMAN_URL = "http://169.254.169.254/latest/meta-data"
    audit_and_tell(utc_now())
    assert "private" in PageAudit.objects.get().untold


def test_without_an_address_nobody_is_told(world):
    assert audit_and_tell(utc_now()) == []
    audit = PageAudit.objects.get()
    assert (audit.told_at, audit.untold) == (None, "")


def test_the_setting_is_an_address(tmp_path):
    environ = {"AFTERCARE_DATA": str(tmp_path), "AFTERCARE_DEADMAN_URL": "hc.example.com/ping"}
    with pytest.raises(Refused, match="AFTERCARE_DEADMAN_URL"):
        read_config(environ)
