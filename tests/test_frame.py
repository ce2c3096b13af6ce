"""The frame: the lock, the scripts, and the checks that `bin/ci` makes."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from grimp import ImportGraph

from bin.checks.doors import DoorsContract
from bin.checks.translations import problems as translation_problems
from bin.checks.vendored import VENDOR, problems

ROOT = Path(__file__).parents[1]
LOCK = ROOT / "requirements"


def committed_files() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in listed.split("\0") if name and (ROOT / name).is_file()]


def pins(name: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for package, version in re.findall(r"^([\w.-]+)==([^\s;]+)", (LOCK / f"{name}.txt").read_text(), re.M):
        found.setdefault(package, set()).add(version)
    return found


def test_no_committed_file_names_a_registry() -> None:
    hosts = [".".join(parts) for parts in [("pypi", "org"), ("files", "pythonhosted", "org"), ("registry", "npmjs")]]
    registry = re.compile("|".join(map(re.escape, hosts)).encode())
    found = [path.name for path in committed_files() if registry.search(path.read_bytes())]
    assert found == []


@pytest.mark.parametrize("name", ["uv", "run", "test"])
def test_every_pin_has_hashes_and_no_address(name: str) -> None:
    text = (LOCK / f"{name}.txt").read_text()
    entries = re.split(r"^(?=[\w.-]+==)", text, flags=re.M)[1:]
    assert len(entries) >= 1
    assert all("--hash=sha256:" in entry for entry in entries)
    assert "://" not in text
    assert not re.search(r"^\s*-", re.sub(r"^ +--hash.*$", "", text, flags=re.M), re.M)


def test_the_two_locks_agree() -> None:
    run, test = pins("run"), pins("test")
    assert run.items() <= test.items()


def test_the_lock_answers_every_requirement() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    wanted = [*project["project"]["dependencies"], *project["build-system"]["requires"]]
    wanted_by_tests = project["project"]["optional-dependencies"]["test"]
    name = re.compile(r"[\w.-]+")
    assert {name.match(line)[0].lower() for line in wanted} <= set(pins("run"))  # type: ignore[index]
    assert {name.match(line)[0].lower() for line in wanted_by_tests} <= set(pins("test"))  # type: ignore[index]


def copy_of_the_scripts(place: Path) -> Path:
    subprocess.run(["cp", "-r", *(ROOT / n for n in ("bin", "requirements", "pyproject.toml")), place], check=True)
    return place / "bin" / "setup"


def test_a_second_setup_does_nothing(tmp_path: Path) -> None:
    """With programs in .venv that only note how they were called."""
    setup = copy_of_the_scripts(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    for program in ("python", "uv"):
        (tmp_path / ".venv" / "bin" / program).write_text(f'#!/bin/bash\necho "{program} $*" >>{tmp_path}/calls\n')
        (tmp_path / ".venv" / "bin" / program).chmod(0o755)
    for _ in range(2):
        subprocess.run([setup, "--test"], check=True, capture_output=True)
    calls = (tmp_path / "calls").read_text()
    assert calls.count("uv pip install") == 1
    assert "--require-hashes -r requirements/test.txt" in calls
    subprocess.run([setup], check=True)
    assert (tmp_path / "calls").read_text() == calls  # what the tests need holds what running needs
    with (tmp_path / "requirements" / "test.txt").open("a") as lock:
        lock.write("# changed\n")
    subprocess.run([setup, "--test"], check=True, capture_output=True)
    assert (tmp_path / "calls").read_text().count("uv pip install") == 2


def test_setup_falls_back_to_pip(tmp_path: Path) -> None:
    setup = copy_of_the_scripts(tmp_path)
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "uv").write_text("#!/bin/bash\nexit 2\n")
    (tmp_path / ".venv" / "bin" / "python").write_text(f'#!/bin/bash\necho "$*" >>{tmp_path}/calls\n')
    for program in ("python", "uv"):
        (tmp_path / ".venv" / "bin" / program).chmod(0o755)
    subprocess.run([setup], check=True, capture_output=True)
    assert "-m pip install --quiet --require-hashes -r requirements/run.txt" in (tmp_path / "calls").read_text()


def test_setup_rejects_unknown_arguments() -> None:
    done = subprocess.run(["bin/setup", "--fast"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "bin/setup [--test]" in done.stderr


def test_setup_says_which_python_it_needs(tmp_path: Path) -> None:
    """With only an old Python on the path, and in a copy without .venv."""
    (tmp_path / "path").mkdir()
    for tool in ("bash", "dirname", "cat", "cksum", "sed"):
        (tmp_path / "path" / tool).symlink_to(subprocess.check_output(["which", tool], text=True).strip())
    old = tmp_path / "path" / "python3"
    old.write_text('#!/bin/bash\n[[ $1 == -V ]] && echo "Python 3.9.2" || exit 1\n')
    old.chmod(0o755)
    setup = copy_of_the_scripts(tmp_path)
    done = subprocess.run([setup], env={"PATH": str(tmp_path / "path")}, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip() == "setup: Aftercare needs Python 3.11 or newer; this machine has only Python 3.9.2."


def run_bin_test(place: Path, *, user_id: int, sudo: bool, apt: bool) -> subprocess.CompletedProcess[str]:
    """`bin/test` on a machine without ffmpeg, node and fonts, whose programs only note how they were called."""
    setup = copy_of_the_scripts(place)
    setup.write_text("#!/bin/bash\nexit 7\n")  # far enough
    path = place / "path"
    path.mkdir()
    for tool in ("bash", "dirname", "env", "mktemp", "tail", "rm"):
        (path / tool).symlink_to(subprocess.check_output(["which", tool], text=True).strip())
    fakes = {"id": f"echo {user_id}", "sudo": f'[[ $2 == true ]] && exit {int(not sudo)}; shift; exec "$@"'}
    if apt:
        fakes["apt-get"] = f'echo "$*" >>{place}/calls'
    for name, body in fakes.items():
        (path / name).write_text(f"#!/bin/bash\n{body}\n")
        (path / name).chmod(0o755)
    return subprocess.run(
        [place / "bin" / "test"], env={"PATH": str(path)}, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(("user_id", "sudo"), [(0, False), (1000, True)])
def test_missing_debian_packages_are_installed(tmp_path: Path, user_id: int, sudo: bool) -> None:
    done = run_bin_test(tmp_path, user_id=user_id, sudo=sudo, apt=True)
    assert done.returncode == 7, done.stderr
    update, install = (tmp_path / "calls").read_text().splitlines()
    assert update == "-q update"
    assert install.startswith("-q install -y --no-install-recommends ")
    assert install.endswith("ffmpeg nodejs npm prometheus-node-exporter prometheus fontconfig fonts-noto-cjk")


def test_missing_debian_packages_are_named_without_root(tmp_path: Path) -> None:
    done = run_bin_test(tmp_path, user_id=1000, sudo=False, apt=True)
    assert done.returncode == 1
    assert "sudo apt-get update && sudo apt-get install -y --no-install-recommends " in done.stderr
    assert not (tmp_path / "calls").exists()


def test_missing_packages_are_named_without_apt(tmp_path: Path) -> None:
    done = run_bin_test(tmp_path, user_id=0, sudo=False, apt=False)
    assert done.returncode == 1
    named = "nodejs npm prometheus-node-exporter prometheus fontconfig fonts-noto-cjk"
    assert f"{named}. Install them with this system's package manager" in done.stderr


def test_pip_settings_are_handed_to_uv(tmp_path: Path) -> None:
    (tmp_path / ".venv" / "bin").mkdir(parents=True)
    (tmp_path / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (tmp_path / "pip.conf").write_text(
        "[global]\nindex-url = https://mirror.example/simple\nextra-index-url = https://a.example/s\n  file:///b\n"
    )
    script = f"source {ROOT}/bin/checks/uv-settings.sh; uv_reads_pip_settings; env"
    env = {
        "PATH": "/usr/bin:/bin",
        "HOME": str(tmp_path),
        "PYTHONPATH": ":".join(sys.path),
        "PIP_CONFIG_FILE": str(tmp_path / "pip.conf"),
        "PIP_TRUSTED_HOST": "mirror.example",
        "UV_INDEX_STRATEGY": "first-index",
    }
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], cwd=tmp_path, env=env, capture_output=True, text=True, check=True
    )
    told = dict(line.split("=", 1) for line in done.stdout.splitlines() if line.startswith("UV_"))
    assert told == {
        "UV_DEFAULT_INDEX": "https://mirror.example/simple",
        "UV_INDEX": "https://a.example/s file:///b",
        "UV_INSECURE_HOST": "mirror.example",
        "UV_INDEX_STRATEGY": "first-index",
    }


def test_vendored_files_are_the_named_ones() -> None:
    assert problems(VENDOR) == []


def test_a_changed_vendored_file_is_found(tmp_path: Path) -> None:
    (tmp_path / "a.js").write_text("one")
    (tmp_path / "b.js").write_text("two")
    (tmp_path / "MANIFEST.json").write_text('[{"file": "a.js", "sha256": "0"}, {"file": "c.js", "sha256": "0"}]')
    assert [line.split(" ")[0] for line in problems(tmp_path)] == ["b.js", "c.js", "a.js"]


def test_a_word_without_chinese_is_found(tmp_path: Path) -> None:
    page = tmp_path / "desk" / "templates" / "desk" / "page.html"
    page.parent.mkdir(parents=True)
    page.write_text("{% load i18n %}<h1>{% trans 'Tickets' %}</h1>{% blocktrans %}{{ n }} open{% endblocktrans %}")
    found = translation_problems(tmp_path)
    assert found == [
        "desk/templates/desk/page.html:1 has no Chinese for 'Tickets'",
        "desk/templates/desk/page.html:1 has no Chinese for '%(n)s open'",
    ]


@pytest.mark.parametrize(
    ("importer", "imported", "bypasses"),
    [
        ("house.desk.views", "house.notify.engine", True),
        ("house.desk.views", "house.notify.actions.sending", False),
        ("house.desk.views", "house.desk.forms", False),
        ("house.desk.views", "house.kernel.clock", False),
        ("house.ingest.app", "house.telemetry.store.client", False),
        ("house.desk.views", "house.telemetry.views", True),
        ("house.serve.loop", "house.notify.engine", False),
        ("house.desk.tests.test_ticket", "house.notify.engine", False),
        ("house.desk.views", "django.db", False),
    ],
)
def test_rooms_are_entered_by_their_doors(importer: str, imported: str, bypasses: bool) -> None:
    contract = DoorsContract(
        name="doors",
        session_options={"root_packages": ["house"]},
        contract_options={
            "doors": ["actions", "queries"],
            "open_rooms": ["kernel"],
            "composers": ["serve"],
            "extra_doors": ["telemetry.store"],
        },
    )
    graph = ImportGraph()
    graph.add_import(importer=importer, imported=imported, line_number=7, line_contents="import it")
    assert contract.check(graph, verbose=False).kept is not bypasses


def test_a_skipped_test_fails_a_checked_run(tmp_path: Path) -> None:
    (tmp_path / "test_some.py").write_text("import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no')\n")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "bin.checks.no_skips", "--rootdir", str(tmp_path)]
    command += ["-c", "/dev/null", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "counts as failed here: test_some.py::test_b" in done.stdout


def test_what_a_checked_run_leaves_out_is_told(tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = long: takes minutes\naddopts = -m 'not long'\n")
    excuse = "this system's packages have no PostgreSQL 15"
    (tmp_path / "test_some.py").write_text(
        f'import pytest\ndef test_a(): pytest.skip("{excuse}")\n@pytest.mark.long\ndef test_b(): pass\n'
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "bin.checks.no_skips", "-p", "bin.checks.left_out"]
    command += ["-c", str(tmp_path / "pytest.ini"), "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
    assert "skipped, as this system has no package for it: test_some.py::test_a" in done.stdout
    told = "left out: 1 tests marked long, which take minutes (in test_some). Run them too: bin/test -m ''"
    assert told in done.stdout
