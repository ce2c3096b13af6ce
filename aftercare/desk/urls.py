"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import asking, complaints, inbox, opening, presence, routing, ticket, tiers, writes

app_name = "desk"
urlpatterns = [
    path("tickets", inbox.inbox, name="inbox"),
    path("tickets/new", opening.new_ticket, name="new_ticket"),
    path("tickets/next", routing.take_next, name="next"),
    path("tickets/<slug:ref>", ticket.ticket_page, name="ticket"),
    path("tickets/<slug:ref>/thread", ticket.thread_part, name="thread"),
    path("tickets/<slug:ref>/evidence", ticket.evidence_part, name="evidence"),
    path("tickets/<slug:ref>/messages", writes.post_message, name="messages"),
    path("tickets/<slug:ref>/claim", writes.claim, name="claim"),
    path("tickets/<slug:ref>/assignment", writes.assign, name="assignment"),
    path("tickets/<slug:ref>/severity", writes.grade, name="severity"),
    path("tickets/<slug:ref>/solution", writes.solve, name="solution"),
    path("tickets/<slug:ref>/reopening", writes.reopen, name="reopening"),
    path("tickets/<slug:ref>/confirmation", writes.confirm, name="confirmation"),
    path("tickets/<slug:ref>/hand-over", tiers.up, name="hand_over"),
    path("tickets/<slug:ref>/return", tiers.back, name="return"),
    path("tickets/<slug:ref>/needs", tiers.needs, name="needs"),
    path("tickets/<slug:ref>/sessions", asking.sessions_part, name="sessions"),
    path("tickets/<slug:ref>/fields", asking.ask, name="fields"),
    path("tickets/<slug:ref>/answers", asking.answer, name="answers"),
    path("tickets/<slug:ref>/facts", asking.take_facts, name="facts"),
    path("tickets/<slug:ref>/logs", asking.ask_log, name="logs"),
    path("tickets/<slug:ref>/log-steps", asking.step_log, name="log_steps"),
    path("api/complaints", complaints.intake, name="complaints_intake"),
    path("complaints", complaints.complaints, name="complaints"),
    path("complaints/<slug:ref>/file", complaints.upload, name="complaints_upload"),
    path("complaints/<slug:ref>.csv", complaints.export, name="complaints_csv"),
    path("board", tiers.board, name="board"),
    path("presence", presence.presence, name="presence"),
    path("hours", presence.hours, name="hours"),
    path("hours.csv", presence.hours_csv, name="hours_csv"),
    path("routing", routing.routing, name="routing"),
    path("routing/people/<slug:ref>", routing.agent, name="agent"),
    path("routing/customers/<slug:ref>", routing.expert, name="expert"),
]
