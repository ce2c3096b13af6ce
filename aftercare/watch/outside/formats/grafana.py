"""Grafana's unified alerting, contact point "Webhook".

Fields: https://grafana.com/docs/grafana/latest/alerting/configure-notifications/manage-contact-points/integrations/
webhook-notifier/. It is Alertmanager's shape with `values` (since 10; `valueString` before), `dashboardURL`, `panelURL`
and `silenceURL` beside each alert. `severity` is a label that people add to their rules.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from aftercare.watch.outside.formats import alertmanager
from aftercare.watch.outside.formats.said import Format, Said, lines, object_of, part, text


def read(item: Any, mapping: Mapping[str, Any]) -> Said:
    """One alert of the group, with its values and the way to its panel."""
    alert = object_of(item)
    said = alertmanager.read(alert, mapping)
    links = (text(alert.get(name)) for name in ("panelURL", "dashboardURL", "generatorURL"))
    return replace(
        said,
        title=said.title or text(part(alert, "labels").get("rulename")),
        body=lines(said.body, values_of(alert)),
        link=next((link for link in links if link), ""),
    )


def values_of(alert: dict[str, Any]) -> str:
    """What was measured: `B = 44.2, C = 1`."""
    values = part(alert, "values")
    told = ", ".join(f"{name} = {text(value)}" for name, value in sorted(values.items()) if text(value))
    return told or text(alert.get("valueString"))


FORMAT = Format(alertmanager.items, read, alertmanager.LEVELS, alertmanager.left_out)
