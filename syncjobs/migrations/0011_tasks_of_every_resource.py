"""Tasks that read orders read any resource now; the schedule names them by their new names."""

from django.db import migrations

RENAMED = {
    "syncjobs.tasks.sync_orders_incremental": "syncjobs.tasks.sync_incremental",
    "syncjobs.tasks.sync_orders_window": "syncjobs.tasks.sync_window",
    "syncjobs.tasks.sync_orders_today": "syncjobs.tasks.sync_today",
    "syncjobs.tasks.sync_orders_full": "syncjobs.tasks.sync_full",
}


def rename(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for old, new in RENAMED.items():
        tasks.filter(task=old).update(task=new)


def rename_back(apps, schema_editor):
    tasks = apps.get_model("django_celery_beat", "PeriodicTask").objects
    for old, new in RENAMED.items():
        tasks.filter(task=new).update(task=old)


class Migration(migrations.Migration):
    dependencies = [
        ("syncjobs", "0010_longer_numbers"),
        ("django_celery_beat", "0019_alter_periodictasks_options"),
    ]

    operations = [migrations.RunPython(rename, rename_back)]
