"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import green, group_writes, groups, inbox, opening, ticket, writes

app_name = "desk"
urlpatterns = [
    path("tickets", inbox.inbox, name="inbox"),
    path("tickets/new", opening.new_ticket, name="new_ticket"),
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
    path("tickets/<slug:ref>/emergency", green.emergency_part, name="emergency"),
    path("tickets/<slug:ref>/downgrade", green.downgrade, name="downgrade"),
    path("green", green.green, name="green"),
    path("green/<slug:ref>", green.green_call, name="green_call"),
    path("api/green", green.green_api, name="green_api"),
    path("customers/<slug:ref>/emergencies", green.customer_calls, name="customer_calls"),
    path("groups", groups.group_list, name="groups"),
    path("groups/new", group_writes.group_form, name="new_group"),
    path("groups/<slug:ref>", groups.group_page, name="group"),
    path("groups/<slug:ref>/thread", groups.group_thread, name="group_thread"),
    path("groups/<slug:ref>/messages", group_writes.post_message, name="group_messages"),
    path("groups/<slug:ref>/messages/<slug:message>/ticket", group_writes.make_ticket, name="group_ticket"),
    path("groups/<slug:ref>/waiver", group_writes.waive, name="group_waiver"),
    path("groups/<slug:ref>/settings", group_writes.group_form, name="group_settings"),
]
