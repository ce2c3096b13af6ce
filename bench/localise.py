"""Localisation over any folder of cases: every case's answer, its score and seconds, and what they come to.

Two kinds of folders are known, wherever they lie below the one that is named: real incidents (`anomaly.yaml` beside one
csv per case: per minute and leaf `value` of `cnt`), and made ones (`injection_info.csv` beside one csv or csv.gz per
case: `real` and `predict` by leaf). Scoring is the field's: the first answer only, a cause counts when it is exact.
"""

import csv
import gzip
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import numpy as np
from rich.console import Console
from rich.table import Table

from aftercare.watch.localising import Leaves, localise
from aftercare.watch.localising.usual_rates import expected_of
from bench.figures import Figure, spread

AMONG = 5
LEAVES, SEED = 100_000, 7

Combination = frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Case:
    """A case with the causes that somebody labelled."""

    name: str
    leaves: Leaves
    truth: frozenset[Combination]


@dataclass
class Tally:
    """What a set of cases came to."""

    hits: int = 0
    wrong: int = 0
    missed: int = 0
    among: int = 0
    seconds: list[float] = field(default_factory=list)

    @property
    def f1(self) -> float:
        """Of exact causes in first answers."""
        found = 2 * self.hits + self.wrong + self.missed
        return 2 * self.hits / found if found else 0.0


def measure(folder: Path) -> list[dict[str, Any]]:
    """The figures of every set of cases below the folder, and of a made one of LEAVES."""
    console = Console(stderr=True, highlight=False)
    figures = []
    for place in sorted(
        {found.parent for name in ("anomaly.yaml", "injection_info.csv") for found in folder.rglob(name)}
    ):
        is_real = (place / "anomaly.yaml").exists()
        cases = real_cases(place) if is_real else made_cases(place)
        figures += figures_of(place.name, is_real, *tally(place.name, cases, console))
    if not figures:
        raise SystemExit(f"{folder} holds no case: neither anomaly.yaml nor injection_info.csv lies below it")
    return [figure.as_row() for figure in (*figures, many_leaves())]


def tally(name: str, cases: Iterator[Case], console: Console) -> tuple[Tally, int]:
    """Run every case and print it."""
    table = Table("case", "labelled", "answer", "right", "s", title=name)
    told, count = Tally(), 0
    for case in cases:
        began = time.perf_counter()
        located = localise(case.leaves)
        told.seconds.append(time.perf_counter() - began)
        answer = [frozenset(cause.values) for cause in located.causes]
        others = [frozenset(cause.values) for cause in located.alternatives]
        hits = len(case.truth & set(answer))
        told.hits, told.wrong = told.hits + hits, told.wrong + len(set(answer)) - hits
        told.missed += len(case.truth) - hits
        told.among += case.truth <= set([*answer, *others][:AMONG])
        count += 1
        mark = "yes" if set(answer) == case.truth else "no"
        table.add_row(case.name, words(case.truth), words(answer), mark, f"{told.seconds[-1]:.3f}")
    console.print(table)
    return told, count


def words(causes: Any) -> str:
    """`cdn=7&p2p=1; isp=x`."""
    return "; ".join("&".join(f"{dimension}={value}" for dimension, value in sorted(one)) for one in causes)


def figures_of(name: str, is_real: bool, told: Tally, count: int) -> list[Figure]:
    """F1, and of real ones how often the truth is among the first answers, and their seconds."""
    detail = f"{count} cases, {told.hits} right, {told.wrong} wrong, {told.missed} missed; {spread(told.seconds, 3)} s"
    if not is_real:
        must, aim = {"L": (0.75, 0.85)}.get(name, (0.60, 0.75))
        return [Figure(f"localise_synth_{name}", round(told.f1, 3), "F1", must, aim, "higher", detail)]
    mean = sum(told.seconds) / count
    return [
        Figure("localise_real", round(told.f1, 3), "F1", 0.75, 0.85, "higher", detail),
        Figure("localise_real_top5", round(told.among / count, 3), "share", 0.95, 0.98, "higher", f"first {AMONG}"),
        Figure("localise_time", round(mean, 4), "s", 0.2, 0.05, "lower", "mean of a real case, reading it left out"),
    ]


def real_cases(folder: Path) -> Iterator[Case]:
    """Incidents: the labelled minute against those before it. What names no file of the folder is left out."""
    for block in (folder / "anomaly.yaml").read_text().split("- data:")[1:]:
        name = block.splitlines()[0].strip().strip("'\"")
        at = re.search(r"timestamp:\s*'?(\d+)", block)
        path = folder / f"{name}.csv"
        if at is None or not path.exists():
            continue
        labelled = frozenset(combination(one) for one in re.findall(r"{([^}]*)}", block))
        with path.open(newline="") as file:
            yield Case(name, leaves_at(list(csv.DictReader(file)), int(at[1])), labelled)


