"""An index for the tracking numbers of replacements, by which their cases are searched for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0011_say_what_permissions_allow")]

    operations = [
        migrations.AddIndex(
            model_name="exchange",
            index=models.Index(
                condition=models.Q(("tracking_number", ""), _negated=True),
                fields=["tracking_number"],
                name="exchange_tracking_number",
            ),
        ),
    ]
