"""What a PostgreSQL database's schema is made of, so that two can be compared."""

import psycopg

# What PostgreSQL or Django names by itself (a unique column's key) counts by what it says, not by its name.
PARTS = {
    "columns": """
        select table_name, column_name, udt_name, is_nullable, column_default, is_identity, character_maximum_length,
               numeric_precision, numeric_scale
        from information_schema.columns where table_schema = 'public'
    """,
    "constraints": """
        select conrelid::regclass::text, pg_get_constraintdef(oid), case when contype = 'u' then '' else conname end
        from pg_constraint where connamespace = 'public'::regnamespace
    """,
    "indexes": """
        select regexp_replace(indexdef, 'INDEX \\S+_(key|uniq) ON', 'INDEX ON')
        from pg_indexes where schemaname = 'public'
    """,
    "triggers": "select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal",
    "functions": "select pg_get_functiondef(oid) from pg_proc where pronamespace = 'public'::regnamespace",
    "options": "select relname, reloptions from pg_class where relnamespace = 'public'::regnamespace and relkind = 'r'",
    "migrations": "select app, name from django_migrations",
}


def schema_of(url: str) -> dict[str, list[str]]:
    """Each part's rows as text, in order."""
    with psycopg.connect(url) as connection:
        return {part: sorted(str(row) for row in connection.execute(asked)) for part, asked in PARTS.items()}
