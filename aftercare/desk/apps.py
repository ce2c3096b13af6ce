from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.accounts.events import PersonDeactivated, UserDataRequested
from aftercare.audit.words import name_actions
from aftercare.clocks.events import ClockBreached, ClockReached, ClockStopped
from aftercare.clocks.words import name_kinds
from aftercare.desk.events import MessagePosted, TicketOpened, TicketSolved
from aftercare.kernel.events import subscribe
from aftercare.notify.events import DeliveryFailed
from aftercare.oncall.events import PageAcknowledged, PageEscalated, PageHandedOver, PageResolveAsked, PagesDelivered
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "ticket.open": _("Opened a ticket"),
    "ticket.reply": _("Replied in a ticket"),
    "ticket.note": _("Wrote an internal note"),
    "ticket.tell": _("Told a ticket what happened"),
    "ticket.claimed": _("Claimed a ticket"),
    "ticket.assigned": _("Handed a ticket over"),
    "ticket.solved": _("Marked a ticket solved"),
    "ticket.reopened": _("Opened a ticket again"),
    "ticket.closed": _("Confirmed and closed a ticket"),
    "ticket.merged": _("Merged tickets"),
    "ticket.merge_undone": _("Undid a merge of tickets"),
    "ticket.split": _("Split a ticket"),
    "ticket.split_undone": _("Undid the split of a ticket"),
    "ticket.snoozed": _("Let a ticket sleep"),
    "ticket.woke": _("Woke a ticket up"),
    "ticket.tag": _("Tagged a ticket"),
    "ticket.field": _("Filled in a field of a ticket"),
    "ticket.watch": _("Began to watch a ticket"),
    "ticket.leave": _("Stopped watching a ticket"),
    "message.change": _("A message was edited or taken back"),
    "ticket.remind": _("Set a reminder for a ticket"),
    "ticket.parent": _("Put a ticket under a parent"),
    "field.change": _("Changed a field of tickets"),
    "view.save": _("Kept a view of the inbox"),
    "view.remove": _("Took a view of the inbox away"),
    "macro.save": _("Kept a macro"),
    "macro.remove": _("Took a macro away"),
    "ticket.rename": _("Renamed a ticket"),
    "ticket.severity": _("Graded a ticket"),
    "ticket.rate": _("Rated a solution"),
    "ticket.follow": _("Followed a ticket"),
    "ticket.unfollow": _("Stopped following a ticket"),
    "ticket.tell_apart": _("Told two tickets apart"),
    "ticket.export": _("Exported tickets"),
    "call_back.plan": _("Planned a call-back"),
    "call_back.record": _("Recorded a call-back"),
    "group.message": _("Spoke in a service group"),
    "group.add": _("Added a service group"),
    "group.change": _("Changed a service group"),
    "group.ticket": _("Made a ticket of a group's message"),
    "group.waive": _("Said that a service group is owed no answer"),
    "group.remind": _("Reminded of a service group that waits"),
    "group.overdue": _("A service group was not answered in time"),
    "emergency.raise": _("Called the green channel"),
    "emergency.downgrade": _("Graded an emergency down"),
    "group.hand_over": _("Handed a reply to the WeCom sidebar"),
    "wecom.add": _("Added a WeCom account"),
    "wecom.change": _("Changed a WeCom account"),
    "wecom.consent": _("Wrote down an answer about archiving"),
    "contact.link": _("Linked a WeCom user with a colleague"),
    "matrix.add": _("Connected a Matrix homeserver"),
    "matrix.registration": _("Took a Matrix registration file"),
    "group.dismiss": _("Dismissed a chat that is no service group"),
    "mail.place": _("Placed a mail with a customer"),
    "mail.drop": _("Put a mail away"),
    "mail.domain": _("Gave a mail domain to a customer"),
    "mail.domain_removed": _("Took a mail domain from a customer"),
    "mailbox.add": _("Added a mailbox"),
    "mailbox.change": _("Changed a mailbox"),
    "mailbox.open": _("Ended a mailbox's import"),
    "chat.begin": _("Began to chat"),
    "chat.address": _("Said where the chat's answers are mailed"),
    "chat.widget.add": _("Added a chat widget"),
    "chat.widget.change": _("Changed a chat widget"),
    "chat.widget.secret": _("Renewed a chat widget's secret"),
    "presence.set": _("Came to the desk, or left it"),
    "presence.silent": _("Was taken off the desk: the console went silent"),
    "ticket.handed_over": _("Handed a ticket up a tier"),
    "ticket.returned": _("Brought a ticket back with an answer"),
    "ticket.needs": _("Said what a ticket needs"),
    "ticket.fields_asked": _("Asked a customer for what is needed to look"),
    "ticket.fields_answered": _("Filled in what was asked"),
    "ticket.facts_found": _("Filled fields from a session"),
    "log.move": _("Moved a request for an SDK log on"),
    "complaint.upload": _("Uploaded users' complaints"),
    "complaint.erase": _("Erased a user's complaints"),
    "call.log": _("Wrote down a phone call"),
    "call_back.promise": _("Promised to call back"),
    "call_back.done": _("Called back"),
    "defect.tell": _("Told a defect tracker"),
    "desk_account.add": _("Added a call centre or tracker"),
    "desk_account.enable": _("Took a call centre or tracker in use"),
    "desk_account.disable": _("Took a call centre or tracker out of use"),
    "agent.save": _("Said what a person takes"),
    "agent.remove": _("Took a person out of routing"),
    "expert.set": _("Named a customer's expert"),
}

