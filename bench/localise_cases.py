"""Labelled cases of localisation read from files: formats in bench.localise."""

import csv
import gzip
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from aftercare.watch.localising.types import Codes, Floats, Leaves

Combination = frozenset[tuple[str, str]]
COLUMNS = {"min", "value", "cnt"}


@dataclass(frozen=True)
class Case:
    """Leaves and the causes that people, or a generator, say there are."""

    name: str
    label: frozenset[Combination]
    leaves: Leaves


def real_cases(labels: Path) -> Iterator[Case]:
    """The cases of one anomaly.yaml whose csv is beside it."""
    for told in yaml.safe_load(labels.read_text(encoding="utf-8")):
        path = labels.with_name(f"{told['data']}.csv")
        if not path.exists():
            continue
        causes = told["cause"] if isinstance(told["cause"], list) else [told["cause"]]
        label = frozenset(combination(one) for one in causes)
        yield Case(str(told["data"]), label, minute_of(path, int(told["timestamp"])))


def combination(told: Any) -> Combination:
    """`{'bitrate': 500, 'device': 'adr'}`, or the same as a text."""
    if isinstance(told, dict) and None not in told.values():
        return frozenset((str(name).lower(), str(value)) for name, value in told.items())
    pairs = re.findall(r"([^\s,{}:'\"]+)['\"]?\s*:\s*['\"]?([^,}'\"]+)", str(told))
    return frozenset((name.lower(), value.strip()) for name, value in pairs)


def minute_of(path: Path, at: int) -> Leaves:
    """The leaves of the minute `at` (epoch, s), with the minutes before it as their past; later ones are not read."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = [{name.strip().lower(): value for name, value in row.items()} for row in csv.DictReader(file)]
    rows = [row for row in rows if int(row["min"]) <= at]
    minutes = sorted({int(row["min"]) for row in rows})
    dimensions = tuple(name for name in rows[0] if name not in COLUMNS)
    codes, values = coded([[row[name] for row in rows] for name in dimensions])
    leaves, leaf = np.unique(codes, axis=0, return_inverse=True)
    column = np.searchsorted(minutes, [int(row["min"]) for row in rows])
    stalling, viewers = (per_minute(rows, name, leaf, column, (len(leaves), len(minutes))) for name in ("value", "cnt"))
    return Leaves(
        dimensions,
        values,
        leaves,
        stalling[:, -1],
        viewers[:, -1],
        past_observed=stalling[:, :-1],
        past_volume=viewers[:, :-1],
    )


def per_minute(rows: list[dict[str, str]], name: str, leaf: Codes, column: Codes, shape: tuple[int, int]) -> Floats:
    """Leaves × minutes of one column's numbers."""
    table = np.zeros(shape)
    np.add.at(table, (leaf.reshape(-1), column), [float(row[name]) for row in rows])
    return table


def synthetic_cases(labels: Path) -> Iterator[Case]:
    """The cases of one injection_info.csv whose csv or csv.gz is beside it."""
    with labels.open(encoding="utf-8", newline="") as file:
        told = list(csv.DictReader(file))
    for row in told:
        paths = [labels.with_name(row["timestamp"] + ending) for ending in (".csv.gz", ".csv")]
        path = next((one for one in paths if one.exists()), None)
        if path is None:
            continue
        label = frozenset(
            frozenset((name, value) for name, _, value in (pair.partition("=") for pair in one.split("&")))
            for one in row["set"].split(";")
        )
        yield Case(f"{labels.parent.name}/{row['timestamp']}", label, forecast_of(path))


def forecast_of(path: Path) -> Leaves:
    """Leaves with a value and its forecast each."""
    with gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="") as file:
        header, *rows = csv.reader(file)
    columns = dict(zip(header, zip(*rows, strict=True), strict=True))
    real, forecast = (np.array(columns.pop(name), dtype=float) for name in ("real", "predict"))
    codes, values = coded([list(column) for column in columns.values()])
    return Leaves(tuple(columns), values, codes, real, real, expected=forecast)


def coded(columns: list[list[str]]) -> tuple[Codes, tuple[tuple[str, ...], ...]]:
    """Rows × dimensions of places in each dimension's sorted values, and these values."""
    found = [np.unique(column, return_inverse=True) for column in columns]
    codes = np.stack([places.reshape(-1) for _names, places in found], axis=1).astype(np.int64)
    return codes, tuple(tuple(map(str, names)) for names, _places in found)
