"""A run as native samples: steps, what it was for, totals, errors, and its end with the waterfall."""

import json
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from aftercare import __version__
from aftercare.probe.types import ASKS, OK, PUSHES, Outcome, Target

# As the ingest door takes them.
LONGEST_DETAIL, LONGEST_FACT = 2000, 128
MOST_STEPS = 24
FAILURES = {**dict.fromkeys(PUSHES, "push_failed"), **dict.fromkeys(ASKS, "")}


class Place(Struct, frozen=True):
    """Where the agent stands, as it was told."""

    country: str = ""
    province: str = ""
    carrier: str = ""
    network: str = ""


def samples_of(target: Target, outcome: Outcome, place: Place, *, session: str) -> list[dict[str, Any]]:
    """The lines of one run. The first one carries the facts."""
    began_ms = outcome.began_ms
    lines: list[dict[str, Any]] = [{"ts": began_ms, "facts": facts_of(target, place)}]
    for step in outcome.steps:
        if step.failed:
            continue
        ended = step.at_ms + step.took_ms
        lines.append({"ts": began_ms + ended, "event": "step", "code": step.code, "elapsed_ms": max(ended, 1)})
    end_ms = began_ms + outcome.took_ms
    seen = outcome.seen
    if seen.event:
        answer = {"ts": began_ms + seen.elapsed_ms, "event": seen.event, "elapsed_ms": seen.elapsed_ms}
        lines.append(answer | ({"code": seen.status} if seen.status else {}))
    if seen.fields:
        lines.append({"ts": end_ms, **seen.fields})
    if seen.event == "push_ok":
        lines.append({"ts": end_ms, "event": "push_ended" if outcome.code == OK else "push_broken"})
    if outcome.code != OK:
        failed = FAILURES.get(target.kind, "start_failed")
        if failed and not seen.event:
            lines.append({"ts": end_ms, "event": failed, "code": outcome.code})
        lines.append({"ts": end_ms, "event": "error", "code": outcome.code, "detail": outcome.reason})
    leave = {"ts": end_ms, "event": "leave", "code": outcome.code, "detail": waterfall_of(outcome)}
    if seen.elapsed_ms:
        leave["elapsed_ms"] = seen.elapsed_ms
    return [{"session": session, **line} for line in [*lines, leave]]


def facts_of(target: Target, place: Place) -> dict[str, str]:
    """The facts of a run. A stream's name is the last part of its path, without what follows the dot."""
    has_scheme = "://" in target.address
    parts = urlsplit(target.address if has_scheme else f"//{target.address}")
    name = parts.path.rstrip("/").rpartition("/")[2].partition(".")[0]
    facts = {
        "role": "probe",
        "country": place.country,
        "province": place.province,
        "carrier": place.carrier,
        "network": place.network,
        "domain": parts.hostname or "",
        "protocol": target.kind,
        "sdk": "aftercare-probe",
        "sdk_version": __version__,
    }
    if target.kind not in ASKS | PUSHES:  # where one pushes to, the last part is a secret
        facts["stream"] = name
    return {fact: value[:LONGEST_FACT] for fact, value in facts.items() if value}


def waterfall_of(outcome: Outcome) -> str:
    """The run in JSON: `steps` as [code, began, took, failed], the reason, and what further was seen."""
    told: dict[str, Any] = {
        "steps": [[s.code, s.at_ms, s.took_ms, int(s.failed)] for s in outcome.steps[-MOST_STEPS:]],
        "took_ms": outcome.took_ms,
        "reason": outcome.reason,
        **outcome.seen.detail,
    }
    fields = outcome.seen.fields
    told |= {name: fields[name] for name in ("stall_ms", "stall_count", "bitrate_kbps", "fps") if name in fields}
    text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    while len(text) > LONGEST_DETAIL and len(told) > 3:  # what comes last matters least
        told.pop(list(told)[-1])
        text = json.dumps(told, ensure_ascii=False, separators=(",", ":"))
    return text
