"""The way in: leaves in, the causes out."""

from aftercare.watch.localising.choosing import chosen
from aftercare.watch.localising.types import Leaves, Located, Way


def localise(leaves: Leaves, way: Way | None = None, material: float | None = None) -> Located:
    """The fewest combinations of dimension values that explain why the metric turned, and what else it may be.

    `way` is UP for a rate of what is bad, and EITHER for a forecast, unless told. `material` is the part of the whole
    excess below which a further cause is not named: MATERIAL unless told, 0 where each leaf has its own forecast.
    Deterministic; the order of leaves does not matter. Never raises for leaves that were made (types.Leaves refuses).
    """
    return chosen(leaves, way, material)
