"""A data folder with both schemas in it, made once for all tests and copied by each: making it anew takes 20 s.

It is made by `aftercare migrate` as a provider would, and made again when a migration or an engine's version changes.
Tests of a first start say so (`Service.begins_empty`).
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
PLACE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "aftercare-tests"
KEPT = 6  # for the branches that somebody works on


def copy_to(folder: Path) -> None:
    """Put both schemas' databases into this folder, which must not be there yet."""
    PLACE.mkdir(parents=True, exist_ok=True)
    template = PLACE / fingerprint()
    with (PLACE / "lock").open("w") as lock:
        # The first who asks makes it, the others wait for it; nobody takes away what is being copied.
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not template.exists():
            make(template)
            for old in sorted(PLACE.glob("*/"), key=lambda place: place.stat().st_mtime)[:-KEPT]:
                shutil.rmtree(old)
        folder.mkdir()
        # PostgreSQL's folder belongs to another user when root runs the tests: `cp` keeps that, shutil does not.
        for part in ("postgresql", "postgresql.password", "telemetry"):
            subprocess.run(["cp", "-a", template / part, folder / part], check=True)


def make(template: Path) -> None:
    """Migrate an empty folder, and give it its name only when that went well."""
    unfinished = template.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("AFTERCARE_")}
    subprocess.run(
        [sys.executable, "-m", "aftercare.serve.cli", "migrate"],
        cwd=ROOT,
        env={**kept, "AFTERCARE_DATA": str(unfinished), "PYTHONPATH": str(ROOT)},
        check=True,
        capture_output=True,
    )
    unfinished.rename(template)


def fingerprint() -> str:
    """A hash of all that a fresh data folder is made from."""
    sources = [
        *ROOT.glob("aftercare/*/migrations/*.py"),
        *ROOT.glob("aftercare/telemetry/s*/*"),  # schema, sql and store
        ROOT / "requirements/run.txt",
    ]
    hashed = hashlib.sha256()
    for source in sorted(path for path in sources if path.is_file()):
        hashed.update(str(source.relative_to(ROOT)).encode() + b"\0" + source.read_bytes() + b"\0")
    return hashed.hexdigest()[:16]
