"""Addresses of the status pages: the files themselves, subscriptions, and where they are set."""

from django.urls import path

from aftercare.incidents.status import public_views, views

urlpatterns = [
    path("status-pages", views.status_pages, name="status_pages"),
    path("status-pages/public", views.public, name="status_public"),
    path("status-pages/private", views.private, name="status_private"),
    path("status-pages/components", views.components, name="status_components"),
    path("status-pages/groups", views.groups, name="status_groups"),
    path("status/public/", public_views.public_file, name="status_page"),
    path("status/public/<str:name>", public_views.public_file, name="status_file"),
    path("status/p/<slug:secret>/", public_views.private_file, name="private_page"),
    path("status/p/<slug:secret>/<str:name>", public_views.private_file, name="private_file"),
    path("subscriptions", public_views.ask, name="subscriptions"),
    path("subscriptions/<slug:ref>/<str:signature>", public_views.subscription, name="subscription"),
    path("subscriptions/<slug:ref>/<str:signature>/end", public_views.end, name="subscription_end"),
]
