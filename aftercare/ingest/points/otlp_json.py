"""OTLP metrics out of JSON: each data point is read by itself, so that a bad one costs no other.

The mapping is Protocol Buffers' own, with identifiers in hex and enums as numbers; unknown fields are ignored.
"""

from typing import Any, TypeVar

import msgspec
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import Message
from opentelemetry.proto.metrics.v1.metrics_pb2 import (
    ExponentialHistogramDataPoint,
    HistogramDataPoint,
    NumberDataPoint,
    SummaryDataPoint,
)
from opentelemetry.proto.resource.v1.resource_pb2 import Resource

from aftercare.ingest.points.otlp import OtlpPoints, Told, labels_of
from aftercare.ingest.reading import UNREADABLE
from aftercare.kernel.errors import Refused

M = TypeVar("M", bound=Message)
DATA = ("gauge", "sum", "histogram", "exponentialHistogram", "summary")


class JsonReader(OtlpPoints):
    """Reads an ExportMetricsServiceRequest."""

    def read(self, body: bytes) -> None:
        """The whole body. Raises Refused where it is no JSON object."""
        for told_resource in lists(json_object(body), "resourceMetrics"):
            labels = self.resource_labels(told_resource)
            for scope in lists(told_resource, "scopeMetrics"):
                for metric in lists(scope, "metrics"):
                    self.read_metric(metric, labels)
        self.finish()

    def resource_labels(self, told: dict[str, Any]) -> dict[str, str]:
        """The resource's attributes; one that cannot be read is named, and its points go without."""
        try:
            return labels_of(parsed(told.get("resource") or {}, Resource()).attributes)
        except Refused as refused:
            self.refuse(refused.sentence, "resource", self.seen + 1)
            return {}

    def read_metric(self, metric: dict[str, Any], labels: dict[str, str]) -> None:
        """One metric with its data points."""
        name, unit = str(metric.get("name", "")), str(metric.get("unit", ""))
        for what in DATA:
            data = metric.get(what)
            if not isinstance(data, dict):
                continue
            temporality = data.get("aggregationTemporality", 0)
            if not isinstance(temporality, int):
                temporality = 0
            told = Told(labels, name, unit, temporality, data.get("isMonotonic") is True)
            for point in lists(data, "dataPoints"):
                self.read_point(point, told, what)

    def read_point(self, point: dict[str, Any], told: Told, what: str) -> None:
        """One data point."""
        self.seen += 1
        # Exemplars are not kept, and their identifiers are hex where Protocol Buffers' own JSON has base64.
        bare = {name: value for name, value in point.items() if name != "exemplars"}
        try:
            if what in ("gauge", "sum"):
                self.number(told, parsed(bare, NumberDataPoint()), is_sum=what == "sum")
            elif what == "histogram":
                self.histogram(told, parsed(bare, HistogramDataPoint()))
            elif what == "exponentialHistogram":
                self.exponential(told, parsed(bare, ExponentialHistogramDataPoint()))
            else:
                self.summary(told, parsed(bare, SummaryDataPoint()))
        except Refused as refused:
            self.refuse(refused.sentence, told.name, self.seen)


def json_object(body: bytes) -> dict[str, Any]:
    """The body as a JSON object. Raises Refused."""
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except UNREADABLE as error:
        raise Refused(f"the body is not a JSON object: {error}") from None


def lists(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    """The objects of a list, nothing where there is none."""
    found = told.get(name)
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def parsed(told: dict[str, Any], message: M) -> M:
    """A message out of its JSON form. Raises Refused."""
    try:
        ParseDict(told, message, ignore_unknown_fields=True, max_recursion_depth=20)
    except (ParseError, TypeError, ValueError) as error:
        raise Refused(f"this cannot be read: {str(error)[:200]}") from None
    return message
