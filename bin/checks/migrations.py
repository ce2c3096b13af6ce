"""Every change of the models has its migration. Needs no database: the files alone are compared."""

import os
import sys

import django
from django.apps import apps
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState


def problems() -> list[str]:
    """One sentence per change that no migration makes, or per fork in a room's migrations."""
    loader = MigrationLoader(None)
    found = [f"{room} has two last migrations: {names}" for room, names in loader.detect_conflicts().items()]
    changes = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    for room, migrations in changes.items():
        found += [f"{room} has no migration for: {step.describe()}" for m in migrations for step in m.operations]
    return found


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "aftercare.settings")
    django.setup()
    sys.exit("\n".join(problems()) or 0)
