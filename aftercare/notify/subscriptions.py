"""What this room does about its own deliveries, and about people who are to be let in."""

from django.conf import settings
from django.utils import timezone, translation
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from aftercare.accounts.events import PersonInvited
from aftercare.accounts.models import User
from aftercare.notify.actions import confirm_contact, drop_pending, send
from aftercare.notify.contact_codes import TEST_KIND
from aftercare.notify.envelope import language_of
from aftercare.notify.events import DeliveriesSent
from aftercare.notify.models import Channel, ContactMethod

INVITATION = "person.invite"
BY_A_TEST = (Channel.WEBHOOK, Channel.WEBPUSH, Channel.APPRISE)
IS_RENEWED = gettext_noop("A newer link took its place.")


def on_person_invited(event: PersonInvited) -> None:
    """Mail the link to whom it lets in. Without a mail server the console that shows it once is the only way."""
    if not settings.EMAIL_HOST:
        return
    user = User.objects.select_related("customer").get(pk=event.user_id)
    drop_pending(subject_ref=user.ref, kind=INVITATION, reason=IS_RENEWED)
    with translation.override(language_of(user)), timezone.override(user.timezone):
        until = date_format(timezone.localtime(event.expires_at), "Y-m-d H:i")
        title = _("Your way into Aftercare")
        body = _(
            "%(name)s, an account was made or renewed for you. The link below sets its password; it works once, until "
            "%(until)s. Whoever has it can enter in your name: pass it on to nobody."
        ) % {"name": user.name, "until": f"{until} ({user.timezone})"}
    send(
        user=user,
        channel=Channel.EMAIL,
        address=user.email,
        kind=INVITATION,
        subject_ref=user.ref,
        title=title,
        body=body,
        secret_url=event.link,
        now=event.at,
    )


def on_deliveries_sent(event: DeliveriesSent) -> None:
    """A test that a webhook, a browser's push service or another service accepted confirms it."""
    refs = [one.subject_ref for one in event.of_kind(TEST_KIND)]
    if not refs:
        return
    tested = ContactMethod.objects.filter(ref__in=refs, channel__in=BY_A_TEST, verified=False)
    for contact in tested.select_related("user").order_by("ref"):
        confirm_contact(contact=contact, now=event.at)
