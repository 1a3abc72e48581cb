"""Lets the database note how many tasks each statement brought into a state or out of it.

Done there and not in Python, because tasks are written in bulk and at several places, and a number that one of them
forgets stays wrong for good. Each statement adds rows of its own, so that nobody waits for a row of somebody else.
"""

from django.db import migrations

CREATE = """
CREATE FUNCTION tally_enrichment() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'INSERT' THEN
        INSERT INTO syncjobs_enrichmenttally (shop_id, status, count)
        SELECT shop_id, status, count(*) FROM new_tasks GROUP BY shop_id, status;
    ELSIF TG_OP = 'DELETE' THEN
        INSERT INTO syncjobs_enrichmenttally (shop_id, status, count)
        SELECT shop_id, status, -count(*) FROM old_tasks GROUP BY shop_id, status;
    ELSE
        INSERT INTO syncjobs_enrichmenttally (shop_id, status, count)
        SELECT shop_id, status, sum(n) FROM (
            SELECT shop_id, status, 1 AS n FROM new_tasks UNION ALL SELECT shop_id, status, -1 FROM old_tasks
        ) AS moved GROUP BY shop_id, status HAVING sum(n) <> 0;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER enrichment_tally_insert AFTER INSERT ON syncjobs_enrichmenttask
    REFERENCING NEW TABLE AS new_tasks FOR EACH STATEMENT EXECUTE FUNCTION tally_enrichment();
CREATE TRIGGER enrichment_tally_delete AFTER DELETE ON syncjobs_enrichmenttask
    REFERENCING OLD TABLE AS old_tasks FOR EACH STATEMENT EXECUTE FUNCTION tally_enrichment();
CREATE TRIGGER enrichment_tally_update AFTER UPDATE ON syncjobs_enrichmenttask
    REFERENCING OLD TABLE AS old_tasks NEW TABLE AS new_tasks
    FOR EACH STATEMENT EXECUTE FUNCTION tally_enrichment();
"""
DROP = """
DROP TRIGGER IF EXISTS enrichment_tally_insert ON syncjobs_enrichmenttask;
DROP TRIGGER IF EXISTS enrichment_tally_delete ON syncjobs_enrichmenttask;
DROP TRIGGER IF EXISTS enrichment_tally_update ON syncjobs_enrichmenttask;
DROP FUNCTION tally_enrichment();
"""


class Migration(migrations.Migration):

    dependencies = [("syncjobs", "0012_enrichment")]

    operations = [migrations.RunSQL(CREATE, DROP)]
