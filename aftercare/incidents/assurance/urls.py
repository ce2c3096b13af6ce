"""Addresses of assurances."""

from django.urls import path

from aftercare.incidents.assurance import deeds, views

urlpatterns = [
    path("assurance", views.assurance_list, name="assurances"),
    path("assurance/new", views.assurance_new, name="new_assurance"),
    path("assurance/checklist", views.checklist, name="assurance_checklist"),
    path("assurance/<slug:ref>", views.assurance_page, name="assurance"),
    path("assurance/<slug:ref>/plan", views.assurance_plan, name="assurance_plan"),
    path("assurance/<slug:ref>/board", views.board, name="assurance_board"),
    path("assurance/<slug:ref>/board/live", views.board_live, name="assurance_board_live"),
    path("assurance/<slug:ref>/summary", views.summary, name="assurance_summary"),
    path("assurance/<slug:ref>/summary.pdf", views.summary_document, name="assurance_summary_pdf"),
    path("assurance/<slug:ref>/readiness", deeds.ready, name="assurance_readiness"),
    path("assurance/<slug:ref>/cancellation", deeds.cancellation, name="assurance_cancellation"),
    path("assurance/<slug:ref>/ending", deeds.ending, name="assurance_ending"),
    path("assurance/<slug:ref>/rehearsal", deeds.rehearsal, name="assurance_rehearsal"),
    path("assurance/<slug:ref>/items", deeds.items, name="assurance_items"),
    path("assurance/<slug:ref>/items/done", deeds.item_done, name="assurance_item_done"),
    path("assurance/<slug:ref>/items/open", deeds.item_open, name="assurance_item_open"),
    path("assurance/<slug:ref>/items/owner", deeds.item_owner, name="assurance_item_owner"),
    path("assurance/<slug:ref>/rules", deeds.rules, name="assurance_rules"),
    path("assurance/<slug:ref>/rules/removal", deeds.rule_removal, name="assurance_rule_removal"),
    path("assurance/<slug:ref>/duty", deeds.duty_joins, name="assurance_duty"),
    path("assurance/<slug:ref>/duty/removal", deeds.duty_removal, name="assurance_duty_removal"),
    path("assurance/<slug:ref>/decisions", deeds.decisions, name="assurance_decisions"),
    path("assurance/<slug:ref>/lessons", deeds.lessons, name="assurance_lessons"),
    path("assurance/<slug:ref>/publication", deeds.publication, name="assurance_publication"),
]
