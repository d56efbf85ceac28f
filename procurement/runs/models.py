"""Runs, the things each goes through one by one, and the files they make."""

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from procurement.scoping import sight_of


class RunState(models.TextChoices):
    WAITING = "waiting", _("Waiting for a worker")
    RUNNING = "running", _("Running")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    STOPPED = "stopped", _("Stopped")


IN_WORK = (RunState.WAITING, RunState.RUNNING)


class ItemState(models.TextChoices):
    WAITING = "waiting", _("Not done")
    DONE = "done", _("Done")
    SKIPPED = "skipped", _("Skipped")
    FAILED = "failed", _("Failed")


class RunQuerySet(models.QuerySet["Run"]):
    def in_work(self) -> "RunQuerySet":
        return self.filter(ended_at=None)

    def visible_to(self, user: User) -> "RunQuerySet":
        """A person's own; everybody's for whoever may see those.

        The items of others' runs are named, so that takes an unlimited reach.
        """
        if user.has_perm("runs.view_all_runs") and sight_of(user) is None:
            return self
        return self.filter(asked_by=user)


class Run(models.Model):
    """A piece of long work somebody asked for.

    Whether a worker is at it says its lease; `tries` counts the turns since anything
    of it was last done, so that work that kills its workers comes to an end.
    """

    kind = models.CharField(max_length=60)
    title = models.CharField(max_length=200)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="runs",
        db_index=False,
    )
    asked_at = models.DateTimeField(auto_now_add=True)
    token = models.CharField(max_length=64, blank=True)
    """Of the form it was asked with; a form makes one run."""
    parameters = models.JSONField(default=dict)

    state = models.CharField(
        max_length=10, choices=RunState, default=RunState.WAITING, db_index=False
    )
    is_prepared = models.BooleanField(default=True)
    hinted_at = models.DateTimeField(null=True)
    tries = models.PositiveSmallIntegerField(default=0)
    stop_asked_at = models.DateTimeField(null=True)
    stop_asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        db_index=False,
    )
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    text = models.TextField(blank=True, help_text=_("Why it failed or was stopped."))
    cursor = models.JSONField(default=dict)

    total = models.PositiveIntegerField(null=True, help_text=_("None: not known."))
    done = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    failed = models.PositiveIntegerField(default=0)

    file_name = models.CharField(max_length=150, blank=True)
    file_type = models.CharField(max_length=100, blank=True)
    file_size = models.PositiveBigIntegerField(default=0)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("background run")
        ordering = ["-pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=RunState.values), name="run_state_known"
            ),
            # Whatever has ended says when, and nothing else does.
            models.CheckConstraint(
                condition=Q(state__in=IN_WORK, ended_at__isnull=True)
                | (~Q(state__in=IN_WORK) & Q(ended_at__isnull=False)),
                name="run_ended_says_when",
            ),
            models.UniqueConstraint(
                fields=["asked_by", "token"],
                condition=~Q(token=""),
                name="run_once_for_a_form",
            ),
        ]
        indexes = [
            models.Index(fields=["asked_by", "-id"], name="runs_of_a_person"),
            models.Index(
                fields=["asked_by"],
                # A null is seen by every planner; the states would be parameters.
                condition=Q(ended_at__isnull=True),
                name="runs_in_work",
            ),
            models.Index(
                fields=["ended_at"],
                condition=Q(ended_at__isnull=False),
                name="runs_ended",
            ),
        ]
        permissions = [
            ("view_all_runs", "Can see everybody's background runs"),
            ("stop_all_runs", "Can stop everybody's background runs"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def url(self) -> str:
        return reverse("admin:runs_run_change", args=[self.pk])

    @property
    def is_in_work(self) -> bool:
        return self.state in IN_WORK

    @property
    def handled(self) -> int:
        return self.done + self.skipped + self.failed

    @property
    def percent(self) -> int | None:
        """How far it is; None where nobody knows how much there is."""
        if self.state == RunState.DONE:
            return 100
        if not self.total:
            return None
        return min(self.handled * 100 // self.total, 100)


class RunItem(models.Model):
    """One thing a run goes through, and what became of it."""

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="items", db_index=False
    )
    position = models.PositiveIntegerField()
    subject = models.CharField(max_length=60)
    """What it is about, as the kind of run knows it: a key."""
    label = models.CharField(max_length=120)
    parameters = models.JSONField(default=dict)
    state = models.CharField(
        max_length=10, choices=ItemState, default=ItemState.WAITING
    )
    text = models.TextField(blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["run", "subject"], name="run_item_once"),
            models.CheckConstraint(
                condition=Q(state__in=ItemState.values), name="run_item_state_known"
            ),
        ]
        indexes = [
            models.Index(fields=["run", "state", "position"], name="run_items_by_state")
        ]

    def __str__(self) -> str:
        return self.label


class RunFilePart(models.Model):
    """Some of the bytes of the file a run made, compressed."""

    run = models.ForeignKey(
        Run, on_delete=models.CASCADE, related_name="parts", db_index=False
    )
    position = models.PositiveIntegerField()
    content = models.BinaryField()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "position"], name="run_file_part_once"
            ),
        ]

    def __str__(self) -> str:
        return f"Part {self.position} of {self.run}"
