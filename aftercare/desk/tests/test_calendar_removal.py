"""A calendar goes when nothing uses it; the desk's groups and widgets are named where they do."""

from aftercare.audit.models import Entry
from aftercare.clocks.models import Calendar
from aftercare.clocks.tests.test_calendars import sent
from aftercare.desk.tests.chatting import make_widget
from tests.world import World


def test_one_that_nothing_uses_is_removed_and_who_uses_another_is_named(world: World) -> None:
    client = world.client("mei")
    client.post("/settings/calendars/new", sent(is_default="on"))
    client.post("/settings/calendars/new", sent(name="Nights"))
    default, nights = Calendar.objects.get(is_default=True), Calendar.objects.get(name="Nights")
    widget, _secret = make_widget(world, calendar=nights)
    path = f"/settings/calendars/{nights.ref}/removal"
    assert world.client("agent").post(path).status_code == 403
    assert world.client("zhao").post(path).status_code == 404
    told = client.post(path, follow=True).content.decode()
    assert "chat widget “Console”" in told and Calendar.objects.count() == 2
    assert "default" in client.post(f"/settings/calendars/{default.ref}/removal", follow=True).content.decode()
    type(widget).objects.update(calendar=None)
    client.post(path)
    assert Calendar.objects.get() == default
    assert Entry.objects.filter(action="calendar.remove", subject=nights.ref).exists()
