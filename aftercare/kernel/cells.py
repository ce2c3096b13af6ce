"""Cells of exports that spreadsheets must not run."""

STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def safe_cell(text: str) -> str:
    """The text, made plain for spreadsheets where it would start a formula."""
    return f"'{text}" if text.startswith(STARTS_A_FORMULA) else text
