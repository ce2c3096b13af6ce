"""Reading what a person typed into the search box."""

import re
from dataclasses import dataclass, field
from typing import Final

from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.search.filters import Clause, clause_of
from aftercare.desk.search.tokens import INNER, asked_of, folded, pieces

LONGEST = 200
TERMS_AT_MOST = 16
FOR_ALL: Final = {
    "status": "status", "severity": "severity", "before": "before", "after": "after", "has": "has", "way": "way",
    "状态": "status", "级别": "severity", "早于": "before", "晚于": "after", "包含": "has", "渠道": "way",
}  # fmt: skip
# Whom we serve and who of us has what is no question for a customer.
FOR_STAFF: Final = {
    "customer": "customer", "assignee": "assignee", "tag": "tag",
    "客户": "customer", "负责人": "assignee", "标签": "tag",
}  # fmt: skip
PART = re.compile(r'(?P<minus>-?)(?:(?P<name>[^\W\d_]+):)?(?:"(?P<quoted>[^"]*)"?|(?P<bare>\S+))')


@dataclass
class Asked:
    """A question taken apart: `tsquery` and `where` all hold; `needles` are the folded words to highlight.

    `troubles` are sentences for the person.
    """

    tsquery: list[str] = field(default_factory=list)
    where: list[Clause] = field(default_factory=list)
    needles: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    narrows: bool = False  # something that must be there, not only what must not


def read_question(text: str, user: User) -> Asked:
    """Take a question apart for this reader; what cannot be understood narrows nothing and says so."""
    asked = Asked()
    known = FOR_ALL if user.customer_id is not None else FOR_ALL | FOR_STAFF
    parts = list(PART.finditer(folded(text.replace("\x00", "")[:LONGEST])))
    if len(parts) > TERMS_AT_MOST:
        asked.troubles.append(_("Only the first %(n)s words are looked for.") % {"n": TERMS_AT_MOST})
    for part in parts[:TERMS_AT_MOST]:
        value = part["quoted"] if part["quoted"] is not None else part["bare"]
        name = known.get(part["name"] or "")
        if name:
            narrow(asked, name, value.strip(), bool(part["minus"]), user)
        else:
            words = f"{part['name']}:{value}" if part["name"] else value
            take_words(asked, words, is_quoted=part["quoted"] is not None, minus=bool(part["minus"]), user=user)
    if (asked.tsquery or asked.where) and not asked.narrows:
        asked.troubles.append(_("Add a word to look for: a search cannot only leave words out."))
        asked.tsquery, asked.where = [], []
    return asked


def take_words(asked: Asked, text: str, *, is_quoted: bool, minus: bool, user: User) -> None:
    """One word, or a phrase in quotation marks. Without them a word and a run beside it are two words."""
    found = list(pieces(text))
    lookups: list[str] = []
    proofs: list[Clause] = []
    for piece, is_run in found:
        tokens, proves = asked_of(piece, is_run)
        lookups += [lexeme(token, prefix and (is_run or not is_quoted), user) for token, prefix in tokens]
        if not proves:
            proofs.append(proof(piece, user))
    if is_quoted and len(found) > 1:
        proofs = [proof(text.strip(), user)]
    if not lookups:
        return
    if not minus:
        asked.narrows = True
        asked.tsquery += lookups
        asked.where += proofs
        asked.needles += [text.strip()] if is_quoted else [piece for piece, _is_run in found]
    elif not proofs:
        asked.tsquery.append(f"!({' & '.join(lookups)})")
    else:
        here = [("tokens @@ %s::tsquery", [" & ".join(lookups)]), *proofs]
        asked.where.append(
            (
                f"not ({' and '.join(sql for sql, _values in here)})",
                [value for _sql, values in here for value in values],
            )
        )


def lexeme(token: str, is_prefix: bool, user: User) -> str:
    """A token as a tsquery, for the provider in internal notes as well."""
    quoted = token.replace("\\", "\\\\").replace("'", "''")
    end = ":*" if is_prefix else ""
    public = f"'{quoted}'{end}"
    return public if user.customer_id is not None else f"({public} | '{INNER}{quoted}'{end})"


def proof(phrase: str, user: User) -> Clause:
    """The phrase itself in the text: what tokens alone cannot tell."""
    columns = ["text"] if user.customer_id is not None else ["text", "inner_text"]
    return f"({' or '.join(f'strpos({column}, %s) > 0' for column in columns)})", [phrase] * len(columns)


def narrow(asked: Asked, name: str, value: str, minus: bool, user: User) -> None:
    """One filter; `minus` turns it round."""
    clause = clause_of(asked.troubles, name, value, user)
    if clause is None:
        return
    sql, values = clause
    asked.narrows = asked.narrows or not sql.startswith("tokens") or not minus
    if sql.startswith("tokens"):
        asked.tsquery.append(f"{'!' * minus}{lexeme(str(values[0]), False, user)}")
    else:
        asked.where.append((f"not coalesce({sql}, false)" if minus else sql, values))
