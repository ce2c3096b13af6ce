"""Pages of a list keep their filters in the address."""

import pytest
from django.template import Context, Template
from django.test import RequestFactory

from aftercare.web.paging import page_of


def page(query: str, rows: range = range(1, 101), per_page: int = 10):
    return page_of(rows, RequestFactory().get(f"/tickets?{query}"), per_page)


def test_it_works():
    found = page("state=open&page=3")
    assert list(found) == list(range(21, 31))
    assert (found.number, found.pages, found.total, found.first, found.last) == (3, 10, 100, 21, 30)
    assert found.previous_url == "/tickets?state=open&page=2"
    assert found.next_url == "/tickets?state=open&page=4"
    assert [number for number, _url in found.numbers] == [1, 2, 3, 4, None, 10]


@pytest.mark.parametrize(("asked", "number"), [("0", 10), ("-1", 10), ("99", 10), ("x", 1), ("", 1)])
def test_handles_pages_that_do_not_exist(asked, number):
    assert page(f"page={asked}").number == number


def test_handles_an_empty_list():
    found = page("", range(0))
    assert not found
    assert len(found) == 0
    assert (found.first, found.last, found.next_url, found.previous_url) == (0, 0, "", "")


def test_the_foot_of_a_list():
    html = Template("{% load web %}{% pagination page noun='tickets' %}").render(Context({"page": page("page=2")}))
    assert "11–20 of 100 tickets" in html
    assert 'rel="next"' in html
    assert 'aria-current="page">2<' in html


def test_query_changes_parameters_and_drops_the_page():
    request = RequestFactory().get("/tickets?state=open&page=3&sort=age")
    html = Template("{% load web %}{% query sort=None state='all' %}").render(Context({"request": request}))
    assert html == "?state=all"