CLOCKS = {
    "group_reply": _("First reply in the group"),
    "green_answer": _("Answer to an emergency"),
    "chat_reply": _("Chat answer"),
    "handover_t2": _("Answer of tier 2"),
    "handover_rd": _("Answer of R&D"),
}


# The ways in that have pages of their own, as tabs behind one door.
CHANNELS = (
    NavItem("chat", _("Web chat"), "desk:chat_widgets", "manage_accounts", "provider", 1, behind="channels"),
    NavItem("mailboxes", _("Mailboxes"), "desk:mailboxes", "manage_accounts", "provider", 2, behind="channels"),
    NavItem("wecom", _("WeCom"), "desk:wecom_accounts", "manage_staff", "provider", 3, behind="channels"),
    NavItem("matrix", "Matrix", "desk:homeservers", "manage_staff", "provider", 4, behind="channels"),
)


class DeskConfig(AppConfig):
    name = "aftercare.desk"
    label = "desk"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the rooms below and to itself, name what it does, and put the desk's doors in the rail."""
        # Models can be imported only now.
        from aftercare.desk import (
            access,
            following,
            green_handlers,
            hearing,
            inner_clocks,
            inward,
            reminders,
            subscriptions,
            telling,
            undelivered,
        )
        from aftercare.desk.chat import subscriptions as chats
        from aftercare.desk.complaints.exporting import lines_of_user
        from aftercare.desk.mail.reading import read_mail
        from aftercare.desk.vendors import matrix, readers, wecom_customer, wecom_kf
        from aftercare.notify import webhooks
        from aftercare.telemetry.actions.user_data import export_also

        inward.read_with("email", read_mail)
        inward.read_with("matrix", matrix.read)
        inward.read_with("wecom_customer", wecom_customer.read)
        inward.read_with("wecom_kf", wecom_kf.read)
        readers.register()
        subscribe(DeliveryFailed, undelivered.on_delivery_failed)
        inward.read_with("webhook", hearing.read_webhook)
        name_actions(ACTIONS)
        name_kinds(CLOCKS)
        webhooks.name_kinds(telling.KINDS)
        subscribe(TicketOpened, telling.on_ticket_opened)
        subscribe(TicketSolved, telling.on_ticket_solved)
        subscribe(MessagePosted, telling.on_message_posted)
        subscribe(ClockReached, subscriptions.on_clock_reached)
        subscribe(ClockReached, reminders.on_clock_reached)
        subscribe(ClockBreached, reminders.on_clock_breached)
        subscribe(ClockStopped, reminders.on_clock_stopped)
        subscribe(ClockReached, inner_clocks.on_clock_reached)
        subscribe(ClockBreached, inner_clocks.on_clock_breached)
        subscribe(ClockStopped, inner_clocks.on_clock_stopped)
        subscribe(ClockBreached, green_handlers.on_clock_breached)
        subscribe(PagesDelivered, green_handlers.on_pages_delivered)
        subscribe(PageEscalated, green_handlers.on_page_escalated)
        subscribe(PageHandedOver, green_handlers.on_page_handed_over)
        subscribe(PageResolveAsked, green_handlers.on_page_resolve_asked)
        subscribe(PageAcknowledged, green_handlers.on_page_acknowledged)
        subscribe(MessagePosted, green_handlers.on_message_posted)
        subscribe(TicketSolved, green_handlers.on_ticket_solved)
        subscribe(MessagePosted, chats.on_message_posted)
        subscribe(TicketSolved, chats.on_ticket_solved)
        register(
            NavItem("groups", _("Service groups"), "desk:groups", order=13, icon="people", exists_for=access.has_groups)
        )
        register(NavItem("tickets", _("Tickets"), "desk:inbox", side="both", order=12, letter="t"))
        register(
            NavItem(
                "mails", _("Mails to place"), "desk:aside_mails", "reply_to_tickets", "provider", 14, "notifications"
            )
        )
        for tab in CHANNELS:
            register(tab)
        register(
            NavItem("complaints", _("Users' complaints"), "desk:complaints", "see_telemetry", "customer", 25, "tickets")
        )
        subscribe(TicketOpened, following.follow_opening)
        subscribe(MessagePosted, following.follow_message)
        subscribe(TicketSolved, following.follow_solution)
        subscribe(PersonDeactivated, following.follow_leaving)
        subscribe(UserDataRequested, following.follow_erasure)
        export_also(lines_of_user)
