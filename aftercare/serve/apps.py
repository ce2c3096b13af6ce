from django.apps import AppConfig


class ServeConfig(AppConfig):
    name = "aftercare.serve"
    label = "serve"
