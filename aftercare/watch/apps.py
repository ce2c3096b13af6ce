from django.apps import AppConfig


class WatchConfig(AppConfig):
    name = "aftercare.watch"
    label = "watch"
    default_auto_field = "django.db.models.BigAutoField"
