"""Both databases of the process: brought up in order with their schemas, taken down in the opposite one."""

from typing import Any

import psycopg
from clickhouse_connect.driver.exceptions import ClickHouseError
from django.core.management import call_command
from django.db import connection, connections
from django.db.backends.postgresql.base import DatabaseWrapper

from aftercare.kernel.clock import utc_now
from aftercare.kernel.config import Config, kept_secret
from aftercare.notify.stream.hub import connection_params
from aftercare.serve import standing
from aftercare.serve.ending import Ending
from aftercare.serve.first_schema import make_at_once
from aftercare.serve.keeper import Keeper
from aftercare.serve.lock import FolderLock
from aftercare.serve.patience import PATIENCE_S, patiently
from aftercare.serve.postgres import EmbeddedPostgres
from aftercare.telemetry.store import engine
from aftercare.telemetry.store.client import ClientPool, address_of
from aftercare.telemetry.store.migrations import migrate as migrate_telemetry

STOP_S = 8.0


class Engines:
    """Both databases of this process, and the folder's lock."""

    def __init__(self, config: Config) -> None:
        self.config = config
        self.lock = FolderLock(config.data_dir)
        self.postgres: EmbeddedPostgres | None = None
        self.keeper: Keeper | None = None
        self.pool: ClientPool | None = None

    def start(self) -> None:
        """Bring both up and their schemas up to date. Raises Refused where one cannot be had."""
        self.start_business()
        self._start_telemetry()

    def start_business(self) -> None:
        """PostgreSQL alone, its schema up to date: what a command about people needs. Raises Refused."""
        self.lock.take()
        if not self.config.database_url:
            folder = self.config.data_dir
            password = kept_secret(folder / "postgresql.password")
            log_file = folder / "postgresql.log"
            self.postgres = EmbeddedPostgres(folder=folder / "postgresql", password=password, log=log_file)
            self.postgres.start()
            self.postgres.ensure_database("aftercare")
            self.keeper = Keeper(self.postgres)
            self.keeper.start()
        else:
            patiently(
                lambda: raw_connection().close(),
                "PostgreSQL",
                "AFTERCARE_DATABASE_URL",
                (psycopg.OperationalError,),
                patience_s=PATIENCE_S,
            )
        standing.take_over(utc_now())  # older processes let go before the schema changes
        make_at_once()
        call_command("migrate", interactive=False, verbosity=0)
        standing.take_over(utc_now())

    def _start_telemetry(self) -> None:
        address = address_of(clickhouse_url=self.config.clickhouse_url, data_dir=self.config.data_dir)
        if address.is_embedded:
            self.pool = engine.open_engine(address)
        else:
            self.pool = patiently(
                lambda: engine.open_engine(address),
                "ClickHouse",
                "AFTERCARE_CLICKHOUSE_URL",
                (ClickHouseError,),
                patience_s=PATIENCE_S,
            )
        migrate_telemetry(self.pool)

    def stop(self, ending: Ending | None = None) -> None:
        """Down in the opposite order, within what is left of `ending`."""
        connections.close_all()
        close_pool()
        engine.close_engine()
        patience_s = ending.left_s(STOP_S, keep_s=0) if ending else STOP_S
        if self.keeper is not None:
            self.keeper.stop(patience_s)
        elif self.postgres is not None:
            self.postgres.stop(patience_s)
        self.lock.release()
        if ending is not None:
            ending.end()


def close_pool() -> None:
    """Give back Django's pooled connections to PostgreSQL, where there is a pool."""
    if isinstance(connection, DatabaseWrapper):
        connection.close_pool()


def raw_connection() -> Any:
    """A PostgreSQL connection outside Django's pool, made as Django makes its own, in autocommit, for LISTEN."""
    return psycopg.connect(**connection_params(), autocommit=True)
