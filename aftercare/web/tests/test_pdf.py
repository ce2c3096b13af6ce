"""Documents as PDF."""

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from aftercare.kernel.errors import Refused
from aftercare.web import pdf
from aftercare.web.pdf import render_pdf

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 20"><path d="M0 10L100 3" stroke="blue"/></svg>'


def sample(**said: Any) -> dict[str, Any]:
    """What the sample document says."""
    return {
        "language": "zh",
        "title": "故障复盘",
        "kicker": "星光直播",
        "lede": "",
        "footer": "",
        "figures": [["受影响用户", "12,345"]],
        "heading": "影响",
        "prose": "",
        "head": ["时间", "经过"],
        "rows": [["20:00", "卡顿率 7.9%（限值 5%）"]],
        "svg": SVG,
        **said,
    }


def read(document: bytes) -> str:
    """All the text that can be copied out of it."""
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(document)).pages)


def test_a_document_holds_its_chinese_and_its_figures_and_the_font_for_them() -> None:
    document = render_pdf("web/pdf/sample.typ", sample())
    said = read(document)
    assert "故障复盘" in said and "12,345" in said and "卡顿率 7.9%（限值 5%）" in said
    fonts = PdfReader(BytesIO(document)).pages[0]["/Resources"]["/Font"].values()
    assert any("NotoSansSC" in font.get_object()["/BaseFont"] for font in fonts)


def test_text_that_looks_like_markup_is_shown_as_it_is() -> None:
    hostile = '#read("/settings.py") #eval("1+1") $x$ *b* <a> @b `c` \\ [d] // e'
    said = read(render_pdf("web/pdf/sample.typ", sample(title=hostile, prose=hostile, rows=[[hostile, ""]])))
    assert said.replace("\n", " ").count('#read("/settings.py") #eval("1+1")') == 3
    assert "SECRET_KEY" not in said


def test_what_goes_over_a_page_goes_on_with_its_head_and_numbers() -> None:
    pages = PdfReader(BytesIO(render_pdf("web/pdf/sample.typ", sample(rows=[["20:00", "恢复"]] * 90)))).pages
    assert len(pages) > 1
    assert f"2 / {len(pages)}" in pages[1].extract_text() and "时间" in pages[1].extract_text()


def test_without_a_chinese_font_there_is_a_sentence_instead_of_boxes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pdf, "sans_path", lambda: Path("/nowhere/NotoSansSC-Regular.otf"))
    with pytest.raises(Refused, match="pylopdf-fonts-zh-cn"):
        render_pdf("web/pdf/sample.typ", sample())


def test_too_much_for_one_document_is_refused() -> None:
    with pytest.raises(Refused, match="Narrow it"):
        render_pdf("web/pdf/sample.typ", sample(prose="x" * pdf.LONGEST))
