"""Making and revoking the secret address of a person's calendar."""

from collections.abc import Mapping
from typing import Any

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement import trail
from procurement.documents.calendars.narrowing import Narrowing
from procurement.documents.models import CalendarFeed
from procurement.errors import OperationNotAllowed

VIEW = "orders.view_purchaseorder"


def make_feed(*, actor: User, narrowing: Mapping[str, Any]) -> tuple[CalendarFeed, str]:
    """Make a new address for the actor's own calendar; one made before ends.

    Returns:
        What is kept, and the secret, which can't be had again.

    Raises:
        OperationNotAllowed: the actor does not see orders.
    """
    if not actor.has_perm(VIEW):
        raise OperationNotAllowed(
            _("You may not see orders."), code="permission_missing"
        )
    wanted = Narrowing.of(narrowing).as_json()
    try:
        with transaction.atomic():
            _revoke(actor)
            made = CalendarFeed.make(user=actor, narrowing=wanted)
            trail.record("calendar.made", actor=actor, subject=made[0])
            return made
    except IntegrityError:
        raise OperationNotAllowed(
            _("An address was made this very moment. Load the page again.")
        ) from None


@transaction.atomic
def revoke_feed(*, actor: User) -> None:
    """End the actor's address: it opens nothing any more.

    Raises:
        OperationNotAllowed: there is none.
    """
    if not _revoke(actor):
        raise OperationNotAllowed(_("You have no calendar address."))
    trail.record("calendar.revoked", actor=actor, subject=actor)


def _revoke(actor: User) -> int:
    return CalendarFeed.objects.filter(user=actor, revoked_at=None).update(
        revoked_at=timezone.now()
    )
