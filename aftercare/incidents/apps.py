from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _

from aftercare.audit.words import name_actions
from aftercare.clocks.events import ClockBreached, ClockReached
from aftercare.clocks.words import name_kinds
from aftercare.desk.events import MessagePosted
from aftercare.kernel.events import subscribe
from aftercare.oncall.events import PageAcknowledged, PageEscalated, PageHandedOver, PageResolveAsked, PagesDelivered
from aftercare.watch.events import AlertClosed, AlertOpened, AlertsClosed, AlertsOpened, AlertsRaised
from aftercare.web.nav import NavItem, register

ACTIONS = {
    "incident.open": _("Opened an incident"),
    "incident.join": _("Joined an alert to an incident"),
    "incident.acknowledge": _("Acknowledged an incident"),
    "incident.note": _("Wrote a note on an incident"),
    "incident.resolve": _("Resolved an incident"),
    "incident.reopen": _("Opened an incident again"),
    "incident.declare": _("Opened an incident by hand"),
    "incident.customer_add": _("Noted that an incident touches a customer"),
    "incident.customer_remove": _("Noted that an incident does not touch a customer"),
    "incident.role": _("Gave a role in an incident"),
    "incident.mitigate": _("Noted that an incident's effect stopped"),
    "incident.task": _("Set a task in an incident"),
    "incident.task_done": _("Finished a task of an incident"),
    "template.save": _("Saved an update template"),
    "template.remove": _("Removed an update template"),
    "incident.task_change": _("Changed a task of an incident"),
    "incident.reword": _("Gave an incident another title"),
    "incident.severity": _("Changed the severity of an incident"),
    "incident.update": _("Told customers about an incident"),
    "change.draft": _("Drafted a change"),
    "change.edit": _("Edited a change"),
    "change.announce": _("Announced a change"),
    "change.move": _("Moved a change's window"),
    "change.postpone": _("Postponed a change"),
    "change.cancel": _("Cancelled a change"),
    "change.put_up": _("Put a change on the public status page"),
    "change.take_down": _("Took a change off the public status page"),
    "change.start": _("Began a change"),
    "change.finish": _("Finished a change"),
    "change.roll_back": _("Rolled a change back"),
    "change.customer_add": _("Noted that a change touches a customer"),
    "change.customer_remove": _("Noted that a change does not touch a customer"),
    "change.answer_confirm": _("Confirmed a change's window"),
    "change.answer_postpone": _("Asked to postpone a change"),
    "change.decline": _("Did not postpone a change for a customer"),
    "change.break_freeze": _("Let a change happen in a freeze"),
    "change.judge": _("Said whether a change caused an incident"),
    "change.rules": _("Set the rules of changes"),
    "freeze.declare": _("Declared a change freeze"),
    "freeze.lift": _("Lifted a change freeze"),
    "incident.rules": _("Changed the rules of grading and due times"),
    "incident.grade": _("Graded an incident"),
    "incident.responsibility": _("Said whose an incident was"),
    "incident.regulator": _("Noted the report to the regulator"),
    "incident.follow_up": _("Set a follow-up"),
    "incident.follow_up_done": _("Finished a follow-up"),
    "incident.follow_up_dropped": _("Dropped a follow-up"),
    "incident.post_mortem": _("Began a post-mortem"),
    "incident.post_mortem_save": _("Saved a post-mortem"),
    "incident.post_mortem_state": _("Moved a post-mortem on or back"),
    "incident.publish": _("Published an incident report"),
    "runbook.save": _("Saved a runbook"),
    "runbook.retire": _("Retired a runbook"),
    "runbook.run": _("Took up a runbook"),
    "runbook.step": _("Did a step of a runbook"),
    "runbook.undo": _("Took back a step of a runbook"),
    "drill.plan": _("Planned a drill"),
    "drill.end": _("Noted the result of a drill"),
    "assurance.plan": _("Planned an event assurance"),
    "assurance.change": _("Changed the plan of an event assurance"),
    "assurance.ready": _("Said whether an event assurance is ready"),
    "assurance.cancel": _("Called an event assurance off"),
    "assurance.begin": _("An event assurance began"),
    "assurance.close": _("An event assurance ended"),
    "assurance.rehearsal": _("Noted how a rehearsal went"),
    "assurance.item": _("Added to an event's checklist"),
    "assurance.item_done": _("Finished a thing on an event's checklist"),
    "assurance.item_open": _("Opened a thing on an event's checklist again"),
    "assurance.item_owner": _("Gave a thing on an event's checklist to somebody"),
    "assurance.rules": _("Chose tighter alert rules for an event"),
    "assurance.rule_removed": _("Left out a tighter alert rule of an event"),
    "assurance.duty": _("Put somebody on duty for an event"),
    "assurance.duty_removed": _("Took somebody off an event's duty"),
    "assurance.decision": _("Wrote into an event's log"),
    "assurance.lessons": _("Wrote what to keep of an event"),
    "assurance.publish": _("Published an event's summary, or took it back"),
    "assurance.checklist": _("Changed the checklist that events begin with"),
    "incident.locate": _("Found the cause of an incident"),
    "incident.widen": _("Found an incident's cause wider than it was"),
    "incident.customer_spare": _("Noted that an incident does not touch a customer of its cause"),
    "incident.put_up": _("Put an incident on the public status page"),
    "incident.withdraw": _("Took an incident off the public status page"),
    "status.public": _("Set the public status page"),
    "status.open": _("Opened a customer's status page"),
    "status.close": _("Closed a status page"),
    "status.renew": _("Gave a status page another address"),
    "status.component": _("Added a component to the status pages"),
    "status.component_remove": _("Took a component off the status pages"),
    "status.say": _("Said how a component is"),
    "silence.create": _("Silenced alerts"),
    "silence.end": _("Ended a silence"),
    "silence.move": _("Moved the end of a silence"),
    "inhibition.create": _("Made a rule of inhibition"),
    "inhibition.remove": _("Removed a rule of inhibition"),
    "incident.merge": _("Merged two incidents"),
    "incident.annotate": _("Wrote under a line of an incident"),
    "incident.annotation_change": _("Wrote an annotation anew"),
    "incident.annotation_withdraw": _("Withdrew an annotation"),
    "status.group_on": _("Let a group hear what changes on its status page"),
    "status.group_off": _("Told a group no more what changes on its status page"),
}

