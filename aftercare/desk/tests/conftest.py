"""A ticket to play with."""

from datetime import timedelta

import pytest

from aftercare.desk.actions import open_ticket
from aftercare.desk.chat import limits
from aftercare.desk.models import Ticket
from aftercare.desk.tests.group_scene import group, wang
from aftercare.notify.tests.homeserver import homeserver
from aftercare.notify.tests.wecom import wecom
from tests.world import World

__all__ = ["group", "homeserver", "ticket", "wang", "wecom"]


@pytest.fixture
def ticket(world: World) -> Ticket:
    """Starlight's first ticket, opened by the system five minutes ago."""
    return open_ticket(
        customer_id=world.show.pk,
        app_id=world.show_app.pk,
        title="Stall rate of Starlight Live is 7.9% (limit 5%)",
        title_zh="星光直播 的卡顿率为 7.9%（限值 5%）",
        severity="P2",
        body="We saw this before you had to tell us.",
        body_zh="我们先于您发现了这个问题。",
        opened_by=None,
        now=world.now - timedelta(minutes=5),
    )


@pytest.fixture(autouse=True)
def full_allowances() -> None:
    """No test lives on what another has left."""
    for allowance in limits.ALL:
        allowance.forget()
