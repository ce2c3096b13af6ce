"""Label sets as senders give them, made one: sorted, without empty values, each name once."""

from collections.abc import Iterable

from aftercare.ingest.points.series import Labels
from aftercare.kernel.errors import Refused

# What Prometheus' own instrumentation guide ends the names of counters with.
COUNTER_ENDS = ("_total", "_count", "_sum", "_bucket")


def prometheus_labels(pairs: Iterable[tuple[bytes, bytes]]) -> tuple[str, Labels]:
    """The name and the other labels of a Prometheus series. Raises Refused."""
    told: dict[str, str] = {}
    for label, value in pairs:
        try:
            name, text = label.decode(), value.decode()
        except UnicodeDecodeError:
            raise Refused(f"a label is not UTF-8 text: {label[:40]!r}={value[:40]!r}") from None
        if name in told:
            raise Refused(f"the label {name[:60]} stands twice in one series")
        told[name] = text
    name = told.pop("__name__", "")
    if not name:
        raise Refused("a series without __name__ cannot be kept")
    return name, sorted_labels(told.items())


def sorted_labels(pairs: Iterable[tuple[str, str]]) -> Labels:
    """Labels in the order in which they are compared; one without a value is none."""
    return tuple(sorted((name, value) for name, value in pairs if value))


def kind_by_name(name: str) -> str:
    """Whether a Prometheus series without metadata only grows."""
    return "counter" if name.endswith(COUNTER_ENDS) else "gauge"
