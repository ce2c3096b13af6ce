"""Signing in at the start of a shift, and writing the note that is handed over."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from aftercare.accounts.models import User
from aftercare.kernel.errors import Refused
from aftercare.oncall.actions.pages import close_page
from aftercare.oncall.actions.schedules import keep_record
from aftercare.oncall.handing_over import missing_ref
from aftercare.oncall.models import Handover, SignIn

NOTE_LIMIT = 10_000


@transaction.atomic
def sign_in(*, handover: Handover, user: User, now: datetime) -> SignIn:
    """Somebody is there and has read the note; a page about their absence is over. Raises Refused for others."""
    rows = SignIn.objects.select_for_update(of=("self",)).select_related("handover", "user")
    one = rows.filter(handover=handover, user=user).first()
    if one is None:
        raise Refused(_("You do not come on duty here."))
    if one.signed_at is None:
        one.signed_at = now
        one.save(update_fields=["signed_at"])
        close_page(subject_ref=missing_ref(one), now=now)
        keep_record("shift.sign_in", handover.ref, user, now)
    return one


@transaction.atomic
def write_note(*, handover: Handover, note: str, version: int, user: User, now: datetime) -> Handover:
    """Better the note. Raises Refused when it is too long, or when somebody has written since `version`."""
    note = note.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(note) > NOTE_LIMIT:
        raise Refused(_("The note is longer than %(n)s characters. Shorten it.") % {"n": NOTE_LIMIT})
    row = Handover.objects.select_for_update(of=("self",)).select_related("edited_by").get(pk=handover.pk)
    if row.version != version:
        name = row.edited_by.name if row.edited_by else _("Somebody")
        raise Refused(
            _("%(name)s has written meanwhile. Your words are still here: put them together.") % {"name": name}
        )
    row.note, row.edited_by, row.edited_at, row.version = note, user, now, version + 1
    row.save()
    keep_record("shift.note", row.ref, user, now)
    return row
