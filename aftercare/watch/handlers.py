"""What this room does when a lower room says something happened."""

from aftercare.accounts.events import AppCreated
from aftercare.accounts.models import App
from aftercare.watch.actions import create_default_monitors


def on_app_created(event: AppCreated) -> None:
    """Every app starts with the default rules."""
    create_default_monitors(app=App.objects.get(pk=event.app_id), now=event.at)
