"""Handing over what is in trouble; what moves it is done by the operations it has."""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.scoping import scoped
from procurement.transmissions.handlers import News, handler_of
from procurement.transmissions.models import State, Transmission
from procurement.troubles import queries
from procurement.troubles.models import NOTE_LENGTH, TroubleOwner


@transaction.atomic
def hand_over(
    *, transmission_id: int, owner_id: int | None, actor: User, note: str = ""
) -> TroubleOwner:
    """Say who looks after something in trouble; its timeline keeps every change.

    Raises:
        InvalidInput: nobody was named, the person may not see it, or the note is too
            long.
        OperationNotAllowed: it needs nobody now, the person has it already, or the
            actor may not see it.
    """
    seen = scoped(Transmission.objects.filter(pk=transmission_id), actor)
    transmission = next(iter(seen), None)
    if transmission is None:
        raise OperationNotAllowed(_("There is no such transmission."))
    handler = handler_of(transmission)
    handler.lock(transmission.subject)
    transmission = Transmission.objects.select_for_update().get(pk=transmission_id)
    if not is_open(transmission):
        raise OperationNotAllowed(
            _("%(subject)s needs nobody now: %(state)s.")
            % {
                "subject": transmission.subject,
                "state": transmission.get_state_display().lower(),
            },
            code="no_trouble",
        )
    note = " ".join(note.split())
    if len(note) > NOTE_LENGTH:
        raise InvalidInput({"note": _("Say it in 400 characters.")})
    owner = _owner(owner_id, transmission)
    known = TroubleOwner.objects.filter(transmission=transmission).first()
    if known and known.owner_id == owner.pk and known.note == note:
        raise OperationNotAllowed(
            _("%(owner)s looks after %(subject)s already.")
            % {"owner": owner.get_username(), "subject": transmission.subject},
            code="owned_already",
        )
    owned, _is_new = TroubleOwner.objects.update_or_create(
        transmission=transmission,
        defaults={
            "owner": owner,
            "note": note,
            "assigned_by": actor,
            "assigned_at": timezone.now(),
        },
    )
    told = f"{owner.get_username()} looks after it. {note}".strip()
    handler.tell(transmission, News("handed_over", told, actor=actor))
    return owned


def is_open(transmission: Transmission) -> bool:
    """Whether something is wrong with it that somebody or something still mends.

    What was solved through another door is not in trouble, though its own state says
    so for good; nor is what waits for its first try.
    """
    if transmission.state == State.QUEUED:
        return bool(transmission.kind)
    if transmission.state in queries.STOPPED:
        return queries.is_unsolved(transmission)
    return transmission.state == State.UNKNOWN


def _owner(owner_id: int | None, transmission: Transmission) -> User:
    staff = User.objects.filter(is_active=True, is_staff=True)
    owner = staff.filter(pk=owner_id).first() if owner_id is not None else None
    if owner is None:
        raise InvalidInput({"owner": _("Choose who looks after it from now on.")})
    may_see = owner.has_perm("transmissions.view_transmission")
    seen = queries.visible_transmissions(owner).filter(pk=transmission.pk)
    if not may_see or not seen.exists():
        raise InvalidInput(
            {
                "owner": _("%(owner)s may not see it. Choose somebody who may.")
                % {"owner": owner.get_username()}
            }
        )
    return owner
