"""One embedded PostgreSQL for the whole run, in a folder of its own that goes when the run ends.

AFTERCARE_TESTS_DATABASE_URL names another server to run on instead, as tests/store/test_postgres15.py does.

Loaded by name (`-p tests.engines` in pyproject.toml): Django's settings are read before any conftest is.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

from tests import template

DATA = Path(tempfile.mkdtemp(prefix="aftercare-tests-"), "data")
os.environ["AFTERCARE_DATA"] = str(DATA)
os.environ["AFTERCARE_SECRET_KEY"] = "tests-only"
os.environ.pop("AFTERCARE_DATABASE_URL", None)
GIVEN = os.environ.get("AFTERCARE_TESTS_DATABASE_URL", "")
if GIVEN:
    os.environ["AFTERCARE_DATABASE_URL"] = GIVEN
os.environ.pop("AFTERCARE_CLICKHOUSE_URL", None)
os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"

from aftercare.kernel.config import kept_secret  # noqa: E402
from aftercare.serve.postgres import EmbeddedPostgres  # noqa: E402

if not GIVEN:
    template.copy_to(DATA)
POSTGRES = EmbeddedPostgres(
    folder=DATA / "postgresql", password=kept_secret(DATA / "postgresql.password"), log=DATA / "postgresql.log"
)
if not GIVEN:
    POSTGRES.start()


def end_engine() -> None:
    POSTGRES.stop()
    shutil.rmtree(DATA.parent, ignore_errors=True)


atexit.register(end_engine)