# Everything about trouble stands behind one door of the rail, in the order of use.
TABS = (
    NavItem("all_incidents", _("Incidents"), "incidents:incidents", side="both", order=0, behind="incidents"),
    NavItem("changes", _("Changes"), "incidents:changes", side="both", order=30, behind="incidents"),
    NavItem("post_mortems", _("Incident reports"), "incidents:post_mortems", side="both", order=50, behind="incidents"),
    NavItem("runbooks", _("Runbooks"), "incidents:runbooks", "act_on_incidents", "provider", 52, behind="incidents"),
    NavItem("drills", _("Drills"), "incidents:drills", "act_on_incidents", "provider", 54, behind="incidents"),
    NavItem("grading", _("Grading"), "incidents:grading", "manage_oncall", "provider", 56, behind="incidents"),
    NavItem("assurances", _("Event assurance"), "incidents:assurances", side="both", order=60, behind="incidents"),
    NavItem("status_pages", _("Status pages"), "incidents:status_pages", side="both", order=40, behind="incidents"),
    NavItem("figures", _("Figures"), "incidents:figures", side="provider", order=70, behind="incidents"),
    NavItem(
        "update_templates",
        _("Update templates"),
        "incidents:update_templates",
        "act_on_incidents",
        "provider",
        45,
        behind="incidents",
    ),
    NavItem("silences", _("Silences"), "incidents:silences", side="provider", order=35, behind="incidents"),
)


class IncidentsConfig(AppConfig):
    name = "aftercare.incidents"
    label = "incidents"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Listen to the rooms below and put two doors in the rail."""
        from aftercare.incidents import handing_over, handlers  # models can be imported only now
        from aftercare.incidents.changes.on_pages import planned_changes
        from aftercare.incidents.events import EntryWritten
        from aftercare.incidents.review import duty, impact
        from aftercare.incidents.status import subscribing
        from aftercare.incidents.status.planned import planned_is_told_by
        from aftercare.incidents.telling import promise
        from aftercare.notify.actions import links_are_told_by
        from aftercare.oncall.queries import told_in_notes

        subscribe(AlertOpened, handlers.on_alert_opened)
        subscribe(AlertClosed, handlers.on_alert_closed)
        subscribe(AlertsOpened, handlers.on_alerts_opened)
        subscribe(AlertsRaised, handlers.on_alerts_raised)
        subscribe(AlertsClosed, handlers.on_alerts_closed)
        subscribe(PageAcknowledged, handlers.on_page_acknowledged)
        subscribe(PagesDelivered, handlers.on_pages_delivered)
        subscribe(PageEscalated, handlers.on_page_escalated)
        subscribe(ClockReached, promise.on_clock_reached)
        subscribe(ClockBreached, promise.on_clock_breached)
        name_kinds({promise.UPDATE_CLOCK: promise.LABEL})
        subscribe(PageHandedOver, handlers.on_page_handed_over)
        subscribe(PageResolveAsked, handlers.on_page_resolve_asked)
        subscribe(MessagePosted, handlers.on_message_posted)
        subscribe(EntryWritten, impact.on_entry_written)
        subscribe(EntryWritten, duty.on_entry_written)
        subscribe(ClockReached, duty.on_clock_reached)
        subscribe(ClockBreached, duty.on_clock_breached)
        name_kinds({kind: _(label) for kind, label in duty.LABELS.items()})
        told_in_notes(handing_over.lines)
        name_actions(ACTIONS)
        register(NavItem("now", _("Now"), "incidents:now", side="both", order=0, letter="n"))
        register(NavItem("incidents", _("Incidents"), "", side="both", order=10, letter="i"))
        for tab in TABS:
            register(tab)
        for kind in (subscribing.CONFIRM, subscribing.UPDATE):
            links_are_told_by(kind, subscribing.links_of)
        planned_is_told_by(planned_changes)
