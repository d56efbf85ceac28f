"""How processes and machines agree: who does a thing now, and who is alive."""

from django.db import models


class Lease(models.Model):
    """A named right that one holder has until a moment: a login, a poll, a job."""

    name = models.CharField(max_length=200, unique=True)
    holder = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"


class Heartbeat(models.Model):
    """The last sign of life of one worker, written by a task that it ran."""

    worker = models.CharField(max_length=200, unique=True)
    at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"{self.worker} at {self.at:%Y-%m-%d %H:%M:%S}"
