"""The checklist's list as people edit it.

One line each, `days | Chinese | English`, with `*` before what is the customer's to do.
"""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from aftercare.incidents.assurance.checklist import Line
from aftercare.kernel.errors import Refused

MOST_DAYS = 90
LONGEST = 200


def as_text(lines: Sequence[Line]) -> str:
    """The list, one line each."""
    return "\n".join(
        f"{'*' if line.is_customers else ''}{line.days_before} | {line.title_zh} | {line.title}" for line in lines
    )


def from_text(text: str) -> list[Line]:
    """What was written; empty lines are left out. Raises Refused with the number of the line that cannot be read."""
    lines = []
    for number, said in enumerate(text.replace("\x00", "").splitlines(), 1):
        if not said.strip():
            continue
        days, *titles = (part.strip() for part in said.split("|"))
        plain = days.removeprefix("*").strip()
        if not (plain.isascii() and plain.isdecimal() and int(plain[:4]) <= MOST_DAYS and 1 <= len(titles) <= 2):
            raise Refused(
                _("Line %(n)d: write the days before (0 to %(most)d), the Chinese and the English, with | between.")
                % {"n": number, "most": MOST_DAYS}
            )
        title_zh, title = titles[0], titles[-1]
        if not (title or title_zh) or max(len(title), len(title_zh)) > LONGEST:
            raise Refused(
                _("Line %(n)d: what is to be done has 1 to %(most)d characters.") % {"n": number, "most": LONGEST}
            )
        lines.append(Line(title or title_zh, title_zh, int(plain), is_customers=days.startswith("*")))
    return lines
