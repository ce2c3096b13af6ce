"""Asking an HTTP API, and holding its answer against what is expected."""

from typing import Any

from aftercare.probe.http import Asked, Reply, fetch
from aftercare.probe.run import Run
from aftercare.probe.types import Failed


def ask_api(run: Run) -> None:
    """GET the address; expectations are `status`, `headers`, `json` (path to value) and `under_ms`. Raises Failed."""
    reply = fetch(run, Asked(run.target.address))
    run.reached("response", str(reply.status))
    run.seen.fields = {"bytes": len(reply.body)}
    run.seen.detail = {"status": reply.status}
    expect = run.target.expect
    require_status(reply, expect.get("status"))
    for name, value in (expect.get("headers") or {}).items():
        found = reply.headers.get(name.lower())
        if found != value:
            raise Failed("header", f"{name} is {shown(found)}, not {shown(value)}")
    if expect.get("json"):
        require_values(reply.json(), expect["json"])
    most = expect.get("under_ms")
    if most is not None and run.seen.elapsed_ms > most:
        raise Failed("slow", f"answered after {run.seen.elapsed_ms} ms; {most} ms is the most")


def require_status(reply: Reply, wanted: int | None) -> None:
    """Raises Failed where the status is another; without one, any 2xx will do."""
    if reply.status != wanted and (wanted is not None or not 200 <= reply.status < 300):
        right = wanted if wanted is not None else "a 2xx"
        raise Failed(f"http_{reply.status}", f"the server answered {reply.status}, not {right}")


def require_values(document: Any, wanted: dict[str, Any]) -> None:
    """Raises Failed for the first path whose value is another."""
    for path, value in wanted.items():
        found = value_at(document, path)
        if found != value or isinstance(found, bool) != isinstance(value, bool):
            raise Failed("json", f"{path} is {shown(found)}, not {shown(value)}")


def value_at(document: Any, path: str) -> Any:
    """The value at a path of names and list places joined by dots (`data.items.0.id`); None where there is none."""
    for name in path.split("."):
        if isinstance(document, dict):
            document = document.get(name)
        elif isinstance(document, list) and name.isdecimal() and int(name) < len(document):
            document = document[int(name)]
        else:
            return None
    return document


def shown(value: Any) -> str:
    """A value as a sentence can hold it."""
    return "missing" if value is None else repr(value)[:80]
