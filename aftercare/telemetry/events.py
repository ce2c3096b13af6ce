"""What this room does when a lower room tells it something."""

from aftercare.accounts.events import UserDataRequested
from aftercare.telemetry.models import UserDataJob


def take_user_data_request(event: UserDataRequested) -> None:
    """Note the work that a request about an end user's data means here."""
    UserDataJob.objects.get_or_create(request_id=event.request_id, defaults={"next_try_at": event.at})
