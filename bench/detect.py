"""Detection over any folder in the Numenta Anomaly Benchmark's format: every series' score, and what they come to.

Below the folder lie `data/…/*.csv` (timestamp, value), `labels/combined_windows.json` and `labels/profiles.json`.
"""

import csv
import json
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from aftercare.watch.detecting.novelty import Detector
from bench.figures import Figure
from bench.nab import Profile, Series, score

FIGURES = {"standard": ("detect_nab", 63, 75), "reward_low_FP_rate": ("detect_nab_low_fp", 54, 67)}


def measure(folder: Path) -> list[dict[str, Any]]:
    """The figures of all series below the folder. Ends with a sentence where there are none."""
    labels = next(iter(sorted(folder.rglob("combined_windows.json"))), None)
    if labels is None:
        raise SystemExit(f"{folder} holds no series: no labels/combined_windows.json lies below it")
    series = read(labels.parent.parent, json.loads(labels.read_text()))
    profiles = profiles_of(json.loads((labels.parent / "profiles.json").read_text()))
    began = time.process_time()
    scores = [scored(one) for one in series]
    per_point = (time.process_time() - began) / sum(len(one.values) for one in series)
    show(series, scores, profiles)
    windows = sum(len(one.windows) for one in series)
    detail = f"{len(series)} series, {windows} windows; one detector, one setting, the best threshold as all report it"
    figures = []
    for profile in profiles:
        value, threshold = score(series, scores, profile)
        name, must, aim = FIGURES.get(profile.name, (f"detect_nab_{profile.name}", 0, 0))
        figures.append(Figure(name, round(value, 1), "", must, aim, "higher", f"{detail} ({threshold:.3g})"))
    figures.append(Figure("detect_point", round(per_point * 1e6, 1), "µs CPU", 200, 50, "lower", "a value, scored"))
    return [figure.as_row() for figure in figures]


def read(folder: Path, windows: dict[str, list[list[str]]]) -> list[Series]:
    """The labelled series that are there."""
    found = []
    for name, labelled in sorted(windows.items()):
        path = folder / "data" / name
        if not path.exists():
            continue
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        times = np.array([at(row["timestamp"]) for row in rows])
        places = tuple(
            (int(np.searchsorted(times, at(first))), int(np.searchsorted(times, at(last), side="right")) - 1)
            for first, last in labelled
        )
        found.append(Series(name, np.array([float(row["value"]) for row in rows]), places))
    return found


def at(written: str) -> float:
    """A moment as the files write it."""
    return datetime.fromisoformat(f"{written}+00:00").timestamp()


def profiles_of(told: dict[str, Any]) -> list[Profile]:
    """The weights of each profile."""
    costs = {name: one["CostMatrix"] for name, one in told.items()}
    return [Profile(name, cost["tpWeight"], cost["fnWeight"], cost["fpWeight"]) for name, cost in costs.items()]


def scored(series: Series) -> Any:
    """The product's own detector over one series."""
    detector = Detector()
    return np.array([detector.observe(float(value)) for value in series.values])


def show(series: list[Series], scores: list[Any], profiles: list[Profile]) -> None:
    """Each series by itself, at the threshold that is best for all."""
    table = Table("series", "points", "windows", *(profile.name for profile in profiles), title="each series alone")
    for one, found in zip(series, scores, strict=True):
        own = [f"{score([one], [found], profile)[0]:.0f}" if one.windows else "none" for profile in profiles]
        table.add_row(one.name, f"{len(one.values):,}", str(len(one.windows)), *own)
    Console(stderr=True, highlight=False).print(table)
