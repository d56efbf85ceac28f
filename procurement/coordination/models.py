"""How processes and machines agree: who does a thing now, and who is alive."""

from django.db import models
from django.utils import timezone


class Lease(models.Model):
    """A named right that one holder has until a moment: a login, a poll, a job."""

    name = models.CharField(max_length=200, unique=True)
    holder = models.CharField(max_length=200)
    expires_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.name} held by {self.holder}"


class Heartbeat(models.Model):
    """The last sign of life of one cluster, written by its own processes."""

    worker = models.CharField(max_length=200, unique=True)
    """`host:process of the supervisor:cluster:how many there were before`."""
    at = models.DateTimeField(db_index=True)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    # Told to stop: it finishes what it has begun and answers no heartbeat.
    is_leaving = models.BooleanField(default=False)

    class Meta:
        verbose_name = "worker"

    def __str__(self) -> str:
        return f"{self.worker} at {self.at:%Y-%m-%d %H:%M:%S}"

    @property
    def machine(self) -> str:
        return self.worker.split(":")[0]

    @property
    def cluster(self) -> str:
        return [*self.worker.split(":"), "", ""][2]


class JobRun(models.Model):
    """What a recurring job last did. Whether it runs now says its lease."""

    name = models.CharField(max_length=100, unique=True)
    expected_since = models.DateTimeField(default=timezone.now, editable=False)
    last_began_at = models.DateTimeField(null=True)
    last_ended_at = models.DateTimeField(null=True)
    last_error = models.TextField(blank=True)
    """Of the last run that ended; empty where it went well."""
    holder = models.CharField(max_length=200, blank=True)
    """Who began the last run."""

    def __str__(self) -> str:
        return self.name
