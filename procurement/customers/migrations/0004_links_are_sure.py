from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('customers', '0003_links_made_before'),
    ]

    operations = [
        migrations.AlterField(
            model_name='customerlink',
            name='subject',
            field=models.CharField(max_length=80, unique=True),
        ),
        migrations.AddConstraint(
            model_name='customerlink',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['none', 'queued', 'sending', 'unknown', 'linked', 'created_without_number', 'refused', 'failed'])), name='link_state_known'),
        ),
        migrations.AddConstraint(
            model_name='customerlink',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'linked'), models.Q(('number', ''), _negated=True)), models.Q(models.Q(('state', 'linked'), _negated=True), ('number', '')), _connector='OR'), name='link_has_a_number_where_linked'),
        ),
    ]
