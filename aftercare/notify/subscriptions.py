"""What this room does about its own deliveries."""

from aftercare.notify.actions import confirm_contact
from aftercare.notify.events import DeliverySent
from aftercare.notify.models import Channel, ContactMethod


def on_delivery_sent(event: DeliverySent) -> None:
    """A test that a webhook accepted confirms the webhook."""
    tested = ContactMethod.objects.filter(ref=event.subject_ref, channel=Channel.WEBHOOK, verified=False)
    contact = tested.select_related("user").first()
    if contact is not None:
        confirm_contact(contact=contact, now=event.at)
