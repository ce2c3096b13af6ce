"""Pages of a list, with addresses that keep its filters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest

Row = TypeVar("Row")
PARAMETER = "page"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """One page of rows. Iterate over it; hand it to `{% pagination page %}`."""

    rows: list[Row]
    number: int
    pages: int
    total: int
    first: int
    last: int
    previous_url: str
    next_url: str
    numbers: list[tuple[int | None, str]]

    def __iter__(self) -> Any:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    def __bool__(self) -> bool:
        return bool(self.rows)


def page_of(queryset: "QuerySet[Any, Row] | Sequence[Row]", request: HttpRequest, per_page: int = 50) -> Page[Row]:
    """The page that `?page=` asks for; a number out of range or not a number gives the nearest page, never an error."""
    paginator = Paginator(queryset, per_page)
    page = paginator.get_page(request.GET.get(PARAMETER))
    return Page(
        rows=list(page.object_list),
        number=page.number,
        pages=paginator.num_pages,
        total=paginator.count,
        first=page.start_index(),
        last=page.end_index(),
        previous_url=address_of(request, page.number - 1) if page.has_previous() else "",
        next_url=address_of(request, page.number + 1) if page.has_next() else "",
        numbers=[
            (n, address_of(request, n)) if isinstance(n, int) else (None, "") for n in elided(paginator, page.number)
        ],
    )


def elided(paginator: "Paginator[Any]", number: int) -> list[int | str]:
    """Page numbers around the present one, the ends always there, gaps as an ellipsis."""
    return list(paginator.get_elided_page_range(number, on_each_side=1, on_ends=1))


def address_of(request: HttpRequest, number: int) -> str:
    """This request's path and query with another page number."""
    query = request.GET.copy()
    query[PARAMETER] = str(number)
    return f"{request.path}?{query.urlencode()}"
