"""The bench of detection counts as the benchmark does: nothing is 0, perfect is 100, early is better than late."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

from bench.nab import Profile, Series, score

STANDARD = Profile("standard", 1.0, 1.0, 0.11)
LABELLED = Series("one", np.zeros(1000), ((500, 599), (800, 899)))


def marked(*places):
    scores = np.zeros(1000)
    scores[list(places)] = 1.0
    return scores


@pytest.mark.parametrize(
    ("places", "low", "high"),
    [
        ((), 0, 0),
        ((500, 800), 99.9, 100),
        ((500,), 49.9, 50.1),
        ((549, 849), 90, 96),
        ((599, 899), 45, 55),
        ((500, 501, 800, 801), 99.9, 100),  # in a window the earliest counts, the others cost nothing
        ((500, 800, 300), 97, 97.4),  # 0.11 of 4
        ((500, 800, 602), 99.5, 100),  # shortly behind a window costs little
        ((500, 800, 100), 99.9, 100),  # probation
    ],
)
def test_it_counts_as_the_benchmark_does(places, low, high):
    value, _threshold = score([LABELLED], [marked(*places)], STANDARD)
    assert low <= value <= high


def test_it_works(tmp_path):
    (tmp_path / "data" / "made").mkdir(parents=True)
    (tmp_path / "labels").mkdir()
    rows = [(f"2026-01-{1 + n // 288:02} {n % 288 // 12:02}:{n % 12 * 5:02}:00", 50 + n % 7) for n in range(2000)]
    rows[1500] = (rows[1500][0], 500)
    with (tmp_path / "data" / "made" / "spike.csv").open("w", newline="") as file:
        csv.writer(file).writerows([("timestamp", "value"), *rows])
    window = [f"{rows[1490][0]}.000000", f"{rows[1560][0]}.000000"]
    (tmp_path / "labels" / "combined_windows.json").write_text(json.dumps({"made/spike.csv": [window]}))
    costs = {"tpWeight": 1.0, "fnWeight": 1.0, "fpWeight": 0.11, "tnWeight": 1.0}
    (tmp_path / "labels" / "profiles.json").write_text(json.dumps({"standard": {"CostMatrix": costs}}))
    command = [sys.executable, "-m", "bench", "detect", "--data", str(tmp_path), "--json"]
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    figures = {row["name"]: row["value"] for row in map(json.loads, told)}
    assert figures["detect_nab"] > 95
    empty = subprocess.run([*command[:-2], str(tmp_path / "data")], capture_output=True, text=True, check=False)
    assert empty.returncode != 0 and "holds no series" in empty.stderr
