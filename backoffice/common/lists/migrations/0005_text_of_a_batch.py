"""What a person gives with a bulk action, such as a reason, for every row."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('lists', '0004_heartbeat'),
    ]

    operations = [
        migrations.AddField(
            model_name='batch',
            name='text',
            field=models.TextField(blank=True, default='', help_text='What the person gave with it, for every row.'),
        ),
    ]
