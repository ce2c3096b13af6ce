"""What can be done with monitors, and with alerts that others tell."""

from aftercare.watch.actions.monitors import (
    create_default_monitors,
    create_monitor,
    default_facts,
    delete_monitor,
    edit_monitor,
)
from aftercare.watch.actions.told import close_told, hold_origin, raise_alerts, recover_alerts
from aftercare.watch.checks import check as check_facts

__all__ = [
    "check_facts",
    "close_told",
    "create_default_monitors",
    "create_monitor",
    "default_facts",
    "delete_monitor",
    "edit_monitor",
    "hold_origin",
    "raise_alerts",
    "recover_alerts",
]
