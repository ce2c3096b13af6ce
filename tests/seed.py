"""Puts the tests' cast into the database of a running server (AFTERCARE_DATA says which) and prints its keys."""

import json
import os

import django

os.environ["DJANGO_SETTINGS_MODULE"] = "aftercare.settings"
django.setup()

from tests.world import make_world  # noqa: E402 - models exist only now

if __name__ == "__main__":
    world = make_world()
    print(
        json.dumps(
            {
                "show_secret": world.show_secret,
                "social_secret": world.social_secret,
                "node_secret": world.node_secret,
                "show": world.show.pk,
                "show_app": world.show_app.pk,
                "show_app_ref": world.show_app.ref,
                "social": world.social.pk,
                "social_app": world.social_app.pk,
            }
        )
    )
