"""The audit trail: written once, changed by nobody, gone after its time."""

import getpass
from typing import Any, NoReturn

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models.functions import Now
from django.http import HttpRequest
from django.utils import timezone

from procurement.access.callers import client_address
from procurement.access.models import ApiKey
from procurement.audit.masking import masked
from procurement.texts import gettext_lazy
from procurement.trail import Outcome

LONGEST_NAME = 150
LONGEST_SUBJECT = 200
IS_KEPT = "The audit trail is only ever added to."


class Door(models.TextChoices):
    """Which way somebody came."""

    SCREEN = "screen", gettext_lazy("Screen")
    REST = "rest", gettext_lazy("REST")
    COMMAND = "command", gettext_lazy("Command line or worker")


class EntryQuerySet(models.QuerySet["Entry"]):
    def update(self, **kwargs: Any) -> NoReturn:
        raise TypeError(IS_KEPT)

    def delete(self) -> NoReturn:
        raise TypeError(IS_KEPT)

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(IS_KEPT)


class Entry(models.Model):
    """One act: who, from where, when, what, to what, and how it went.

    Names stand as texts beside the keys of their rows, so that the trail can still be
    read when a row has gone; there are no foreign keys for the same reason. Triggers
    in the database refuse changes and deletions as well (`guard`).
    """

    at = models.DateTimeField(
        gettext_lazy("when"), default=timezone.now, db_default=Now()
    )
    kind = models.CharField(gettext_lazy("what"), max_length=50)
    outcome = models.CharField(
        gettext_lazy("outcome"), max_length=10, choices=Outcome, default=Outcome.DONE
    )
    actor_id = models.BigIntegerField(null=True)
    actor_name = models.CharField(
        gettext_lazy("who"), max_length=LONGEST_NAME, blank=True
    )
    address = models.GenericIPAddressField(gettext_lazy("from"), null=True)
    door = models.CharField(gettext_lazy("door"), max_length=10, choices=Door)
    subject_type = models.CharField(max_length=60, blank=True)
    """As `app.model`; empty where it is about no row."""
    subject_id = models.CharField(max_length=40, blank=True)
    subject = models.CharField(
        gettext_lazy("about"), max_length=LONGEST_SUBJECT, blank=True
    )
    details = models.JSONField(gettext_lazy("details"), default=dict)

    objects = EntryQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        verbose_name = gettext_lazy("audit entry")
        verbose_name_plural = gettext_lazy("audit trail")
        default_permissions = ("view",)
        indexes = [
            models.Index(fields=["at", "id"], name="audit_at"),
            models.Index(fields=["kind", "at", "id"], name="audit_kind"),
            models.Index(fields=["actor_name", "at", "id"], name="audit_actor"),
            # By the beginning of a text PostgreSQL finds rows in such an index alone.
            models.Index(
                fields=["subject", "at", "id"],
                opclasses=["varchar_pattern_ops", "timestamptz_ops", "int8_ops"],
                name="audit_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}".strip()

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError(IS_KEPT)
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError(IS_KEPT)

    @classmethod
    def write(
        cls,
        *,
        kind: str,
        actor: Any,
        subject: Any,
        subject_text: str,
        details: dict[str, Any],
        outcome: Outcome,
        request: HttpRequest | None,
    ) -> "Entry":
        """What `procurement.trail.record` does; nobody else calls it."""
        actor = actor or _user_of(request)
        address = client_address(request) if request is not None else None
        row: dict[str, str] = {}
        if isinstance(subject, models.Model):
            row = {
                "subject_type": subject._meta.label_lower,
                "subject_id": str(subject.pk),
            }
        return cls.objects.create(
            kind=kind,
            outcome=outcome,
            actor_id=getattr(actor, "pk", None),
            actor_name=_name_of(actor, request)[:LONGEST_NAME],
            address=str(address) if address else None,
            door=_door_of(request),
            subject=(subject_text or str(subject or ""))[:LONGEST_SUBJECT],
            details=masked({**_key_of(request), **details}),
            **row,
        )


class Purge(models.Model):
    """Is there while a purge is at work, and lets it delete what is older.

    The row lives within the purge's transaction, so nobody else ever sees one.
    """

    before = models.DateTimeField()

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return f"Purge of what is before {self.before}"


def _user_of(request: HttpRequest | None) -> Any:
    user = getattr(request, "user", None)
    return None if user is None or isinstance(user, AnonymousUser) else user


def _name_of(actor: Any, request: HttpRequest | None) -> str:
    if actor is not None:
        return str(actor.get_username())
    if request is not None:
        return ""
    try:
        return f"({getpass.getuser()})"
    except (KeyError, OSError):
        # A container may run as a number without a name.
        return "(command line)"


def _key_of(request: HttpRequest | None) -> dict[str, str]:
    """Over REST several systems may act for one user."""
    key = getattr(request, "auth", None)
    return {"by_key": str(key)} if isinstance(key, ApiKey) else {}


def _door_of(request: HttpRequest | None) -> Door:
    if request is None:
        return Door.COMMAND
    return Door.REST if request.path.startswith("/api/") else Door.SCREEN
