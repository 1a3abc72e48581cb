"""The log of cases only grows: the database itself refuses to change or remove a row of it."""

from django.db import migrations

REFUSE = """
    CREATE FUNCTION refuse_change_of_case_log() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION 'The log of after-sales cases only grows: its rows are never changed or removed.'
            USING ERRCODE = 'restrict_violation';
    END $$;
    CREATE TRIGGER case_log_only_grows BEFORE UPDATE OR DELETE ON order_aftersales_log
        FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_case_log();
"""
ALLOW = """
    DROP TRIGGER case_log_only_grows ON order_aftersales_log;
    DROP FUNCTION refuse_change_of_case_log();
"""


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0005_cases")]

    operations = [migrations.RunSQL(REFUSE, ALLOW)]
