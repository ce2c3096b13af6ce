"""Addresses of the desk."""

from django.urls import path

from aftercare.desk.views import inbox, opening, presence, ticket, writes
from aftercare.desk.views.chat import agent, listening, page, visitor, widgets

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
    path("tickets/<slug:ref>/chat", agent.answer, name="chat_answer"),
    path("tickets/<slug:ref>/chat/typing", agent.typing, name="chat_answer_typing"),
    path("tickets/<slug:ref>/chat/reading", agent.reading, name="chat_answer_reading"),
    path("tickets/<slug:ref>/files/<slug:file_ref>", agent.file, name="file"),
    path("presence", presence.presence, name="presence"),
    path("settings/chat", widgets.widget_list, name="chat_widgets"),
    path("settings/chat/new", widgets.widget_form, name="chat_widget_new"),
    path("settings/chat/<slug:ref>", widgets.widget_form, name="chat_widget"),
    path("settings/chat/<slug:ref>/secret", widgets.widget_secret, name="chat_widget_secret"),
    path("chat/<slug:site_key>.js", page.loader, name="chat_loader"),
    path("chat/<slug:site_key>", page.page, name="chat"),
    path("chat/<slug:site_key>/state", visitor.state, name="chat_state"),
    path("chat/<slug:site_key>/session", visitor.session, name="chat_session"),
    path("chat/<slug:site_key>/messages", visitor.messages, name="chat_messages"),
    path("chat/<slug:site_key>/stream", listening.listening, name="chat_stream"),
    path("chat/<slug:site_key>/typing", visitor.typing, name="chat_typing"),
    path("chat/<slug:site_key>/reading", visitor.reading, name="chat_reading"),
    path("chat/<slug:site_key>/files", visitor.files, name="chat_files"),
    path("chat/<slug:site_key>/files/<slug:ref>", visitor.file, name="chat_file"),
]
