"""Taking due transmissions for ourselves: one winner each, committed before any call.

Several are taken in one transaction, since their bookkeeping costs more than the
rest of it. Subjects are locked before transmissions, in the order of their ids.
"""

import logging
import uuid
from collections import Counter
from collections.abc import Collection
from datetime import timedelta
from itertools import groupby

from django.conf import settings
from django.db import DatabaseError, InterfaceError, transaction
from django.db.models import F
from django.utils import timezone

from procurement.coordination.operations import process_name
from procurement.suppliers.sharing import share_suppliers
from procurement.transmissions import holding, moves, waiting
from procurement.transmissions.handlers import Handler, News, handler_of
from procurement.transmissions.models import Attempt, State, Transmission

logger = logging.getLogger(__name__)

BROKEN_AGAIN_AFTER = timedelta(minutes=5)


def claim_next(
    limit: int, *, here: Counter[int], elsewhere: Counter[int]
) -> list[Attempt]:
    """Take what is due at suppliers with room for it, by urgency and then age.

    Args:
        limit: how many at most.
        here: transmissions of each supplier that the caller is at work on.
        elsewhere: calls under way at each supplier that are no transmissions.
    """
    supplier_ids = waiting.suppliers_waited_for(timezone.now())
    if not supplier_ids:
        return []
    ids: list[int] = []
    try:
        with transaction.atomic():
            ids = waiting.next_ids(supplier_ids, limit, here=here, elsewhere=elsewhere)
            return claim(ids) if ids else []
    except (DatabaseError, InterfaceError):
        raise
    except Exception:
        if not ids:
            raise
        logger.exception("%s transmissions are claimed one by one", len(ids))
        return _claim_one_by_one(ids)


def _claim_one_by_one(ids: Collection[int]) -> list[Attempt]:
    """One of them breaks our own code: the others must not wait for its mending."""
    taken: list[Attempt] = []
    for pk in ids:
        try:
            taken += claim([pk])
        except (DatabaseError, InterfaceError):
            # What was taken so far has to be called, or it would become unknown.
            if not taken:
                raise
            break
        except Exception:
            logger.exception("Transmission %s can't be claimed", pk)
            Transmission.objects.filter(pk=pk, state=State.QUEUED).update(
                next_attempt_at=timezone.now() + BROKEN_AGAIN_AFTER
            )
    return taken


def claim(ids: Collection[int], *, waits: bool = False) -> list[Attempt]:
    """Take those of some transmissions that are due and that nobody else takes.

    Each comes back as the attempt that was written for it. One that must not go any
    more is withdrawn.

    Args:
        waits: for whoever holds a subject's lock; otherwise it is left for later.
    """
    with transaction.atomic():
        due = Transmission.objects.filter(
            pk__in=ids, state=State.QUEUED, next_attempt_at__lte=timezone.now()
        )
        rows = list(due.order_by("operation", "pk"))
        share_suppliers(rows)
        taken: list[Attempt] = []
        for _, group in groupby(rows, _operation):
            taken += _claim_alike(list(group), waits=waits)
        return taken


def _operation(transmission: Transmission) -> str:
    return transmission.operation


def _claim_alike(due: list[Transmission], *, waits: bool) -> list[Attempt]:
    conversations = {each.pk: uuid.uuid4() for each in due}
    subjects = [each.subject for each in due]
    handler = handler_of(due[0])
    with handler.together(subjects, conversations, skip_locked=not waits) as held:
        claim_id = uuid.uuid4()
        ours = _take([each for each in due if each.subject in held.subjects], claim_id)
        to_ask = holding.to_ask_first(ours)
        attempts = []
        for transmission in ours:
            if reason := to_ask.get(transmission.subject):
                holding.ask_instead(transmission, reason, held.handler)
            elif objection := held.handler.objection(transmission):
                _withdraw(transmission, objection, held.handler)
            else:
                conversation = conversations[transmission.pk]
                attempts.append(_attempt(transmission, claim_id, conversation))
        Attempt.objects.bulk_create(attempts)
        for attempt in attempts:
            told = News("sending", f"Try {attempt.number} begun.")
            held.handler.tell(attempt.transmission, told)
    return attempts


def _take(due: list[Transmission], claim_id: uuid.UUID) -> list[Transmission]:
    """Mark them as being sent; of several claimers of one, the first gets it."""
    now = timezone.now()
    changes = {
        "state": State.SENDING,
        "claim": claim_id,
        "lease_until": now + timedelta(seconds=settings.SEND_LEASE_SECONDS),
        "hinted_at": None,
    }
    won = Transmission.objects.filter(
        pk__in=[each.pk for each in due], state=State.QUEUED, next_attempt_at__lte=now
    ).update(attempt_count=F("attempt_count") + 1, **changes)
    if won != len(due):
        due = list(Transmission.objects.filter(claim=claim_id))
        share_suppliers(due)
        return due
    for each in due:
        each.attempt_count += 1
        for name, value in changes.items():
            setattr(each, name, value)
    return due


def _withdraw(transmission: Transmission, objection: str, handler: Handler) -> None:
    moves.end(transmission, State.WITHDRAWN, text=objection)
    handler.tell(transmission, News("withdrawn", objection, needs_person=True))


def _attempt(
    transmission: Transmission, claim_id: uuid.UUID, conversation: uuid.UUID
) -> Attempt:
    return Attempt(
        transmission=transmission,
        number=transmission.attempt_count,
        claim=claim_id,
        conversation=conversation,
        reference=transmission.reference,
        is_test=transmission.is_test,
        request=transmission.request,
        worker=process_name(),
        started_at=timezone.now(),
    )


def renew(attempts: Collection[Attempt]) -> None:
    """Hold the claims of what is still being called for another while.

    One that was taken for dead meanwhile is not held any more, and its attempt keeps
    the end it had.
    """
    until = timezone.now() + timedelta(seconds=settings.SEND_LEASE_SECONDS)
    rows = Transmission.objects.filter(
        state=State.SENDING,
        pk__in=[each.transmission_id for each in attempts],
        claim__in={each.claim for each in attempts},
    )
    rows.update(lease_until=until)
    held = set(rows.filter(lease_until=until).values_list("pk", flat=True))
    for each in attempts:
        if each.transmission_id in held:
            each.transmission.lease_until = until
