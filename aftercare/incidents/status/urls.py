"""Addresses of the status pages: the files themselves, subscriptions, and where they are set."""

from django.urls import path, re_path

from aftercare.incidents.status import public_views, views

FILE = r"(?P<name>index\.html|en\.html|zh\.html|status\.json|en\.atom|zh\.atom)"
SECRET = r"(?P<secret>[A-Za-z0-9_-]{16,64})"  # noqa: S105 - a pattern

urlpatterns = [
    path("status-pages", views.status_pages, name="status_pages"),
    path("status-pages/public", views.public, name="status_public"),
    path("status-pages/private", views.private, name="status_private"),
    path("status-pages/components", views.components, name="status_components"),
    path("status/public/", public_views.public_file, name="status_page"),
    re_path(rf"^status/public/{FILE}$", public_views.public_file, name="status_file"),
    re_path(rf"^status/p/{SECRET}/$", public_views.private_file, name="private_page"),
    re_path(rf"^status/p/{SECRET}/{FILE}$", public_views.private_file, name="private_file"),
    path("subscriptions", public_views.ask, name="subscriptions"),
    path("subscriptions/<slug:ref>/<str:signature>", public_views.subscription, name="subscription"),
    path("subscriptions/<slug:ref>/<str:signature>/end", public_views.end, name="subscription_end"),
]
