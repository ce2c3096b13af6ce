"""What is searched, and what is found."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

# Pairs of a dimension's number and a value's number in it, by dimension.
Elements = tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class Leaves:
    """The metric at its finest: one row for each combination of values that reported.

    `codes` (rows × dimensions) holds the numbers of the values, `names` the values themselves by dimension. `observed`
    is what was counted of trouble (stalled viewers), or the amount itself; `expected` how much of it is usual there.
    `is_counted` says that chance alone moves `observed` as it moves counts (Poisson); a forecast of an amount is as
    good as it is, which its leaves tell.
    """

    dimensions: tuple[str, ...]
    names: tuple[tuple[str, ...], ...]
    codes: Ints
    observed: Floats
    expected: Floats
    is_counted: bool = True

    def where(self, elements: Elements) -> Bools:
        """The rows that a combination covers."""
        covered = np.ones(len(self.codes), dtype=bool)
        for dimension, value in elements:
            covered &= self.codes[:, dimension] == value
        return covered


@dataclass(frozen=True)
class Cause:
    """A combination of values, and what speaks for it.

    `explains` is the share of all that is too much (or too little) that lies inside; `inside` and `outside` are
    observed by expected on either side (1: as usual), None where nothing is expected.
    """

    values: tuple[tuple[str, str], ...]
    observed: float
    expected: float
    explains: float
    inside: float | None
    outside: float | None

    def __str__(self) -> str:
        return "&".join(f"{dimension}={value}" for dimension, value in sorted(self.values))


@dataclass(frozen=True)
class Located:
    """The answer: causes that hold together, the strongest first, what remains unexplained after them (a share of
    the whole change), and other single combinations that explain much of it, for whoever doubts the answer.
    """

    causes: tuple[Cause, ...]
    remains: float
    alternatives: tuple[Cause, ...]