def combination(text: str) -> Combination:
    """A label's `'cdn':7, 'p2p':1`."""
    pairs = (pair.split(":", 1) for pair in text.split(",") if ":" in pair)
    return frozenset((key.strip().strip("'\""), value.strip().strip("'\"")) for key, value in pairs)


def leaves_at(rows: list[dict[str, str]], at: int) -> Leaves:
    """The leaves of one minute, with what the minutes before make usual."""
    dimensions = tuple(name for name in rows[0] if name not in ("min", "value", "cnt"))
    minutes = sorted({int(row["min"]) for row in rows if int(row["min"]) <= at})
    places = {minute: place for place, minute in enumerate(minutes)}
    names, codes, which = coded(rows, dimensions)
    bad, volume = np.zeros((len(codes), len(minutes))), np.zeros((len(codes), len(minutes)))
    for row, leaf in zip(rows, which, strict=True):
        place = places.get(int(row["min"]))
        if place is not None:
            bad[leaf, place] += float(row["value"])
            volume[leaf, place] += float(row["cnt"])
    usual = expected_of(bad[:, :-1], volume[:, :-1], volume[:, -1])
    return Leaves(dimensions, names, codes, bad[:, -1], usual)


def coded(rows: list[dict[str, str]], dimensions: tuple[str, ...]) -> tuple[Any, Any, list[int]]:
    """The values by dimension, one row of codes per leaf, and which leaf each row is of."""
    names = tuple(tuple(sorted({row[dimension] for row in rows})) for dimension in dimensions)
    numbers = [{value: number for number, value in enumerate(values)} for values in names]
    leaves: dict[tuple[int, ...], int] = {}
    which = []
    for row in rows:
        key = tuple(known[row[dimension]] for known, dimension in zip(numbers, dimensions, strict=True))
        which.append(leaves.setdefault(key, len(leaves)))
    return names, np.array(list(leaves), dtype=np.int64), which


def made_cases(folder: Path) -> Iterator[Case]:
    """Made ones: what came against what was forecast, at one moment."""
    with (folder / "injection_info.csv").open(newline="") as file:
        injected = {row["timestamp"]: row["set"] for row in csv.DictReader(file)}
    for name, told in sorted(injected.items()):
        path = next((path for path in (folder / f"{name}.csv.gz", folder / f"{name}.csv") if path.exists()), None)
        if path is None:
            continue
        with opened(path) as file:
            rows = list(csv.DictReader(file))
        dimensions = tuple(column for column in rows[0] if column not in ("real", "predict"))
        names, codes, _which = coded(rows, dimensions)
        real, predict = (np.array([float(row[column]) for row in rows]) for column in ("real", "predict"))
        truth = frozenset(
            frozenset((pair.split("=")[0], pair.split("=")[1]) for pair in one.split("&")) for one in told.split(";")
        )
        yield Case(name, Leaves(dimensions, names, codes, real, predict, is_counted=False), truth)


def opened(path: Path) -> IO[str]:
    """A csv, packed or not."""
    return gzip.open(path, "rt", newline="") if path.suffix == ".gz" else path.open(newline="")


def many_leaves() -> Figure:
    """LEAVES leaves of five dimensions with one cause in them, made from SEED."""
    rng = np.random.default_rng(SEED)
    cards = (30, 12, 20, 8, 6)
    codes = np.unique(np.stack([rng.integers(0, card, 2 * LEAVES) for card in cards], axis=1), axis=0)
    codes = rng.permutation(codes)[:LEAVES]
    usual = rng.lognormal(1, 1, len(codes)) * 0.02 * 50
    sick = (codes[:, 0] == 3) & (codes[:, 2] == 5)
    observed = rng.poisson(usual * np.where(sick, 8, 1)).astype(float)
    names = tuple(
        tuple(f"{letter}{number}" for number in range(card)) for letter, card in zip("abcde", cards, strict=True)
    )
    leaves = Leaves(("a", "b", "c", "d", "e"), names, codes.astype(np.int64), observed, usual)
    seconds = []
    for _ in range(5):
        began = time.perf_counter()
        located = localise(leaves)
        seconds.append(time.perf_counter() - began)
    answer = "; ".join(map(str, located.causes))
    detail = f"{len(codes):,} leaves, seed {SEED}, found {answer} (made: a=a3&c=c5); {spread(seconds, 2)}"
    return Figure("localise_time_100k", round(sorted(seconds)[2], 3), "s", 2, 0.3, "lower", detail)
