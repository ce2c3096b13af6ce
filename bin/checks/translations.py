"""Every word a page can show has its Chinese, and every compiled catalogue is the one its .po file gives.

Words are found as Django finds them (templates by `templatize`, then Babel's Python extractor), so that no gettext
programs are needed.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from django.utils.translation.template import templatize

HOUSE = Path(__file__).parents[2] / "aftercare"
KEYWORDS = DEFAULT_KEYWORDS | {
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "gettext_noop": None,
}


def words_in(path: Path) -> Iterator[tuple[str, int, str]]:
    """Each translatable word of one Python file or template: context, line, word (the singular where it has both)."""
    source = path.read_text()
    if path.suffix != ".py":
        source = templatize(source, origin=str(path))
    for line, message, _comments, context in extract("python", io.BytesIO(source.encode()), KEYWORDS):
        word = message if isinstance(message, str) else message[0]
        if word:
            yield context or "", line, word


def sources(house: Path) -> Iterator[Path]:
    """The files words come from: code and templates, without tests and migrations."""
    for path in sorted(house.rglob("*")):
        in_templates = "templates" in path.parts and path.suffix in (".html", ".txt")
        if (path.suffix == ".py" or in_templates) and not {"tests", "migrations"} & set(path.parts):
            yield path


def catalogue(path: Path) -> Catalog:
    """The .po file's messages."""
    with path.open("rb") as file:
        return read_po(file)


def entries(catalog: Catalog) -> dict[tuple[str, str], object]:
    """What the catalogue says, by context and word; untranslated ones are left out."""
    said: dict[tuple[str, str], object] = {}
    for message in catalog:
        word = message.id if isinstance(message.id, str) else message.id[0]
        translated = message.string if isinstance(message.string, str) else all(message.string or ())
        if word and translated and not message.fuzzy:
            said[message.context or "", word] = message.string
    return said


def problems(house: Path) -> list[str]:
    """One sentence per missing Chinese word or stale compiled catalogue."""
    found, known = [], set[tuple[str, str]]()
    for po in sorted(house.glob("*/locale/zh_Hans/LC_MESSAGES/django.po")):
        said, mo, fresh = catalogue(po), po.with_suffix(".mo"), io.BytesIO()
        known |= set(entries(said))
        write_mo(fresh, said)
        fresh.seek(0)
        if not mo.exists():
            found.append(f"{mo.relative_to(house)} is missing: compile it with pybabel")
        elif entries(read_mo(io.BytesIO(mo.read_bytes()))) != entries(read_mo(fresh)):
            found.append(f"{mo.relative_to(house)} is not what its .po file gives: compile it with pybabel")
    for path in sources(house):
        for context, line, word in words_in(path):
            if (context, word) not in known:
                found.append(f"{path.relative_to(house)}:{line} has no Chinese for {word!r}")
    return found


if __name__ == "__main__":
    sys.exit("\n".join(problems(HOUSE)) or 0)
