"""Addresses of what is said of incidents afterwards."""

from django.urls import path

from aftercare.incidents.review import report_views, views

urlpatterns = [
    path("incidents/<slug:ref>/review", views.review, name="review"),
    path("incidents/<slug:ref>/review/grade", views.grade, name="grade"),
    path("incidents/<slug:ref>/review/responsibility", views.responsibility, name="responsibility"),
    path("incidents/<slug:ref>/review/regulator", views.regulator, name="regulator"),
    path("incidents/<slug:ref>/review/follow-ups", views.follow_up, name="follow_up"),
    path("incidents/<slug:ref>/review/post-mortem", report_views.begin, name="begin_post_mortem"),
    path("follow-ups/<slug:ref>/end", views.end_follow_up, name="end_follow_up"),
    path("grading", views.grading, name="grading"),
    path("post-mortems", report_views.post_mortems, name="post_mortems"),
    path("post-mortems/<slug:ref>", report_views.one, name="post_mortem"),
    path("post-mortems/<slug:ref>/report.pdf", report_views.pdf, name="report_pdf"),
    path("post-mortems/<slug:ref>/state", report_views.state, name="post_mortem_state"),
    path("post-mortems/<slug:ref>/for/<slug:customer_ref>", report_views.reading, name="report_reading"),
    path("post-mortems/<slug:ref>/for/<slug:customer_ref>/report.pdf", report_views.pdf, name="report_reading_pdf"),
]
