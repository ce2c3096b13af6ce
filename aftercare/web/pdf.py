"""Documents as PDF: set by typst from a template of ours, with what is said in them as JSON, never as markup."""

import json
from functools import cache
from pathlib import Path
from threading import Lock
from typing import Any

import typst
from django.template.utils import get_app_template_dirs
from django.utils.translation import gettext as _
from pylopdf_fonts_zh_cn import sans_path

from aftercare.kernel.errors import Refused

ROOT = Path(__file__).parents[1]  # templates import one another by their path from here, and read nothing outside
LONGEST = 4_000_000  # of JSON, in characters: a document of a thousand pages is a mistake

_setting = Lock()  # a compiler sets one document at a time


def render_pdf(template: str, data: dict[str, Any]) -> bytes:
    """The document: `template` ("incidents/review/report.typ") lies with an app's templates, `data` is plain JSON.

    The template reads `data` by `#import "/web/templates/web/pdf/report.typ": data`; text in it is shown as it is,
    whatever markup it looks like. Raises Refused where no Chinese font is installed (a document is never set in empty
    boxes), and where the data is too much for one document.
    """
    fonts = font_folder()
    told = json.dumps(data, ensure_ascii=False)
    if len(told) > LONGEST:
        raise Refused(_("This is too much for one PDF. Narrow it."))
    with _setting:
        document = compiler(path_of(template), fonts).compile(format="pdf", sys_inputs={"data": told})
    if not isinstance(document, bytes):
        raise RuntimeError("a PDF is one file")  # only pictures come as several
    return document


def font_folder() -> Path:
    """Where the font lies that has the Chinese signs. Raises Refused where there is none."""
    font = sans_path()
    if not font.is_file():
        raise Refused(
            _("No PDF without a Chinese font: install the package pylopdf-fonts-zh-cn, which bin/setup brings.")
        )
    return font.parent


def path_of(template: str) -> Path:
    """The template's file. Raises FileNotFoundError: it is a mistake of ours."""
    for folder in get_app_template_dirs("templates"):
        if (Path(folder) / template).is_file():
            return Path(folder) / template
    raise FileNotFoundError(template)


@cache
def compiler(path: Path, fonts: Path) -> typst.Compiler:
    """The compiler of one template, kept: the fonts are read once. Signs that ours lacks come from the system's."""
    return typst.Compiler(str(path), root=str(ROOT), font_paths=[str(fonts)])
