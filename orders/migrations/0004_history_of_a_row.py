"""Lets the page of a row read what staff did to it, however much they did to all others."""

from django.db import migrations

# The table belongs to Django, whose own pages of history ask for the same two columns and have no index for them.
CREATE = "CREATE INDEX IF NOT EXISTS admin_log_of_a_row ON django_admin_log (content_type_id, object_id)"
DROP = "DROP INDEX IF EXISTS admin_log_of_a_row"


class Migration(migrations.Migration):

    dependencies = [
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("orders", "0003_fewer_indexes"),
    ]

    operations = [migrations.RunSQL(CREATE, DROP)]
