"""Localisation against labelled cases of others, in whatever folder holds them: `bin/bench localise --data DIR`.

Two formats are read, wherever they lie below DIR. `anomaly.yaml` (cases with minute and cause) beside one csv a case:
per minute and leaf `value` (stalling) of `cnt` (viewers). `injection_info.csv` beside one csv(.gz) a case: per leaf
`real` and `predict`. The columns say which it is; the search has one setting for both. The score is the field's: over
all cases, causes of the first answer that are exactly a labelled one are right, others wrong, labels not named missed.
"""

import json
import os
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from aftercare.watch.localising.localise import localise
from aftercare.watch.localising.types import Cause
from bench import localise_big
from bench.figures import Figure, quantile
from bench.localise_cases import Case, Combination, real_cases, synthetic_cases

TOP = 5


@dataclass(frozen=True)
class Scored:
    """One case with its answers (sets of combinations, the one held for true first) and the seconds they took."""

    case: Case
    answers: list[frozenset[Combination]]
    seconds: float

    @property
    def first(self) -> frozenset[Combination]:
        """The answer held for true."""
        return self.answers[0] if self.answers else frozenset()

    @property
    def hits(self) -> tuple[int, int, int]:
        """Right, wrong and missed causes of the first answer."""
        right = len(self.first & self.case.label)
        return right, len(self.first) - right, len(self.case.label) - right

    @property
    def place(self) -> int | None:
        """At which place of the answers the labelled set stands, from 1."""
        return self.answers.index(self.case.label) + 1 if self.case.label in self.answers else None

    def as_row(self) -> dict[str, Any]:
        """As printed with --json."""
        return {
            "case": self.case.name,
            "label": written(self.case.label),
            "answer": written(self.first),
            "right_wrong_missed": list(self.hits),
            "place": self.place,
            "seconds": round(self.seconds, 4),
        }


def folder(asked: Path | None) -> Path:
    """The folder that is asked for, else the one the environment names."""
    told = asked or Path(os.environ.get("AFTERCARE_BENCH_DATA") or "")
    if told == Path() or not told.is_dir():
        raise SystemExit("bin/bench localise needs --data DIR (or AFTERCARE_BENCH_DATA), a folder with labelled cases.")
    return told


def measure(data: Path, as_json: bool) -> list[dict[str, Any]]:
    """Every case printed, then the figures; what the folder does not hold is left out."""
    localise_big.leaves()  # numpy is warm before the first case is timed
    figures: list[Figure] = []
    real = [scored(case) for labels in sorted(data.rglob("anomaly.yaml")) for case in real_cases(labels)]
    if real:
        figures += real_figures(real)
    every = list(real)
    for labels in sorted(data.rglob("injection_info.csv")):
        made = [scored(case) for case in synthetic_cases(labels)]
        figures.append(synthetic_figure(labels.parent.name, made))
        every += made
    if not every:
        raise SystemExit(f"No labelled cases below {data}.")
    printed(every, as_json)
    return [figure.as_row() for figure in (*figures, localise_big.measure())]


def scored(case: Case) -> Scored:
    """Ask the product."""
    begun = time.perf_counter()
    located = localise(case.leaves)
    seconds = time.perf_counter() - begun
    return Scored(case, [frozenset(map(combination, answer)) for answer in located.answers], seconds)


def combination(cause: Cause) -> Combination:
    """A cause as labels are written."""
    return frozenset(cause.where.items())


def f1(results: Iterable[Scored]) -> tuple[float, str]:
    """F1 over all causes of all cases, and what it is made of."""
    right, wrong, missed = (sum(column) for column in zip(*(one.hits for one in results), strict=True))
    score = 2 * right / max(2 * right + wrong + missed, 1)
    return score, f"{right} right, {wrong} wrong, {missed} missed"


def real_figures(results: list[Scored]) -> list[Figure]:
    """F1, the share found among the first five, and seconds."""
    score, made_of = f1(results)
    seconds = [one.seconds for one in results]
    top = sum(one.place is not None and one.place <= TOP for one in results)
    mean = sum(seconds) / len(seconds)
    slowest = f"{len(results)} cases, median {quantile(seconds, 0.5):.4f}, slowest {max(seconds):.3f}"
    return [
        Figure("localise_real", score, "F1", 0.75, 0.85, "higher", f"{len(results)} cases, first answer: {made_of}"),
        Figure("localise_real_top5", top / len(results), "", 0.95, 0.98, "higher", f"{top} of {len(results)} cases"),
        Figure("localise_time", mean, "s", 0.2, 0.05, "lower", slowest),
    ]


def synthetic_figure(name: str, results: list[Scored]) -> Figure:
    """F1 of one made set; those of names other than S and L have S's bounds."""
    score, made_of = f1(results)
    must, aim = (0.75, 0.85) if name == "L" else (0.60, 0.75)
    seconds = sum(one.seconds for one in results) / len(results)
    detail = f"{len(results)} cases: {made_of}; {seconds:.3f} s a case"
    return Figure(f"localise_synth_{name}", score, "F1", must, aim, "higher", detail)


def written(answer: Iterable[Combination]) -> str:
    """`cdn=5&p2p=0; bitrate=500`."""
    return "; ".join(sorted("&".join(f"{name}={value}" for name, value in sorted(one)) for one in answer))


def printed(results: list[Scored], as_json: bool) -> None:
    """Every case's answer, score and seconds."""
    if as_json:
        for one in results:
            print(json.dumps(one.as_row(), ensure_ascii=False))
        return
    table = Table("case", "label", "first answer", "right/wrong/missed", "place", "seconds")
    for one in results:
        row = one.as_row()
        hits = "/".join(map(str, one.hits))
        table.add_row(row["case"], row["label"], row["answer"], hits, str(one.place or "–"), f"{one.seconds:.4f}")
    Console(highlight=False).print(table)
