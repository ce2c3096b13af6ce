"""Everything the frame says has its Chinese, compiled from what is written."""

import io
from gettext import GNUTranslations
from pathlib import Path

from babel.messages.extract import extract
from babel.messages.pofile import read_po
from django.utils import translation
from django.utils.translation.template import templatize

from aftercare.web.words import words

ROOM = Path(__file__).parents[1]
LOCALE = ROOM / "locale" / "zh_Hans" / "LC_MESSAGES"
CALLS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "pgettext_lazy": ((1, "c"), 2),
}


def said(source: str) -> set[tuple[str | None, str]]:
    found = extract("python", io.BytesIO(source.encode()), keywords=CALLS)
    return {(context, message) for _line, message, _comments, context in found if isinstance(message, str)}


def test_everything_is_translated():
    wanted: set[tuple[str | None, str]] = set()
    for source in ROOM.rglob("*.py"):
        if "tests" not in source.parts:
            wanted |= said(source.read_text())
    for template in (ROOM / "templates").rglob("*.html"):
        wanted |= said(templatize(template.read_text(), origin=str(template)))
    with (LOCALE / "django.po").open("rb") as po:
        catalogue = read_po(po)
    known = {(m.context, m.id) for m in catalogue if m.id and m.string}
    assert wanted <= known, wanted - known


def test_the_compiled_catalogue_is_the_written_one():
    with (LOCALE / "django.po").open("rb") as po, (LOCALE / "django.mo").open("rb") as mo:
        written, compiled = read_po(po), GNUTranslations(mo)
    for message in written:
        if message.id:
            found = compiled.pgettext(message.context, message.id) if message.context else compiled.gettext(message.id)
            assert found == message.string


def test_scripts_speak_the_pages_language():
    with translation.override("zh-hans"):
        assert words()["ago_min"] == "{n} 分钟前"
    with translation.override("en"):
        assert words()["ago_min"] == "{n} min ago"
