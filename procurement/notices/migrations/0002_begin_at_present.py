from django.db import migrations
from django.utils import timezone


def begin(apps, schema_editor):
    """What happened before there were notices is told to nobody."""
    events = apps.get_model("orders", "OrderEvent").objects.order_by("-pk")
    newest = events.values_list("pk", flat=True).first()
    now = timezone.now()
    apps.get_model("notices", "NoticeProgress").objects.get_or_create(
        pk=1, defaults={"cursor": newest or 0, "began_at": now, "runs_read_to": now}
    )


class Migration(migrations.Migration):
    dependencies = [("notices", "0001_initial"), ("orders", "0001_initial")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
