"""The table of the shared cache: sign-in is throttled across processes and restarts."""

from django.db import migrations

CREATE = """
create unlogged table if not exists aftercare_cache (
    cache_key varchar(255) primary key,
    value text not null,
    expires timestamptz not null
);
create index if not exists aftercare_cache_expires on aftercare_cache (expires);
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]

    operations = [migrations.RunSQL(CREATE, "drop table aftercare_cache")]
