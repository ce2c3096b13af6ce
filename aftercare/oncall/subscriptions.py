"""What this room does when notify tells it something; runs in notify's transaction and only writes rows."""

from django.utils.translation import gettext as _

from aftercare.accounts.access import can
from aftercare.accounts.models import User
from aftercare.kernel import events
from aftercare.kernel.errors import Refused
from aftercare.notify.events import ContactAnswered, DeliveriesSent, DeliveryFailed
from aftercare.notify.models import Answer, Channel, State
from aftercare.oncall.actions.pages import acknowledge_page, escalate_page
from aftercare.oncall.actions.passing import hand_over_page, resolve_page
from aftercare.oncall.actions.trials import KIND as TRIAL_KIND
from aftercare.oncall.actions.trials import answer_trial, count_from, fail_trial
from aftercare.oncall.events import PagesDelivered, Reached
from aftercare.oncall.models import Page, PageNotice, PageState, TrialCall
from aftercare.oncall.queries.people import taker_named
from aftercare.oncall.queries.settings import oncall_settings
from aftercare.oncall.steps import has_next_in_round
from aftercare.oncall.wording import PAGE_KIND


def on_deliveries_sent(event: DeliveriesSent) -> None:
    """Messages of pages got through: tell the rooms above."""
    went = [one.delivery_id for one in event.of_kind(PAGE_KIND)]
    if not went:
        return
    notices = PageNotice.objects.filter(delivery__in=went).order_by("page__subject_ref", "pk")
    reached = notices.values_list("page_id", "page__subject_ref", "user_id", "channel")
    if told := tuple(Reached(*row) for row in reached):
        events.publish(PagesDelivered(told, event.at))


def on_delivery_failed(event: DeliveryFailed) -> None:
    """When nothing of a page's present step got out but the console's push, the next step of the round is due now."""
    notice = PageNotice.objects.filter(delivery_id=event.delivery_id).select_related("page").first()
    if notice is None or notice.page.state != PageState.OPEN or notice.firing != notice.page.firings:
        return
    page = notice.page
    calls = PageNotice.objects.filter(page=page, firing=notice.firing).exclude(channel=Channel.PUSH)
    still_hoped_for = calls.exclude(delivery__state__in=[State.FAILED, State.DROPPED]).exists()
    if still_hoped_for or not has_next_in_round(page, event.at):
        return
    Page.objects.filter(pk=page.pk, state=PageState.OPEN, next_step_at__gt=event.at).update(next_step_at=event.at)


def on_contact_answered(event: ContactAnswered) -> None:
    """Somebody answered a page where it reached them: they have it, the next person or a certain one is woken, or it is
    over.

    Nothing happens where they may take no pages any more. A key pressed on a late call must not take the page out of
    another's hands either; who names a colleague, or says that it is over, is told so (Refused).
    """
    notice = PageNotice.objects.filter(delivery_id=event.delivery_id).select_related("page").first()
    user = User.objects.filter(pk=event.user_id).first()
    if notice is None or user is None or not can(user, "acknowledge_pages"):
        return
    if event.answer == Answer.TAKE:
        acknowledge_page(page=notice.page, user=user, via=event.channel, now=event.at)
    elif event.answer == Answer.RESOLVE:
        refuse_closed(notice.page)
        resolve_page(page=notice.page, user=user, via=event.channel, now=event.at)
    else:
        pass_on(notice.page, user, event)


def pass_on(page: Page, user: User, event: ContactAnswered) -> None:
    """Wake the next person, or the one who was named."""
    page = Page.objects.select_for_update(of=("self",)).get(pk=page.pk)
    another = page.acknowledged_by if page.acknowledged_by_id != user.pk else None
    if event.answer == Answer.HAND_OVER:
        refuse_closed(page)
        if another is not None:
            raise Refused(_("%(person)s has it by now.") % {"person": another.name})
        to = taker_named(event.detail, besides=user)
        hand_over_page(page=page, user=user, to=to, via=event.channel, now=event.at)
    elif page.state != PageState.CLOSED and another is None:
        escalate_page(page=page, user=user, reason=event.channel, now=event.at)


def refuse_closed(page: Page) -> None:
    """Raise Refused where nothing is left to do."""
    if page.state == PageState.CLOSED:
        raise Refused(_("It is over already."))


def on_trials_sent(event: DeliveriesSent) -> None:
    """Test calls went out: the time to answer them runs from now on."""
    if went := [one.delivery_id for one in event.of_kind(TRIAL_KIND)]:
        count_from(deliveries=went, answer_within_min=oncall_settings(event.at).answer_within_min, at=event.at)


def on_trial_failed(event: DeliveryFailed) -> None:
    """A test call did not arrive."""
    fail_trial(delivery_id=event.delivery_id, reason=event.reason, now=event.at)


def on_trial_answered(event: ContactAnswered) -> None:
    """A test call was answered where it reached the person; what they answer is all the same."""
    trial = TrialCall.objects.filter(delivery_id=event.delivery_id).first()
    if trial is not None:
        answer_trial(trial=trial, now=event.at)
