from django.db import migrations, models

# A claimed ticket has no new words: only its document's columns are written, in the place they have on their page.
TRIGGER = """
create or replace function desk_ticket_unindexed() returns trigger language plpgsql as $$
begin
    insert into desk_unindexed (kind, subject_id, is_wordless) values (1, new.id, tg_op = 'UPDATE' and
        (old.title, old.title_zh, old.contact_id) is not distinct from (new.title, new.title_zh, new.contact_id));
    return null;
end $$;
alter table desk_document set (fillfactor = 90);
"""
TRIGGER_BEFORE = """
create or replace function desk_ticket_unindexed() returns trigger language plpgsql as $$
begin
    insert into desk_unindexed (kind, subject_id) values (1, new.id);
    return null;
end $$;
alter table desk_document reset (fillfactor);
"""


class Migration(migrations.Migration):
    dependencies = [("desk", "0012_one_of_each")]

    operations = [
        migrations.AddField(
            model_name="unindexed",
            name="is_wordless",
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunSQL(TRIGGER, TRIGGER_BEFORE),
    ]
