"""Counts that never go back, kept where all processes of all machines add to them."""

from django.db import models


class Total(models.Model):
    """How often something has happened since counting began.

    `labels` are the values of the series' labels as a JSON list. Of a series of times
    the values are microseconds.
    """

    series = models.CharField(max_length=60)
    labels = models.CharField(max_length=300)
    value = models.BigIntegerField(default=0, db_default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["series", "labels"], name="figures_one_total"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.labels}"


class Mark(models.Model):
    """How far the rows of one table have been counted.

    Keys are given out before their rows are committed, so a key is counted at the
    earliest one round after it was seen. `open_rows` are keys of rows before the mark
    that had not come to their end; they are counted once they have.
    """

    name = models.CharField(max_length=40, unique=True)
    counted_to = models.BigIntegerField(default=0, db_default=0)
    seen_to = models.BigIntegerField(default=0, db_default=0)
    open_rows = models.JSONField(
        default=list, db_default=models.Value([], models.JSONField())
    )
    counted_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"{self.name} counted to {self.counted_to}"
