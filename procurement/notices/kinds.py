"""What there is to be told, and how it may be told."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    APPROVAL_ASKED = "approval_asked", _("Waits for your approval")
    RETURNED = "returned", _("Sent back")
    REJECTED = "rejected", _("Rejected")
    APPROVED = "approved", _("Approved")
    UNKNOWN = "unknown", _("Outcome unknown")
    NOT_TAKEN = "not_taken", _("Not taken by the supplier")
    DEVIATION = "deviation", _("Differs from what was ordered")
    LATE = "late", _("Late")
    RUN_ENDED = "run_ended", _("Background run finished")
    STAND_IN = "stand_in", _("You stand in")
    BREAK_GLASS = "break_glass", _("Break-glass account used")


class By(models.TextChoices):
    """How a person wants to be written to; the later ones disturb less."""

    AT_ONCE = "at_once", _("At once")
    DIGEST = "digest", _("Once a day")
    NEVER = "never", _("Never")


class MailState(models.TextChoices):
    NONE = "none", _("No mail")
    DUE = "due", _("To be sent")
    CLAIMED = "claimed", _("Being sent")
    SENT = "sent", _("Sent")
    MAYBE = "maybe", _("Perhaps sent")
    MOOT = "moot", _("Not needed any more")
    FAILED = "failed", _("Could not be sent")


TONES = {
    Kind.APPROVAL_ASKED: "amber",
    Kind.RETURNED: "amber",
    Kind.REJECTED: "red",
    Kind.APPROVED: "green",
    Kind.UNKNOWN: "red",
    Kind.NOT_TAKEN: "red",
    Kind.DEVIATION: "amber",
    Kind.LATE: "red",
    Kind.RUN_ENDED: "blue",
    Kind.STAND_IN: "violet",
    Kind.BREAK_GLASS: "red",
}

OF_APPROVERS = (Kind.APPROVAL_ASKED, Kind.STAND_IN)
"""Nobody else is ever told of these."""

ALWAYS = (Kind.BREAK_GLASS,)
"""Nobody chooses whether they are told of these."""
