"""Asking the database: exact counts and one page of hits in one statement, the reader's walls inside it."""

from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.models.expressions import RawSQL
from django.db.utils import OperationalError
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.desk.models import Kind
from aftercare.desk.search.asking import Asked, read_question
from aftercare.desk.search.filters import Clause

PER_PAGE = 20
PAGES_AT_MOST = 200
PATIENCE_MS = 5000


@dataclass
class Found:
    """What was found: `counts` of every kind, `documents` (document id, subject id) of the page, newest first."""

    asked: Asked
    kind: Kind = Kind.TICKET
    page: int = 1
    counts: dict[Kind, int] = field(default_factory=dict)
    documents: list[int] = field(default_factory=list)

    @property
    def total(self) -> int:
        """How many of the kind that is shown."""
        return self.counts.get(self.kind, 0)

    @property
    def pages(self) -> int:
        """How many pages of this kind can be looked at."""
        return min(-(-self.total // PER_PAGE), PAGES_AT_MOST)


def find(user: User, text: str, *, kind: Kind = Kind.TICKET, page: int = 1, per_page: int = PER_PAGE) -> Found:
    """Search everything `user` may read. An empty question finds nothing."""
    asked = read_question(text, user)
    found = Found(asked, kind, min(max(page, 1), PAGES_AT_MOST))
    if not asked.tsquery and not asked.where:
        return found
    clause, values = clause_for(user, asked)
    statement = (
        f"with hits as materialized (select kind, id, said_at from desk_document where {clause}) "
        "(select kind, count(*), null::bigint, null::timestamptz from hits group by kind) union all "
        "(select kind, null, id, said_at from hits where kind = %s order by said_at desc, id desc limit %s offset %s)"
    )
    values = [*values, kind.value, per_page, (found.page - 1) * per_page]
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            # The planner does not know what it costs to read a document's tokens from beside the table.
            cursor.execute(f"set local statement_timeout = {PATIENCE_MS}; set local enable_seqscan = off")
            cursor.execute(statement, values)
            rows = cursor.fetchall()
            cursor.execute("set local statement_timeout = default; set local enable_seqscan = default")
    except OperationalError:
        asked.troubles.append(_("This search took longer than %(n)s s. Add a word or a filter.") % {"n": 5})
        return found
    found.counts = {Kind(row[0]): row[1] for row in rows if row[1] is not None}
    shown = sorted((row for row in rows if row[2] is not None), key=lambda row: (row[3], row[2]), reverse=True)
    found.documents = [row[2] for row in shown]
    return found


def clause_for(user: User, asked: Asked) -> Clause:
    """Everything that has to hold of a document."""
    where = [*walls(user), *asked.where]
    if asked.tsquery:
        where.append(("tokens @@ %s::tsquery", [" & ".join(asked.tsquery)]))
    return " and ".join(sql for sql, _values in where) or "true", [value for _sql, some in where for value in some]


def matching_tickets(user: User, text: str) -> RawSQL:
    """A subquery: the ids of the tickets that a search finds; of none for an empty question."""
    asked = read_question(text, user)
    sql, values = clause_for(user, asked) if asked.tsquery or asked.where else ("false", [])
    return RawSQL(f"select ticket_id from desk_document where kind = 1 and {sql}", values)  # noqa: S611 (our own clauses, values bound)


def walls(user: User) -> list[Clause]:
    """What this reader may find at all: the provider everything, a customer's people their own tickets."""
    if user.customer_id is None:
        return []
    return [("customer_id = %s", [user.customer_id]), ("kind = %s", [Kind.TICKET.value])]
