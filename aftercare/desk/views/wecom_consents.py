"""Who outside agreed to WeCom's archive: what the vendor and the chats say, and what colleagues write down."""

from datetime import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from aftercare.desk.actions.archive_consent import record_consent
from aftercare.desk.models import ArchiveConsent, Group, Identity
from aftercare.desk.views.homeservers import admin_of
from aftercare.kernel.clock import utc_now
from aftercare.kernel.errors import Refused
from aftercare.notify.models import Account, Channel
from aftercare.web.paging import page_of


@login_required
@require_http_methods(["GET", "POST"])
def wecom_consents(request: HttpRequest, ref: str) -> HttpResponse:
    """Every answer, the newest first; POST writes one down."""
    user = admin_of(request)
    account = get_object_or_404(Account, ref=ref, channel=Channel.WECOM_CUSTOMER)
    groups = Group.objects.filter(account=account).select_related("customer")
    asked = {name: request.POST.get(name, "").replace("\x00", "") for name in ("person", "group", "answer", "at")}
    error = ""
    if request.method == "POST":
        try:
            group = groups.filter(ref=asked["group"]).first() if asked["group"] else None
            if asked["answer"] not in ("yes", "no") or (asked["group"] and group is None):
                raise Refused(_("Say what they answered, and for which group."))
            record_consent(
                account=account,
                external_id=asked["person"],
                chat_id=group.chat_id if group else "",
                agreed=asked["answer"] == "yes",
                at=moment(asked["at"]),
                actor=user,
                now=utc_now(),
            )
            messages.success(request, _("Kept. It holds for what WeCom archives from now on."))
            return redirect("desk:wecom_consents", ref)
        except Refused as refused:
            error = refused.sentence
    consents = ArchiveConsent.objects.filter(account=account).select_related("recorded_by").order_by("-at", "-pk")
    page = page_of(consents, request)
    people = [consent.external_id for consent in page]
    known = Identity.objects.filter(account=account, external_id__in=people).select_related("contact")
    names = {identity.external_id: identity.contact.name for identity in known}
    rooms = {group.chat_id: group for group in groups}
    rows = [(one, names.get(one.external_id, ""), rooms.get(one.chat_id)) for one in page]
    context = {"account": account, "page": page, "rows": rows, "groups": groups, "asked": asked, "error": error}
    return render(request, "desk/wecom_consents.html", context, status=400 if error else 200)


def moment(text: str) -> datetime:
    """The instant that a date and time in the reader's zone is. Raises Refused where it is none."""
    try:
        return timezone.make_aware(datetime.fromisoformat(text).replace(tzinfo=None))
    except (ValueError, OverflowError):
        raise Refused(_("Say when they answered: a date and a time.")) from None
