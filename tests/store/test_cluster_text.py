"""The cluster form of the migrations and deletes, as text: no cluster of several nodes was run."""

import re
from pathlib import Path

from aftercare.telemetry.store.client import CLUSTER_SETTINGS, Address, address_of
from aftercare.telemetry.store.migrations import migration_files, statements
from tests.service import ROOT

TABLES = {"samples", "points", "distributions", "series", "rejects", "r10s", "r1m", "r1h", "step", "sessions"}


def all_statements(cluster: str) -> list[str]:
    """Every migration's statements for a mode."""
    return [statement for path in migration_files() for statement in statements(path.read_text(), cluster=cluster)]


def test_it_works() -> None:
    made = all_statements("care")
    assert all("ON CLUSTER 'care'" in statement for statement in made)
    assert not any(re.search(r"\{(local|on_cluster|engine)", statement) for statement in made)
    local = {m[1]: s for s in made if (m := re.match(r"CREATE TABLE IF NOT EXISTS (\w+)_local ", s))}
    assert set(local) == TABLES
    for name, statement in local.items():
        (kind,) = re.findall(r"^ENGINE = (\w+)", statement, re.M)
        assert kind == "Null" if name == "step" else kind.startswith("Replicated") and kind.endswith("MergeTree")
    distributed = {m[1]: m[2] for s in made if (m := re.match(r"CREATE TABLE IF NOT EXISTS (\w+) ON .*(ENGINE.*)", s))}
    assert distributed == {
        name: f"ENGINE = Distributed('care', currentDatabase(), {name}_local, customer)" for name in TABLES
    }


def test_views_read_and_write_the_tables_of_their_own_node() -> None:
    views = [statement for statement in all_statements("care") if "MATERIALIZED VIEW" in statement]
    assert len(views) == 9  # made, and made anew with more measures
    for view in views:
        assert re.search(r" TO r(10s|1m|1h)_local AS", view)
        assert view.endswith("FROM step_local")


def test_a_change_of_a_table_is_told_to_the_distributed_one_after_it() -> None:
    made = [re.sub(r"\s+", " ", s) for s in all_statements("care") if s.startswith("ALTER TABLE") and "TTL" not in s]
    assert made
    for local, distributed in zip(made[::2], made[1::2], strict=True):
        assert distributed == local.replace("_local", "", 1) != local


def test_a_distributed_table_comes_after_its_local_one() -> None:
    made = all_statements("care")
    for name in TABLES:
        places = [
            next(i for i, s in enumerate(made) if s.startswith(f"CREATE TABLE IF NOT EXISTS {form} "))
            for form in (f"{name}_local", name)
        ]
        assert places == sorted(places)


def test_without_a_cluster_the_same_files_say_nothing_of_one() -> None:
    for statement in all_statements(""):
        assert not re.search(r"CLUSTER|Replicated|Distributed|_local\b|\{(local|on_cluster|engine)", statement)


def test_the_cluster_is_named_in_the_address() -> None:
    address = address_of(clickhouse_url="https://user:word@host:8443/care?cluster=care", data_dir=Path("/nowhere"))
    assert address == Address("https://user:word@host:8443/care", "care")
    assert address.stored("samples") == "samples_local ON CLUSTER 'care'"
    assert Address("http://host").stored("samples") == "samples"
    assert CLUSTER_SETTINGS["distributed_foreground_insert"] == 1  # else 2xx would be said before any shard has it


def test_docs_say_plainly_that_no_cluster_was_run() -> None:
    said = {
        "docs/configuration.md": "No cluster of several nodes was ever run",
        "docs/zh/configuration.md": "从未运行过多节点集群",
        "docs/decisions/0001-two-embedded-engines.md": "several nodes was never run",
        "README.md": "no cluster of several nodes was ever run",
        "README.zh-CN.md": "从未运行过多节点集群",
    }
    for name, sentence in said.items():
        assert sentence in (ROOT / name).read_text(), name
