"""A pytest plugin: says in one line which tests were left out by their marker, and how to run them."""

from pathlib import Path

import pytest

left_out = pytest.StashKey[list[pytest.Item]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing was left out yet."""
    config.stash[left_out] = []


def pytest_deselected(items: list[pytest.Item]) -> None:
    """Note those that take minutes; what a person leaves out by -k they know."""
    for item in items:
        if item.get_closest_marker("long") is not None:
            item.config.stash[left_out].append(item)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which, before pytest's closing line."""
    items = config.stash[left_out]
    if items:
        files = sorted({Path(item.nodeid.partition("::")[0]).stem for item in items})
        said = f"left out: {len(items)} tests marked long, which take minutes (in {', '.join(files)})."
        terminalreporter.write_line(f"{said} Run them too: bin/test -m ''")
