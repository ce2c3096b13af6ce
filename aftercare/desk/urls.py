"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import bulk, inbox, macros, opening, organising, saved, search, ticket, writes

app_name = "desk"
urlpatterns = [
    path("tickets", inbox.inbox, name="inbox"),
    path("tickets/search", search.search, name="search"),
    path("tickets/views", saved.save_view, name="save_view"),
    path("tickets/views/counts", saved.view_counts, name="view_counts"),
    path("tickets/views/<slug:ref>/removal", saved.remove_view, name="remove_view"),
    path("tickets/bulk", bulk.bulk, name="bulk"),
    path("tickets/macros", macros.macros, name="macros"),
    path("tickets/macros/<slug:ref>", macros.change_macro, name="macro"),
    path("tickets/macros/<slug:ref>/removal", macros.remove_macro, name="remove_macro"),
    path("tickets/fields", macros.fields, name="fields"),
    path("tickets/new", opening.new_ticket, name="new_ticket"),
    path("tickets/<slug:ref>", ticket.ticket_page, name="ticket"),
    path("tickets/<slug:ref>/thread", ticket.thread_part, name="thread"),
    path("tickets/<slug:ref>/evidence", ticket.evidence_part, name="evidence"),
    path("tickets/<slug:ref>/look", organising.look, name="look"),
    path("tickets/<slug:ref>/macro/<slug:macro_ref>", macros.macro_words, name="macro_words"),
    path("tickets/<slug:ref>/tags", organising.tag, name="tags"),
    path("tickets/<slug:ref>/fields", organising.answer_fields, name="answers"),
    path("tickets/<slug:ref>/watching", organising.watch, name="watching"),
    path("tickets/<slug:ref>/snooze", organising.snooze, name="snooze"),
    path("tickets/<slug:ref>/reminders", organising.remind, name="reminders"),
    path("tickets/<slug:ref>/merge", organising.merge, name="merge"),
    path("tickets/<slug:ref>/split", organising.split, name="split"),
    path("tickets/<slug:ref>/move-undone", organising.undo, name="undo_move"),
    path("tickets/<slug:ref>/parent", organising.parent, name="parent"),
    path("tickets/<slug:ref>/family-answer", organising.answer_all, name="family_answer"),
    path("tickets/<slug:ref>/messages", writes.post_message, name="messages"),
    path("tickets/<slug:ref>/claim", writes.claim, name="claim"),
    path("tickets/<slug:ref>/assignment", writes.assign, name="assignment"),
    path("tickets/<slug:ref>/severity", writes.grade, name="severity"),
    path("tickets/<slug:ref>/solution", writes.solve, name="solution"),
    path("tickets/<slug:ref>/reopening", writes.reopen, name="reopening"),
    path("tickets/<slug:ref>/confirmation", writes.confirm, name="confirmation"),
]
