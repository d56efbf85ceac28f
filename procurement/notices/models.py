"""Notices, what each person wants to be told, and how far the worker has read."""

from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q

from procurement.notices.kinds import Kind, MailState
from procurement.orders.models import PurchaseOrder
from procurement.scoping import scoped

OCCASION_LENGTH = 80


class NoticeQuerySet(models.QuerySet["Notice"]):
    def shown_to(self, user: User) -> "NoticeQuerySet":
        """A person's own, without those of orders they may not see any more."""
        return scoped(self.filter(recipient=user, is_shown=True), user)


class Notice(models.Model):
    """One thing one person is told.

    `occasion` says what it is about so exactly that whoever comes to tell it again
    finds it told: an event, or a run, a promised day. The mail has states of its own:
    it is claimed before it leaves, so a worker that dies at it leaves a mail that was
    perhaps sent, and nobody sends it again.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="notices",
        db_index=False,
    )
    kind = models.CharField(max_length=20, choices=Kind)
    occasion = models.CharField(max_length=OCCASION_LENGTH)
    order = models.ForeignKey(
        PurchaseOrder,
        on_delete=models.CASCADE,
        null=True,
        related_name="notices",
    )
    detail = models.TextField(blank=True, help_text="What was said, as it was said.")
    data = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    is_shown = models.BooleanField(help_text="Whether the person has it in their list.")
    is_unread = models.BooleanField(default=True)
    read_at = models.DateTimeField(null=True)
    over_at = models.DateTimeField(null=True, help_text="When the matter was over.")

    mail = models.CharField(
        max_length=10, choices=MailState, default=MailState.NONE, db_index=False
    )
    is_digest = models.BooleanField(default=False)
    is_reminder = models.BooleanField(default=False)
    mail_due_at = models.DateTimeField(null=True)
    mail_tries = models.PositiveSmallIntegerField(default=0)
    claim = models.UUIDField(null=True)
    claimed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        ordering = ["-is_unread", "-pk"]
        default_permissions = ("view",)
        constraints = [
            models.UniqueConstraint(
                fields=["recipient", "kind", "occasion"], name="one_notice_per_occasion"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=Kind.values), name="notice_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(mail__in=MailState.values), name="notice_mail_known"
            ),
            models.CheckConstraint(
                condition=Q(is_unread=False) | Q(read_at=None, over_at=None),
                name="notice_unread_is_neither_read_nor_over",
            ),
            models.CheckConstraint(
                condition=~Q(mail=MailState.DUE) | Q(mail_due_at__isnull=False),
                name="notice_due_says_when",
            ),
        ]
        indexes = [
            models.Index(
                fields=["recipient", "-is_unread", "-id"],
                condition=Q(is_shown=True),
                name="notices_of_a_person",
            ),
            models.Index(
                fields=["mail_due_at", "id"],
                condition=Q(mail=MailState.DUE),
                name="notices_to_mail",
            ),
            models.Index(
                fields=["claimed_at"],
                condition=Q(mail=MailState.CLAIMED),
                name="notices_being_mailed",
            ),
            models.Index(
                fields=["mailed_at"],
                condition=Q(
                    kind=Kind.APPROVAL_ASKED,
                    is_reminder=False,
                    over_at__isnull=True,
                    reminded_at__isnull=True,
                    mailed_at__isnull=False,
                ),
                name="notices_to_remind_of",
            ),
            models.Index(fields=["created_at"], name="notices_by_age"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.order or self.occasion}"


class NoticeWishes(models.Model):
    """What one person chose; what is not in it goes by their roles."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
    )
    digest_hour = models.PositiveSmallIntegerField()
    choices: Any = models.JSONField(default=dict)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        default_permissions = ()
        constraints = [
            models.CheckConstraint(
                condition=Q(digest_hour__lte=23), name="notice_digest_hour_of_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"Notices wanted by {self.user}"


class NoticeProgress(models.Model):
    """How far the worker has come, in one row. It began at the end of that time."""

    cursor = models.BigIntegerField(help_text="The event that was read last.")
    began_at = models.DateTimeField()
    runs_read_to = models.DateTimeField()
    late_read_on = models.DateField(null=True)
    mail_failures = models.PositiveSmallIntegerField(default=0)
    mail_not_before = models.DateTimeField(
        null=True, help_text="The mail server was away; it is asked again then."
    )

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Read up to event {self.cursor}"
