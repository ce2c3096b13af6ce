"""Any JSON, read by a mapping: for each thing an alert needs, the dotted path where the payload has it.

`labels.alertname` goes into objects, `alerts.0.name` into lists by number; a key that holds dots itself is found whole
first. The mapping's parts are those of PARTS; all but `title` may be left out.
"""

import json
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from aftercare.kernel.errors import Refused
from aftercare.watch.outside.formats.said import Format, Said, State, hashed, object_of, text

# `list`: where several alerts stand, else the payload is one. `fingerprint`: paths, by commas, that together name the
# trouble; the title without any. `recovered`: values, by commas, of `state` that say it is over.
PARTS = ("list", "title", "body", "severity", "fingerprint", "state", "recovered", "link", "labels")
LONGEST = 200
DEEPEST = 20


def check_mapping(mapping: Mapping[str, Any]) -> dict[str, str]:
    """The mapping's parts, those that say anything. Raises Refused for one that cannot work."""
    strange = sorted(set(mapping) - set(PARTS))
    if strange:
        raise Refused(_("A mapping has no part “%(name)s”.") % {"name": strange[0][:40]})
    kept = {name: str(value).strip() for name, value in mapping.items() if str(value or "").strip()}
    if "title" not in kept:
        raise Refused(_("Say where the title stands: nobody can be woken without one."))
    for name, path in kept.items():
        if len(path) > LONGEST or path.count(".") >= DEEPEST:
            raise Refused(_("The path for “%(name)s” is too long.") % {"name": name})
    if ("state" in kept) != ("recovered" in kept):
        raise Refused(_("To see a recovery, name both: where the state stands, and which values say that it is over."))
    return kept


def items(payload: Any, mapping: Mapping[str, Any]) -> list[Any]:
    """The alerts of a payload. Raises Refused where the mapping's list is none."""
    path = mapping.get("list", "")
    found = at(payload, path) if path else payload
    if path and not isinstance(found, list):
        raise Refused(_("At “%(path)s”, where the mapping has the list of alerts, there is none.") % {"path": path})
    return found if isinstance(found, list) else [found]


def read(item: Any, mapping: Mapping[str, Any]) -> Said:
    """One alert by the mapping. Raises Refused where nothing stands in the place of its title or its fingerprint."""
    alert = object_of(item)
    title = told(alert, mapping, "title")
    paths = [path.strip() for path in mapping.get("fingerprint", "").split(",") if path.strip()]
    names = [at(alert, path) for path in paths]
    if paths and all(name in (None, "") for name in names):
        path = mapping["fingerprint"]
        raise Refused(_("Nothing stands at “%(path)s”, which is to name the trouble.") % {"path": path})
    over = {value.strip().lower() for value in mapping.get("recovered", "").split(",") if value.strip()}
    state = told(alert, mapping, "state") if over else ""
    is_over = state.lower() in over
    if not title and not (is_over and paths):
        path = mapping.get("title", "")
        raise Refused(_("Nothing stands at “%(path)s”, where the mapping has the title.") % {"path": path})
    labels = at(alert, mapping["labels"]) if mapping.get("labels") else {}
    return Said(
        fingerprint=hashed(*names) if paths else hashed(title),
        state=State.OVER if is_over else State.FIRING,
        title=title,
        level=told(alert, mapping, "severity"),
        body=told(alert, mapping, "body"),
        labels=labels if isinstance(labels, dict) else {},
        link=told(alert, mapping, "link"),
    )


def told(alert: dict[str, Any], mapping: Mapping[str, Any], name: str) -> str:
    """What stands where the mapping has this part, as text; what has parts of its own as JSON."""
    value = at(alert, mapping[name]) if mapping.get(name) else None
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return text(value)


def at(value: Any, path: str) -> Any:
    """What stands at a dotted path, None where nothing does."""
    if isinstance(value, dict) and path in value:
        return value[path]
    here, _dot, rest = path.partition(".")
    if isinstance(value, dict):
        inner = value.get(here)
    elif isinstance(value, list) and here.isdecimal() and len(here) < 6:
        inner = value[int(here)] if int(here) < len(value) else None
    else:
        return None
    return at(inner, rest) if rest else inner


FORMAT = Format(items, read, {})
