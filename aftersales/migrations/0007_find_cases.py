"""Indexes for what lists of cases are narrowed by and searched for."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("aftersales", "0006_log_only_grows")]

    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=models.Q(("audited_at", None), _negated=True),
                fields=["-audited_at", "-id"],
                name="case_audited",
            ),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["type", "-created_at", "-id"], name="case_type_created"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["reason", "-created_at", "-id"], name="case_reason_created"),
        ),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(fields=["origin", "-created_at", "-id"], name="case_origin_created"),
        ),
        migrations.AddIndex(
            model_name="syncedreturn",
            index=models.Index(
                condition=models.Q(("tracking_number", ""), _negated=True),
                fields=["tracking_number"],
                name="return_tracking_number",
            ),
        ),
    ]
