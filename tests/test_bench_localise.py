"""`bin/bench localise` reads labelled cases of both formats, wherever they lie, and scores the first answer."""

import csv
import gzip
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[1]


def bench(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bench", "localise", "--json", *words]
    return subprocess.run(
        command, cwd=ROOT, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )


def told(run: subprocess.CompletedProcess[str]) -> dict[str, dict[str, Any]]:
    rows = [json.loads(line) for line in run.stdout.splitlines()]
    return {row.get("case") or row["name"]: row for row in rows}


def write(path: Path, header: list[str], rows: list[list[Any]]) -> None:
    path.parent.mkdir(exist_ok=True)
    with gzip.open(path, "wt") if path.suffix == ".gz" else path.open("w") as file:
        csv.writer(file).writerows([header, *rows])


def incidents(folder: Path) -> None:
    """Two cases of which the first is labelled rightly; in its last minute, after the incident, all is well."""
    leaves = [(cdn, rate) for cdn in "ab" for rate in (500, 2000, 4000)]
    rows = [
        [at, *leaf, 60 if (at, leaf[1]) == (360, 500) else 4, 200]
        for at in (60, 120, 180, 240, 300, 360, 420)
        for leaf in leaves
    ]
    for name in ("first", "second"):
        write(folder / f"{name}.csv", ["min", "CDN", "bitrate", "value", "cnt"], rows)
    cases = [("first", "{'bitrate':500}"), ("second", "[{'cdn':a}, {'bitrate':500}]"), ("lost", "{'cdn':a}")]
    text = "".join(f"- data: {name}\n  timestamp: 360\n  cause: {cause}\n" for name, cause in cases)
    (folder / "anomaly.yaml").write_text(text)


def forecasts(folder: Path) -> None:
    chance = np.random.default_rng(3)
    rows = []
    for a in range(10):
        for b in range(12):
            forecast = chance.uniform(10, 1000)
            rows.append([f"a{a}", f"b{b}", forecast * (0.2 if a == 4 else chance.normal(1, 0.03)), forecast])
    write(folder / "77.csv.gz", ["a", "b", "real", "predict"], rows)
    write(folder / "injection_info.csv", ["timestamp", "set"], [["77", "a=a4"], ["78", "a=a1"]])


def test_cases_of_both_formats_are_read_answered_and_scored(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    incidents(tmp_path / "real")
    forecasts(tmp_path / "L")
    run = bench(AFTERCARE_BENCH_DATA=str(tmp_path))
    rows = told(run)
    assert rows["first"]["answer"] == "bitrate=500"
    assert (rows["first"]["right_wrong_missed"], rows["first"]["place"]) == ([1, 0, 0], 1)
    assert rows["second"]["right_wrong_missed"] == [1, 0, 1]
    assert "lost" not in rows
    assert rows["localise_real"]["value"] == 0.8
    assert rows["localise_real_top5"]["value"] == 0.5
    assert rows["L/77"]["answer"] == "a=a4"
    assert rows["localise_synth_L"]["value"] == 1
    assert "seed 20261201" in rows["localise_time_100k"]["detail"]


def test_without_a_folder_of_cases_it_says_what_it_needs(tmp_path: Path) -> None:
    run = bench(AFTERCARE_BENCH_DATA="")
    assert run.returncode == 1
    assert "--data DIR" in run.stderr
    run = bench("--data", str(tmp_path))
    assert run.returncode == 1
    assert "No labelled cases" in run.stderr
