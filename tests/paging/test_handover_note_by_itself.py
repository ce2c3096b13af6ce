"""At a change of people there is a note of what is open, though nobody wrote one, and both are told of it before."""

from datetime import timedelta

from aftercare.notify.models import Delivery
from aftercare.oncall import handing_over
from aftercare.oncall.models import Handover
from tests.paging.night import Night


def test_it_is_there_a_quarter_of_an_hour_before(night: Night) -> None:
    at = night.now + timedelta(weeks=1) - timedelta(hours=2)
    night.now = at - timedelta(minutes=40)
    page = night.page()
    night.work()
    assert night.heard() == ["Lin text"]
    night.take(page)
    for minutes in (16, 15, 10, 0):
        handing_over.process_shifts(at - timedelta(minutes=minutes))
    handover = Handover.objects.get(schedule=night.duty.primary)
    assert handover.at == at and "Freeze rate 6.2% in Starlight Live: Lin has it" in handover.note
    told = Delivery.objects.filter(kind="handover").values_list("user__name", flat=True)
    assert sorted(told) == ["Lin", "Mei"]
    shown = night.world.client("mei").get(f"/oncall/handovers/{handover.ref}").content.decode()
    assert "Lin has it" in shown
