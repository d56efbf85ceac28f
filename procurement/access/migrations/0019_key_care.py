import django.core.validators
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


MADE, CHANGED = 1, 2
"""Flags of the admin's own log."""


def take_over_the_log(apps, schema_editor):
    """What people did to keys so far: made them, and revoked them."""
    entry = apps.get_model("admin", "LogEntry")
    key, event = (
        apps.get_model("access", "ApiKey"),
        apps.get_model("access", "KeyEvent"),
    )
    there = {str(pk): pk for pk in key.objects.values_list("pk", flat=True)}
    entries = entry.objects.filter(
        content_type__app_label="access",
        content_type__model="apikey",
        action_flag__in=(MADE, CHANGED),
        object_id__in=there,
    )
    for logged in entries.order_by("pk"):
        kind = "made" if logged.action_flag == MADE else "revoked"
        made = event.objects.create(
            key_id=there[logged.object_id], kind=kind, actor_id=logged.user_id
        )
        event.objects.filter(pk=made.pk).update(at=logged.action_time)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0018_imports"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        ("shops", "0002_registrations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="CallCount",
            fields=[
                (
                    "key",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="+",
                        serialize=False,
                        to="access.apikey",
                    ),
                ),
                ("window", models.BigIntegerField()),
                ("calls", models.PositiveIntegerField()),
            ],
        ),
        migrations.CreateModel(
            name="KeyEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True,
                        primary_key=True,
                        serialize=False,
                        verbose_name="ID",
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("made", "Made"),
                            ("replaced", "Replaced"),
                            ("changed", "Changed"),
                            ("revoked", "Revoked"),
                        ],
                        max_length=20,
                    ),
                ),
                ("at", models.DateTimeField(auto_now_add=True)),
                ("data", models.JSONField(default=dict)),
            ],
            options={
                "ordering": ["-pk"],
            },
        ),
        migrations.AddField(
            model_name="apikey",
            name="calls_per_minute",
            field=models.PositiveIntegerField(
                blank=True,
                null=True,
                validators=[django.core.validators.MaxValueValidator(1000000)],
                verbose_name="calls a minute",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="last_used_from",
            field=models.GenericIPAddressField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="networks",
            field=models.JSONField(
                blank=True,
                db_default=models.Value([], models.JSONField()),
                default=list,
                verbose_name="networks",
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="refused_at",
            field=models.DateTimeField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="refused_from",
            field=models.GenericIPAddressField(editable=False, null=True),
        ),
        migrations.AddField(
            model_name="apikey",
            name="refused_why",
            field=models.CharField(
                blank=True,
                choices=[
                    ("revoked", "the key is revoked"),
                    ("ended", "the key has ended"),
                    ("user_left", "its user is not active"),
                    ("address", "the address is not in its networks"),
                    ("too_many", "its calls of the minute were used up"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=20,
            ),
        ),
        migrations.AddField(
            model_name="apikey",
            name="replaced_by",
            field=models.OneToOneField(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="replaces",
                to="access.apikey",
            ),
        ),
        migrations.AddIndex(
            model_name="apikey",
            index=models.Index(fields=["expires_at"], name="apikey_expires"),
        ),
        migrations.AddField(
            model_name="keyevent",
            name="actor",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddField(
            model_name="keyevent",
            name="key",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="events",
                to="access.apikey",
            ),
        ),
        migrations.RunPython(take_over_the_log, migrations.RunPython.noop),
    ]
