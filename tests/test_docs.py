"""The documentation says what the code does: settings, commands, links, and both languages alike."""

import argparse
import re
from pathlib import Path

import pytest

from aftercare.ingest.logs.fields import FORMATS, SAYS
from aftercare.ingest.points.series import LONGEST_NAME, LONGEST_VALUE, MOST_LABELS, MOST_SERIES
from aftercare.ingest.samples import Facts, Sample
from aftercare.serve.cli import parser
from aftercare.telemetry.queries.measurements.charts import MOST_VALUES
from aftercare.telemetry.schema.columns import EVENTS
from aftercare.telemetry.schema.measured import CATALOG, READINGS
from bin.checks.metrics_page import PAGE, page

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
VARIABLE = re.compile(r"AFTERCARE_[A-Z0-9_]+")
READMES = ("README.md", "README.zh-CN.md")
CMCD_HEADERS = ("request", "object", "status", "session")
PAGES = [ROOT / name for name in (*READMES, "CHANGELOG.md")] + sorted(DOCS.rglob("*.md"))


def variables_in_code() -> set[str]:
    files = [path for path in (ROOT / "aftercare").rglob("*.py") if "tests" not in path.parts]
    return {name for path in files for name in VARIABLE.findall(path.read_text())}


def test_every_variable_has_its_line() -> None:
    rows = [line for line in (DOCS / "configuration.md").read_text().splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in VARIABLE.findall(row.split(" | ")[0])}
    assert told == variables_in_code()


def commands_of(command: argparse.ArgumentParser, name: str = "") -> dict[str, argparse.ArgumentParser]:
    """The commands that do something by their names; `oncall` alone is only the beginning of one."""
    below = [action for action in command._actions if isinstance(action, argparse._SubParsersAction)]
    found = {} if below else {name: command}
    for action in below:
        for word, each in action.choices.items():
            found |= commands_of(each, f"{name} {word}".strip())
    return found


def test_every_command_is_told_with_its_options() -> None:
    commands = commands_of(parser())
    text = (DOCS / "commands.md").read_text()
    sections = dict(re.findall(r"^### aftercare ([\w ]+)\n(.*?)(?=^#|\Z)", text, re.M | re.S))
    assert set(sections) == set(commands)
    for name, command in commands.items():
        options = {option for action in command._actions for option in action.option_strings} - {
            "-h",
            "--help",
            "--data",
        }
        assert set(re.findall(r"^\| `(--[a-z-]+)`", sections[name], re.M)) == options, name
        assert f"| `aftercare {name}` |" in text


def test_every_script_is_told() -> None:
    scripts = {f"bin/{path.name}" for path in (ROOT / "bin").iterdir() if path.is_file()}
    assert {row[0] for row in rows(DOCS / "commands.md") if row and row[0].startswith("bin/")} == scripts


def test_the_metrics_are_those_of_the_catalog() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m bin.checks.metrics_page"


def test_reporting_tells_every_field_fact_and_event() -> None:
    text = (DOCS / "reporting.md").read_text()
    told = {word for row in rows(DOCS / "reporting.md") for word in row}
    assert told == set(Sample.__struct_fields__) | set(EVENTS)
    facts = re.search(r"^Facts are (.+?)\.", text, re.M | re.S)
    assert facts and set(re.findall(r"`(\w+)`", facts[1])) == set(Facts.__struct_fields__)


def headings(page: Path) -> list[int]:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
    return [len(marks) for marks in re.findall(r"^(#+) ", text, re.M)]


def code_blocks(page: Path) -> list[list[str]]:
    """The blocks without their comments, which are in the page's language."""
    blocks = re.findall(r"^```.*?\n(.*?)^```", page.read_text(), re.S | re.M)
    return [[line.split("#")[0].rstrip() for line in block.splitlines()] for block in blocks]


def links(page: Path) -> list[str]:
    text = re.sub(r"^```.*?^```", "", page.read_text(), flags=re.S | re.M)
    return [target for target in re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) if "://" not in target]


def test_the_readmes_say_the_same() -> None:
    english, chinese = (ROOT / name for name in READMES)
    assert headings(english) == headings(chinese)
    assert code_blocks(english) == code_blocks(chinese)
    in_one_language = {*READMES, "docs/pictures/now-en.png", "docs/pictures/now-zh.png"}
    shared = [[target for target in links(page) if target not in in_one_language] for page in (english, chinese)]
    assert shared[0] == [target.replace("docs/zh/", "docs/") for target in shared[1]]
    in_both_languages = {"docs/metrics.md"}
    assert {target for target in shared[1] if re.fullmatch(r"docs/[^/]+\.md", target)} == in_both_languages


def rows(page: Path) -> list[list[str]]:
    """The code words in the first cell of each table row."""
    lines = [line for line in page.read_text().splitlines() if line.startswith("| ")]
    return [re.findall(r"`([^`]+)`", line.split(" | ")[0]) for line in lines]


def test_access_logs_tells_every_field_and_what_it_says() -> None:
    text = (DOCS / "access-logs.md").read_text()
    told = set(re.findall(r"`([^`\n]+)`", text))
    fields = {name for names in FORMATS.values() for of_one in names.values() for name in of_one}
    assert {name for name in fields if name.startswith("cmcd_")} - told == {f"cmcd_{of}" for of in CMCD_HEADERS}
    assert {name for name in fields if not name.startswith("cmcd_")} <= told
    assert set(SAYS) <= told and set(FORMATS) <= told


# The others say what they say in both languages on one page, or are for those who draw pages.
PAGES_IN_BOTH = sorted(page.name for page in DOCS.glob("*.md") if page.name not in ("metrics.md", "design-system.md"))


@pytest.mark.parametrize("name", PAGES_IN_BOTH)
def test_a_chinese_page_says_the_same(name: str) -> None:
    english, chinese = DOCS / name, DOCS / "zh" / name
    assert headings(english) == headings(chinese)
    assert code_blocks(english) == code_blocks(chinese)
    assert rows(english) == rows(chinese)


def test_the_readme_keeps_its_order() -> None:
    titles = re.findall(r"^## (.+)$", (ROOT / "README.md").read_text(), re.M)
    assert titles[:3] == ["Two commands", "Point your own player at it", "Be reached by every way"]
    assert titles[3:6] == ["Wake somebody", "Where things are", "How it scales"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    assert [target for target in links(page) if not (page.parent / target).exists()] == []


def test_decisions_are_numbered_without_holes() -> None:
    numbers = [int(path.name[:4]) for path in sorted((DOCS / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


@pytest.mark.parametrize("page", sorted((DOCS / "decisions").glob("*.md")), ids=lambda page: page.stem)
def test_a_decision_has_its_parts(page: Path) -> None:
    assert re.findall(r"^## (.+)$", page.read_text(), re.M) == ["Context", "Options", "Outcome", "Consequences"]


@pytest.mark.parametrize("place", ["docs/measurements.md", "docs/zh/measurements.md"])
def test_measurements_tell_names_readings_and_limits(place: str) -> None:
    text = (ROOT / place).read_text()
    assert [name for name in (*CATALOG, *READINGS) if f"`{name}`" not in text] == []
    for most in (MOST_SERIES, MOST_LABELS, LONGEST_NAME, LONGEST_VALUE, MOST_VALUES):
        assert f"{most:,}" in text, most
