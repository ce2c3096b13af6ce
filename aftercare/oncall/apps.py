from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.kernel.events import subscribe
from aftercare.notify.events import ContactAnswered, DeliveriesSent, DeliveryFailed
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "page.start": _("Began to page"),
    "page.raise": _("Raised the severity of a page"),
    "page.acknowledge": _("Took a page"),
    "page.escalate": _("Passed a page on"),
    "page.hand_over": _("Handed a page over"),
    "page.resolve": _("Resolved what a page is about"),
    "page.close": _("Ended a page"),
    "page.found_waiting": _("Found a page that nobody was told of"),
    "override.add": _("Added a stand-in"),
    "override.remove": _("Removed a stand-in"),
    "policy.save": _("Changed who is paged after whom"),
    "policy.default": _("Made an escalation policy the default"),
    "policy.delete": _("Deleted an escalation policy"),
    "rule.save": _("Said which pages go by which policy"),
    "rule.remove": _("Took away a rule for pages"),
    "management.save": _("Changed the management escalation"),
    "page.management": _("Told somebody above of a page"),
    "room.add": _("Added a room"),
    "room.remove": _("Removed a room"),
    "room.try": _("Sent a test to a room"),
    "rotation.save": _("Changed a rotation"),
    "rotation.customer": _("Gave a customer a rotation of its own"),
    "schedule.save": _("Changed a schedule"),
    "schedule.customer": _("Gave a customer a schedule of its own"),
    "change.add": _("Changed a schedule for a while"),
    "change.remove": _("Ended a change of a schedule"),
    "swap.ask": _("Asked for a swap"),
    "swap.take": _("Took a swap"),
    "swap.give_back": _("Gave a swap back"),
    "swap.withdraw": _("Withdrew a swap"),
    "feed.make": _("Made a calendar address"),
    "feed.remove": _("Took a calendar address back"),
    "shift.sign_in": _("Signed in for a shift"),
    "shift.note": _("Wrote a hand-over note"),
    "schedule.delete": _("Deleted a schedule"),
    "oncall.settings": _("Changed the settings of the on-call"),
}


class OncallConfig(AppConfig):
    name = "aftercare.oncall"
    label = "oncall"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to what becomes of our messages, and put a door in the rail."""
        from aftercare.notify.queries import (  # models can be imported only now
            ladders_are_cut_by,
            needed_by,
            reach_is_told_by,
        )
        from aftercare.oncall import subscriptions
        from aftercare.oncall.queries import deliveries_of_live_pages, shortest_wait_s
        from aftercare.oncall.queries.reachability import measured_reach

        name_actions(ACTIONS)
        needed_by(deliveries_of_live_pages)
        subscribe(DeliveriesSent, subscriptions.on_deliveries_sent)
        subscribe(DeliveryFailed, subscriptions.on_delivery_failed)
        subscribe(ContactAnswered, subscriptions.on_contact_answered)
        subscribe(DeliveriesSent, subscriptions.on_trials_sent)
        subscribe(DeliveryFailed, subscriptions.on_trial_failed)
        subscribe(ContactAnswered, subscriptions.on_trial_answered)
        reach_is_told_by(measured_reach)
        ladders_are_cut_by(shortest_wait_s)
        register(NavItem("oncall", _("On call"), "oncall:oncall", side="provider", order=40, letter="o"))
