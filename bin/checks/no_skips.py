"""A pytest plugin: a skipped test fails the run, so that nothing is left out without anybody seeing it.

Only what a system has no package for is excused, and told.
"""

import pytest

skipped = pytest.StashKey[list[str]]()
excused = pytest.StashKey[list[str]]()
EXCUSE = "Skipped: this system's packages have no "


def pytest_configure(config: pytest.Config) -> None:
    """Nothing was skipped yet."""
    config.stash[skipped] = []
    config.stash[excused] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> pytest.TestReport:  # type: ignore[misc]
    """Note every test that was skipped; an expected failure is not one."""
    report: pytest.TestReport = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        item.config.stash[excused if reason.startswith(EXCUSE) else skipped].append(item.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn success into failure where tests were skipped."""
    if session.config.stash[skipped] and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which, before pytest's closing line."""
    for name in config.stash[skipped]:
        terminalreporter.write_line(f"SKIPPED, which counts as failed here: {name}", red=True)
    for name in config.stash[excused]:
        terminalreporter.write_line(f"skipped, as this system has no package for it: {name}")
