"""The serving process where something in it fails: notifications that die without a word, a loop that never ends."""

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.db import connections

from aftercare.serve.demo.place import claim
from aftercare.serve.engines import raw_connection
from tests.service import Service
from tests.smoke.trouble import beside, wait_until

# A server that never hears a notification, asks for its keys every half second instead of every minute, and whose
# monitors hang from the moment the file `hang` is in its data folder.
TROUBLED = """
import sys, time
from pathlib import Path
import os
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
from aftercare.serve import address, cli, loops
loops.Listener._listen = lambda self: time.sleep(3600)
address.settle(cli.parser().parse_args())
import django
django.setup()
from django.conf import settings
from aftercare.serve import process
from aftercare.watch import engine
process.KEYS_EVERY_S = 0.5
process_due = engine.process_due
def hang(now):
    if (settings.DATA_DIR / "hang").exists():
        (settings.DATA_DIR / "hangs").touch()
        time.sleep(3600)
    return process_due(now)
engine.process_due = hang
cli.main()
"""
REVOKE = """
import django
django.setup()
from aftercare.accounts.models import IngestKey
from aftercare.kernel.clock import utc_now
IngestKey.objects.filter(app__name="Starlight Live").update(revoked_at=utc_now())
"""


class Troubled(Service):
    """A server with that program."""

    program = ("-c", TROUBLED)


@pytest.fixture(scope="module")
def troubled() -> Iterator[Service]:
    """It, running, with the cast."""
    with tempfile.TemporaryDirectory(prefix="aftercare-process-") as place:
        server = Troubled(Path(place) / "data")
        server.start()
        server.seed()
        yield server
        if server._process is not None and server._process.poll() is None:
            server.kill()


def test_a_revoked_key_ends_also_where_notifications_died(troubled: Service) -> None:
    line = {"session": "x", "ts": 0, "interval_ms": 5}
    assert troubled.samples([line])[0] != 410
    beside(troubled, REVOKE)
    wait_until("the key is refused", lambda: troubled.samples([line])[0] in (401, 403, 410), 10)
    assert troubled.samples([line], "social_secret")[0] not in (401, 403, 410)


def test_a_stuck_loop_does_not_hold_up_the_end(troubled: Service) -> None:
    (troubled.folder / "hang").touch()
    wait_until("a loop hangs", lambda: (troubled.folder / "hangs").exists())
    server = int((troubled.folder / "postgresql" / "postmaster.pid").read_text().split("\n", 1)[0])
    assert troubled.stop() < 10
    assert "still at work when the process ended: watch" in troubled.log()
    wait_until("PostgreSQL is gone", lambda: not Path(f"/proc/{server}").exists(), 2)


def test_the_listeners_connection_is_made_as_djangos_own(db: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever stands behind the database's address, such as sslmode, holds for it too."""
    options = connections["default"].settings_dict["OPTIONS"]
    monkeypatch.setitem(options, "application_name", "aftercare-listener")
    with raw_connection() as link:
        assert link.execute("show application_name").fetchone() == ("aftercare-listener",)
        assert link.autocommit
    monkeypatch.setitem(options, "sslmode", "verify-full")
    with raw_connection() as link:
        assert link.info.get_parameters()["sslmode"] == "verify-full"


def test_what_a_killed_demo_left_half_made_is_made_anew(tmp_path: Path) -> None:
    """And a whole world is kept."""
    for name in ("postgresql", "telemetry"):
        (tmp_path / name).mkdir()
    (tmp_path / "demo").touch()
    (tmp_path / "secret").write_text("kept")
    claim(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["demo", "secret"]
    (tmp_path / "postgresql").mkdir()
    (tmp_path / "demo-keys.json").write_text("{}")
    claim(tmp_path)
    assert (tmp_path / "postgresql").is_dir()
