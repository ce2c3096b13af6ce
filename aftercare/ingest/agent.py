"""Device and system from a browser's User-Agent: coarse on purpose, what nobody said stays unknown."""

import functools
import re

SYSTEMS = (
    (re.compile(rb"iPhone OS (\d+)"), "iOS", "phone"),
    (re.compile(rb"iPad.*? OS (\d+)"), "iPadOS", "tablet"),
    (re.compile(rb"Android (\d+)"), "Android", "phone"),
    (re.compile(rb"Windows NT (\d+)"), "Windows", "desktop"),
    (re.compile(rb"Mac OS X (\d+)"), "macOS", "desktop"),
    (re.compile(rb"(?:X11; )?Linux()"), "Linux", "desktop"),
)


@functools.lru_cache(4096)
def _read(agent: bytes) -> tuple[tuple[str, str], ...]:
    for pattern, system, device in SYSTEMS:
        match = pattern.search(agent)
        if match:
            version = match[1].decode()
            return (("os", f"{system} {version}".strip()), ("device", device))
    return ()


def facts_of_agent(agent: bytes) -> dict[str, str]:
    """The facts `os` and `device`, or none."""
    return dict(_read(agent[:400]))
