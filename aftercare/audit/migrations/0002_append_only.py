"""What was done stays written: the database itself refuses to change or remove a row of the audit."""

from django.db import migrations

GUARD = """
create function audit_is_append_only() returns trigger language plpgsql as $$
begin
    raise exception 'the audit is append-only: % is refused', tg_op using errcode = 'insufficient_privilege';
end
$$;
create trigger audit_entry_no_change before update or delete on audit_entry
    for each row execute function audit_is_append_only();
create trigger audit_entry_no_truncate before truncate on audit_entry
    for each statement execute function audit_is_append_only();
"""

UNGUARD = """
drop trigger audit_entry_no_truncate on audit_entry;
drop trigger audit_entry_no_change on audit_entry;
drop function audit_is_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [migrations.RunSQL(GUARD, UNGUARD)]
