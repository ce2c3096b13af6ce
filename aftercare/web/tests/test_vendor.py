"""The files of others are exactly what their registry published."""

import hashlib
import json
from pathlib import Path

import pytest

VENDOR = Path(__file__).parents[1] / "static" / "web" / "vendor"
LISTED = json.loads((VENDOR / "MANIFEST.json").read_text())


@pytest.mark.parametrize("entry", LISTED, ids=lambda entry: entry["file"])
def test_it_is_unmodified(entry):
    assert hashlib.sha256((VENDOR / entry["file"]).read_bytes()).hexdigest() == entry["sha256"]


def test_every_file_is_listed():
    present = {str(p.relative_to(VENDOR)) for p in VENDOR.rglob("*") if p.is_file() and p.name != "MANIFEST.json"}
    assert present == {entry["file"] for entry in LISTED}


def test_every_package_brings_its_licence():
    packages = {entry["name"] for entry in LISTED}
    licensed = {entry["name"] for entry in LISTED if entry["file"].endswith("LICENSE")}
    assert packages == licensed
    assert all(entry["licence"] and entry["version"] for entry in LISTED)
