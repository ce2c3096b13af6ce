"""Addresses of changes, freezes and suspects."""

from django.urls import path

from aftercare.incidents.changes import deeds, draft_views, freeze_views, views

urlpatterns = [
    path("changes", views.change_list, name="changes"),
    path("changes/new", draft_views.change_new, name="new_change"),
    path("changes/affected", draft_views.affected_part, name="change_affected"),
    path("changes/rules", freeze_views.change_rules_page, name="change_rules"),
    path("changes/freezes", freeze_views.freeze_list, name="freezes"),
    path("changes/freezes/<slug:ref>/lifting", freeze_views.freeze_lifting, name="freeze_lifting"),
    path("changes/of-ticket/<slug:ref>", views.of_ticket, name="change_of_ticket"),
    path("changes/<slug:ref>", views.change_page, name="change"),
    path("changes/<slug:ref>/edit", draft_views.change_edit, name="change_edit"),
    path("changes/<slug:ref>/announcement", deeds.announce, name="change_announcement"),
    path("changes/<slug:ref>/window", deeds.move, name="change_window"),
    path("changes/<slug:ref>/postponement", deeds.postpone, name="change_postponement"),
    path("changes/<slug:ref>/cancellation", deeds.cancel, name="change_cancellation"),
    path("changes/<slug:ref>/start", deeds.start, name="change_start"),
    path("changes/<slug:ref>/end", deeds.end, name="change_end"),
    path("changes/<slug:ref>/customers", deeds.touch, name="change_customers"),
    path("changes/<slug:ref>/customers/removal", deeds.let_go, name="change_customer_removal"),
    path("changes/<slug:ref>/answer", deeds.answer, name="change_answer"),
    path("changes/<slug:ref>/refusal", deeds.decline, name="change_refusal"),
    path("changes/<slug:ref>/public", deeds.public, name="change_public"),
    path("incidents/<slug:ref>/suspects", deeds.judge, name="suspects"),
]
