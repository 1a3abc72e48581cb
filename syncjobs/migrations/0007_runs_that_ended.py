from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('syncjobs', '0006_heartbeat'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('finished_at__isnull', False), ('started_at__isnull', False)), fields=['shop', 'resource', 'finished_at'], name='run_shop_finished'),
        ),
    ]
