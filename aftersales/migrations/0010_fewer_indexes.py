"""Indexes that no list, search or sweep uses, and a column that nothing reads."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("aftersales", "0009_looks_for_answers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveIndex(
            model_name="selleranswer",
            name="answer_open",
        ),
        migrations.RemoveField(
            model_name="aftersalessettings",
            name="version",
        ),
        migrations.AlterField(
            model_name="case",
            name="audited_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reviewed by",
            ),
        ),
        migrations.AlterField(
            model_name="caseline",
            name="case",
            field=models.ForeignKey(
                db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name="lines", to="aftersales.case"
            ),
        ),
        migrations.AlterField(
            model_name="exchange",
            name="carrier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aftersales.carrier",
            ),
        ),
        migrations.AlterField(
            model_name="exchange",
            name="return_carrier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aftersales.carrier",
            ),
        ),
        migrations.AlterField(
            model_name="returnparcel",
            name="carrier",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="aftersales.carrier",
            ),
        ),
        migrations.AlterField(
            model_name="returnparcel",
            name="return_address",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="aftersales.returnaddress",
            ),
        ),
        migrations.AlterField(
            model_name="selleranswer",
            name="asked_by",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddIndex(
            model_name="selleranswer",
            index=models.Index(fields=["-settled_at", "-id"], name="answer_settled"),
        ),
        migrations.AddIndex(
            model_name="selleranswer",
            index=models.Index(fields=["sent_at"], name="answer_sent"),
        ),
    ]
