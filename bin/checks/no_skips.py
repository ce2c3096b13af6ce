"""A pytest plugin: a skipped test fails the run, so that nothing is left out without anybody seeing it."""

import pytest

skipped = pytest.StashKey[list[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Nothing was skipped yet."""
    config.stash[skipped] = []


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> pytest.TestReport:  # type: ignore[misc]
    """Note every test that was skipped; an expected failure is not one."""
    report: pytest.TestReport = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        item.config.stash[skipped].append(item.nodeid)
    return report


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Turn success into failure where tests were skipped."""
    if session.config.stash[skipped] and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say which, before pytest's closing line."""
    for name in config.stash[skipped]:
        terminalreporter.write_line(f"SKIPPED, which counts as failed here: {name}", red=True)
