"""Where telemetry is kept: ClickHouse, embedded (chDB) or a server. Free of Django: `ingest` writes through it."""
