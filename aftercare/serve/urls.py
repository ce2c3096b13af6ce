"""The demo's addresses; outside a demo there are none."""

from django.conf import settings
from django.urls import path

from aftercare.serve import views

app_name = "serve"
urlpatterns = (
    [
        path("demo/enter/<slug:person>", views.enter, name="enter"),
        path("demo/as/<slug:person>", views.enter_as, name="enter_as"),
        path("try", views.try_stream, name="try"),
        path("try/story", views.story_part, name="try_story"),
    ]
    if settings.IS_DEMO
    else []
)
