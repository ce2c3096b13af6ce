"""CMCD in request mode (CTA-5004 and CTA-5004-B): what a player said with a request, out of the server's log."""

from typing import Any
from urllib.parse import unquote

from aftercare.ingest.agent import facts_of_agent
from aftercare.ingest.cmcd import parse
from aftercare.ingest.cmcd_points import request_point
from aftercare.ingest.logs.line import Line
from aftercare.ingest.places import Places
from aftercare.ingest.reading import time_refusal
from aftercare.ingest.reports import Logged, Report, bounded, session_of
from aftercare.ingest.samples import Facts
from aftercare.ingest.seen import hash64
from aftercare.kernel.errors import Refused

ARGUMENT = "CMCD="
LONGEST_PATH = 512
PLACE = ("country", "province", "carrier")


def keys_of(line: Line) -> dict[str, Any]:
    """The CMCD keys of a request, from its query and its headers; empty where it has none. Raises Refused.

    Any key is taken in any header: players put some of them where the standard does not.
    """
    keys: dict[str, Any] = {}
    for text in (cmcd_argument(line), *line.cmcd_headers):
        if text.strip():
            keys.update(parse(text))
    return keys


def cmcd_argument(line: Line) -> str:
    """The value of the query's CMCD argument, decoded."""
    if line.cmcd:
        # A log may hold it decoded: then there are quotes, which no query has bare.
        return line.cmcd if '"' in line.cmcd else unquote(line.cmcd)
    if ARGUMENT not in line.query:
        return ""
    return next((unquote(part[5:]) for part in line.query.split("&") if part.startswith(ARGUMENT)), "")


def report_of(line: Line, keys: dict[str, Any], text: str, places: Places, now_ms: int) -> Report:
    """The report of a line that carries CMCD. Raises Refused.

    Two lines of one session with the same number, object and status tell of one request: an edge and its parent both
    log it. Where nothing is numbered, as in version 1, only a line that is the same throughout is the same request.
    """
    session, ts = session_of(keys), line.began_ms
    why = time_refusal(ts, now_ms)
    if why:
        raise Refused(why)
    same = f"{keys['sn']}\n{line.status}\n{line.path}" if "sn" in keys else f"{line.id or text}"
    viewer = Facts(**{**facts_of_agent(line.agent.encode()), **place_of(line, places)})
    logged = Logged(
        status=str(line.status or ""),
        elapsed_ms=known(line.took_ms),
        bytes=line.bytes,
        host=line.host,
        viewer=viewer,
    )
    keys["url"] = line.path[:LONGEST_PATH]  # without its query, which holds tokens
    line_hash = hash64(f"request\n{session}\n{same}") or 1
    return Report(session, ts, "rr", line_hash, keys, request_point(keys, ts), logged)


def place_of(line: Line, places: Places) -> dict[str, str]:
    """Country, province and carrier as the line says them, the rest by the client's address."""
    told: dict[str, str] = {fact: line.told[fact] for fact in PLACE if fact in line.told}
    if places.is_empty or not line.address:
        return told
    found = places.find(line.address)
    return {"country": found.country, "province": found.province, "carrier": found.carrier} | told


def known(ms: float | None) -> int:
    """A wait as rows have it: what is known is at least 1 ms, 0 is unknown."""
    return max(bounded(ms), 1) if ms is not None else 0
