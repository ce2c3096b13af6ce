"""No customer's person and nobody without the right takes, passes on or reads a page, whatever address they have."""

import pytest

from tests.paging.night import Night, fresh


@pytest.mark.parametrize(("who", "status"), [("zhao", 404), ("stranger", 404), ("viewer", 404), ("agent", 403)])
def test_it_is_not_theirs(night: Night, who: str, status: int) -> None:
    page = night.page()
    night.work()
    assert night.heard() == ["Lin text"]
    client = night.world.client(who)
    for what in ("acknowledgement", "escalation"):
        assert client.post(f"/pages/{page.ref}/{what}").status_code == status
    assert client.get(f"/p/{page.ref}/guessed").status_code in (403, 404)
    assert fresh(page).state == "open" and fresh(page).firings == 1
