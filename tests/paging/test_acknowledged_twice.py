"""Taking a page that somebody has changes nothing, and everybody is told who has it, once."""

from aftercare.notify.models import Delivery
from tests.paging.night import Night, fresh


def test_the_first_keeps_it(night: Night) -> None:
    page = night.page()
    night.wait(301)
    assert night.heard() == ["Lin text", "Ada text"]
    for person in ("mei", "mei", "eng", "ada"):
        answer = night.world.client(person).post(f"/pages/{page.ref}/acknowledgement")
        assert answer.status_code in (200, 204, 302)
    assert fresh(page).acknowledged_by == night.world.mei
    told = Delivery.objects.filter(kind="page.acknowledged").values_list("user__name", flat=True)
    assert sorted(told) == ["Ada", "Lin"]
    night.silence()
