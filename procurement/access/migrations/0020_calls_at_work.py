from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0019_key_care")]
    operations = [
        migrations.AddField(
            "idempotencyrecord",
            "holder",
            models.CharField(max_length=32, default="", db_default=""),
        ),
        migrations.AddField(
            "idempotencyrecord", "leased_until", models.DateTimeField(null=True)
        ),
    ]
