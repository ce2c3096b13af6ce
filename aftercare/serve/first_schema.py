"""The first schema of an empty database: every table as the models say, in one step.

A hundred migrations one after another take most of a minute, because Django draws its models anew between them, and
whoever starts for the first time has no rows from before them. The tables are made from the models, then what
migrations say in SQL beside them (triggers, the cache's table), then all are recorded as applied, in one transaction.
That both ways lead to the same schema is held by `tests/store/test_postgres15.py`.
"""

from django.apps import apps
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.operations import RunSQL
from django.db.migrations.state import ProjectState


def make_at_once() -> None:
    """Make all tables where no migration has ever run; elsewhere nothing is done."""
    executor = MigrationExecutor(connection)
    if executor.loader.applied_migrations:
        return
    plan = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    with transaction.atomic():
        with connection.schema_editor() as editor:
            for model in apps.get_models():
                if model._meta.can_migrate(connection):
                    editor.create_model(model)
        with connection.schema_editor() as editor:
            for migration in plan:
                for operation in migration.operations:
                    # What is elidable changes rows, and there are none.
                    if isinstance(operation, RunSQL) and not operation.elidable:
                        operation.database_forwards(migration.app_label, editor, ProjectState(), ProjectState())
        executor.recorder.ensure_schema()
        for migration in plan:
            executor.recorder.record_applied(migration.app_label, migration.name)
