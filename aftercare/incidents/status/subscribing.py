"""Subscriptions: asked for by anybody, confirmed by who reads the address, ended by a link without signing in."""

import re
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _

from aftercare.incidents.models import StatusPage, Subscription, SubscriptionAsk
from aftercare.incidents.status.addresses import link_of, url_of, webhook_secret_of
from aftercare.incidents.status.changes import wake_engine
from aftercare.kernel.allowances import Allowance
from aftercare.kernel.errors import Refused
from aftercare.notify import actions as notify
from aftercare.notify.actions import Links, checked_webhook
from aftercare.notify.models import Delivery

CONFIRM, UPDATE = "status.confirm", "status.update"
# One client's requests, whatever they name; and messages to one address, whoever asks for them.
ASKS_OF_CLIENT = Allowance(10, 3600)
ASKS_OF_ADDRESS = Allowance(3, 24 * 3600)
ASKS_WAITING = 5_000
UNCONFIRMED_FOR = timedelta(days=2)
PLAIN = r"[^@\s<>\"',;:\\()\[\]\x00-\x1f\x7f]"
MAIL = re.compile(rf"{PLAIN}{{1,64}}@(?=.{{3,253}}$){PLAIN}+\.[^@\s.]{{2,63}}")


def ask_for_subscription(*, page: StatusPage, way: str, address: str, language: str, now: datetime) -> None:
    """Take down that somebody asks. Whether the address has a subscription already changes neither the answer nor the
    work done here. Raises Refused for what is no address.
    """
    address = checked_address(way, address)
    if SubscriptionAsk.objects.count() >= ASKS_WAITING:
        return
    SubscriptionAsk.objects.create(
        page=page, edition=page.edition, way=way, address=address, language=known_language(language), at=now
    )
    wake_engine()


def checked_address(way: str, address: str) -> str:
    """The address as it is kept. Raises Refused."""
    address = address.strip()
    if way == Subscription.Way.WEBHOOK:
        return checked_webhook(address)
    if way != Subscription.Way.EMAIL or len(address) > 254 or not MAIL.fullmatch(address):
        raise Refused(_("This is not an e-mail address."))
    local, _at, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def known_language(language: str) -> str:
    """One of ours."""
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def answer_asks(now: datetime) -> int:
    """Send each asker the link that confirms or ends; one address hears it three times a day at most."""
    answered = 0
    with transaction.atomic():
        asks = SubscriptionAsk.objects.select_for_update(skip_locked=True, of=("self",))
        for ask in asks.select_related("page__customer").order_by("pk")[:100]:
            answer(ask, now)
            ask.delete()
            answered += 1
    return answered


def answer(ask: SubscriptionAsk, now: datetime) -> None:
    """One asker."""
    if not ask.page.is_open or ask.edition != ask.page.edition:
        return
    if ASKS_OF_ADDRESS.take(f"{ask.way} {ask.address.lower()}", now):
        return
    subscription, _is_new = Subscription.objects.get_or_create(
        page=ask.page,
        way=ask.way,
        address=ask.address,
        defaults={"edition": ask.edition, "language": ask.language, "asked_at": now},
    )
    if subscription.edition != ask.edition:  # came by an address that is no more: anew
        subscription.edition, subscription.confirmed_at = ask.edition, None
    if subscription.confirmed_at is None:
        subscription.asked_at, subscription.language = now, ask.language
    subscription.save()
    with translation.override(ask.language):
        is_there = subscription.confirmed_at is not None
        title = _("Your subscription to the service status") if is_there else _("Confirm your subscription")
        body = (
            _("You hear of updates already. The link shows your subscription and ends it.")
            if is_there
            else _(
                "Somebody, probably you, asked that updates about the service status come here. Open the link to "
                "confirm that. If it was not you, do nothing: nothing else is sent."
            )
        )
        words = _("Look at the subscription") if is_there else _("Confirm")
    notify.send_all([draft(subscription, kind=CONFIRM, title=title, body=body, words=words, now=now)])


def draft(subscription: Subscription, *, kind: str, title: str, body: str, words: str, now: datetime) -> Delivery:
    """An outbox row that is not written yet; its subject is the subscription, by which its links are found."""
    return notify.drafted(
        user=None,
        channel=subscription.way,
        address=subscription.address,
        kind=kind,
        subject_ref=subscription.ref,
        title=title,
        body=body,
        data={"language": subscription.language, "link_words": words},
        now=now,
    )


def links_of(delivery: Delivery) -> Links | None:
    """The links of a message to a subscriber, made when it goes out; None once the subscription is gone."""
    subscription = Subscription.objects.select_related("page").filter(ref=delivery.subject_ref).first()
    if subscription is None:
        return None
    own = settings.BASE_URL + link_of(subscription)
    secret = webhook_secret_of(subscription) if subscription.way == Subscription.Way.WEBHOOK else ""
    if delivery.kind == CONFIRM:
        return Links(own, "", secret)
    return Links(url_of(subscription.page), f"{own}/end", secret)


@transaction.atomic
def confirm_subscription(*, subscription: Subscription, now: datetime) -> None:
    """Its reader wants it. Twice counts once. Raises Refused where the page's address is another by now."""
    row = Subscription.objects.select_for_update(of=("self",)).select_related("page").get(pk=subscription.pk)
    if row.edition != row.page.edition or not row.page.is_open:
        raise Refused(_("This page has another address by now: ask for its updates there."))
    if row.confirmed_at is None:
        row.confirmed_at = now
        row.save(update_fields=["confirmed_at"])


@transaction.atomic
def end_subscription(*, subscription: Subscription) -> None:
    """Nothing goes there any more, what waits included. Twice counts once."""
    for kind in (CONFIRM, UPDATE):
        notify.drop_pending(subject_ref=subscription.ref, kind=kind, reason="The subscription was ended.")
    subscription.delete()


def forget_unconfirmed(now: datetime) -> int:
    """Forget who asked and never confirmed; returns how many."""
    old = Subscription.objects.filter(confirmed_at=None, asked_at__lt=now - UNCONFIRMED_FOR)
    count, _each = old.delete()
    return count


def masked(subscription: Subscription) -> str:
    """The address as the provider's people see it: enough to recognise one's own, too little to take."""
    if subscription.way == Subscription.Way.WEBHOOK:
        return subscription.address.split("/")[2] if "//" in subscription.address else "…"
    local, _at, domain = subscription.address.rpartition("@")
    return f"{local[:1]}•••@{domain}"
