from django.db import migrations


def complete(apps, schema_editor):
    """Give links that were entered by hand what later ones are made with."""
    links = apps.get_model("customers", "CustomerLink").objects
    for link in links.select_related("supplier").iterator():
        link.subject = f"customer:{link.customer_id}@{link.supplier.slug}"
        link.state = "linked" if link.number else "none"
        link.linked_by = "by_hand" if link.number else ""
        link.save(update_fields=["subject", "state", "linked_by"])


class Migration(migrations.Migration):
    dependencies = [("customers", "0002_links")]
    operations = [migrations.RunPython(complete, migrations.RunPython.noop)]
