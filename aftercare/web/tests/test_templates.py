"""Every template compiles, and nothing in it needs an inline style or script."""

import re
from pathlib import Path

import pytest
from django.template.loader import get_template

FOLDER = Path(__file__).parents[1] / "templates"
NAMES = sorted(str(p.relative_to(FOLDER)) for p in FOLDER.rglob("*.html"))


@pytest.mark.parametrize("name", NAMES)
def test_it_compiles(name):
    get_template(name)


@pytest.mark.parametrize("name", NAMES)
def test_it_keeps_the_content_policy(name):
    text = (FOLDER / name).read_text()
    assert not re.search(r"\sstyle=|\son[a-z]+=|<style", text)
    for script in re.findall(r"<script[^>]*>", text):
        assert "src=" in script or "application/json" in script


def test_our_sign_in_comes_before_the_librarys():
    assert str(FOLDER) in get_template("account/login.html").origin.name
    assert str(FOLDER) in get_template("allauth/layouts/base.html").origin.name
