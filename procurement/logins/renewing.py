"""Renewing logins before they end, each at one place at a time.

A refresh token is spent by its use as a rule, so a renewal is like an order: claimed,
asked for once, and recorded. One whose answer is lost may have spent the token, and
is left to a person; it is never asked for again by itself.
"""

import uuid
from datetime import timedelta
from typing import Any, cast

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from procurement.logins.models import CustomerLoginToken, LoginAttempt, Outcome, State
from procurement.logins.operations import RENEW, forget_tokens
from procurement.logins.recording import (
    CREDENTIALS_REFUSED,
    end_attempt,
    note,
    shop_address,
)
from procurement.logins.returning import ABANDONED_AFTER, MOST_WORDS, token_fields
from procurement.logins.talking import login_conversation
from procurement.queue import hint
from procurement.secrets import SecretUnreadable
from procurement.suppliers import gates
from vendors.contracts import Capability, CustomerLogin, LoginTokens
from vendors.errors import Kind, Refused, VendorError

WAITS = (60, 300, 900)
LONG_WAIT = 3600
"""Seconds after a failure that a person has to see to, or after many others."""
HINT_AGAIN_AFTER = timedelta(seconds=60)
MAY_BE_SPENT = (
    "No usable answer came to the renewal, so the token for it may be spent. It is not "
    "tried again by itself: connect the login again, or try the renewal once more."
)
OTHER_SHOP = (
    "The supplier's address was changed, and this login is of the one before. Connect "
    "the login again."
)


def renew(*, token_id: int) -> bool:
    """Renew one login that is due, if nobody else does; say whether it was renewed."""
    token = (
        CustomerLoginToken.objects.select_related("supplier__health", "customer")
        .filter(pk=token_id)
        .first()
    )
    if token is None or not _may_go(token):
        return False
    if token.address != shop_address(token.supplier):
        _end(token, _unchanged(token), OTHER_SHOP)
        return False
    claim = uuid.uuid4()
    if not _claim(token, claim):
        return False
    try:
        # Read after the claim: what was there before may have been replaced.
        refresh_token = (
            CustomerLoginToken.objects.only("refresh_token")
            .get(pk=token.pk, claim=claim)
            .refresh_token
        )
    except SecretUnreadable as unreadable:
        _try_later(token, claim, str(unreadable), seconds=LONG_WAIT)
        return False
    except CustomerLoginToken.DoesNotExist:
        return False
    return _ask(token, claim, refresh_token)


def _may_go(token: CustomerLoginToken) -> bool:
    supplier = token.supplier
    return (
        token.state == State.CONNECTED
        and token.renew_at is not None
        and token.renew_at <= timezone.now()
        and supplier.api.offers(Capability.CUSTOMER_LOGIN)
        and gates.is_callable(supplier, timezone.now())
    )


def _claim(token: CustomerLoginToken, claim: uuid.UUID) -> bool:
    return bool(
        CustomerLoginToken.objects.filter(
            pk=token.pk, state=State.CONNECTED, renew_at=token.renew_at
        ).update(state=State.RENEWING, claim=claim, claimed_at=timezone.now())
    )


def _ask(token: CustomerLoginToken, claim: uuid.UUID, refresh_token: str) -> bool:
    login = cast(CustomerLogin, token.supplier.api.customer_login)
    talk_id = None
    try:
        with login_conversation(token.supplier, token.customer_id) as talk:
            talk_id = talk.id
            talk.client.keep_secret(refresh_token)
            tokens = login.renew(talk.client, refresh_token)
            # Before anything else: the old token is spent.
            return _keep(token, claim, tokens, talk.id)
    except VendorError as error:
        _record_failure(token, claim, error, talk_id)
        return False


@transaction.atomic
def _keep(
    token: CustomerLoginToken,
    claim: uuid.UUID,
    tokens: LoginTokens,
    talk_id: uuid.UUID,
) -> bool:
    fields = token_fields(tokens) | {"renewed_at": timezone.now()}
    # A shop that names no scope has not changed it.
    fields["scope"] = fields["scope"] or token.scope
    asked = CustomerLoginToken.objects.filter(
        pk=token.pk, claim=claim, state__in=[State.RENEWING, State.LOST]
    )
    if not asked.update(**fields):
        note(
            token,
            "came_too_late",
            "The login was renewed, but had been connected anew or disconnected "
            "meanwhile; what came was not kept.",
            conversation=talk_id,
        )
        return False
    note(
        token,
        "renewed",
        f"Ends at {tokens.expires_at:%Y-%m-%d %H:%M} UTC.",
        conversation=talk_id,
    )
    return True


def _record_failure(
    token: CustomerLoginToken,
    claim: uuid.UUID,
    error: VendorError,
    talk_id: uuid.UUID | None,
) -> None:
    said = error.vendor_text[:MOST_WORDS]
    if error.kind is Kind.CREDENTIALS and error.status == 400:
        text = f"The shop has ended this login: {error.text}"
        _end(token, _ours(token, claim), text, conversation=talk_id, shop_said=said)
    elif is_proven_unsent(error):
        waits = (*WAITS, LONG_WAIT)
        seconds = waits[min(token.failures, len(WAITS))]
        if error.kind not in (Kind.CONNECTION, Kind.THROTTLED):
            # More tries with the same settings could lock the account.
            seconds = LONG_WAIT
        _try_later(token, claim, error.text, seconds=seconds, talk_id=talk_id)
    else:
        _lose(token, claim, f"{error.text} {MAY_BE_SPENT}", talk_id)


def is_proven_unsent(error: VendorError) -> bool:
    """Whether the shop has surely not touched the token."""
    if error.kind is Kind.CREDENTIALS:
        # Without a status there was a good answer with no token in it.
        return error.status in (CREDENTIALS_REFUSED, 403)
    sure = (Kind.CONNECTION, Kind.THROTTLED, Kind.CONFIGURATION)
    return error.kind in sure or isinstance(error, Refused)


Rows = QuerySet[CustomerLoginToken]


def _ours(token: CustomerLoginToken, claim: uuid.UUID) -> Rows:
    return CustomerLoginToken.objects.filter(
        pk=token.pk, state=State.RENEWING, claim=claim
    )


@transaction.atomic
def _try_later(
    token: CustomerLoginToken,
    claim: uuid.UUID,
    text: str,
    *,
    seconds: int,
    talk_id: uuid.UUID | None = None,
) -> None:
    changed = _ours(token, claim).update(
        state=State.CONNECTED,
        claim=None,
        claimed_at=None,
        hinted_at=None,
        renew_at=timezone.now() + timedelta(seconds=seconds),
        failures=F("failures") + 1,
        last_error=text,
    )
    if changed:
        note(token, "not_renewed", text, conversation=talk_id)


@transaction.atomic
def _lose(
    token: CustomerLoginToken,
    claim: uuid.UUID,
    text: str,
    talk_id: uuid.UUID | None = None,
) -> None:
    # The token is kept: a person may try once more what the worker must not. The
    # claim stays as well, for an answer that comes after it was given up.
    changed = _ours(token, claim).update(
        state=State.LOST, renew_at=None, last_error=text
    )
    if changed:
        note(token, "renewal_lost", text, conversation=talk_id)


@transaction.atomic
def _end(
    token: CustomerLoginToken,
    standing: Rows,
    text: str,
    *,
    conversation: uuid.UUID | None = None,
    **data: Any,
) -> None:
    """End a login that still stands as it was found."""
    if standing.filter(pk=token.pk).select_for_update().exists():
        forget_tokens(token, State.ENDED, last_error=text)
        note(token, "ended", text, conversation=conversation, **data)


def _unchanged(token: CustomerLoginToken) -> Rows:
    return CustomerLoginToken.objects.filter(
        state=State.CONNECTED, obtained_at=token.obtained_at
    )


# --- every minute -----------------------------------------------------------------


def sweep(*, limit: int = 200) -> None:
    """Give up what nobody finished, end what has run out, hint what is due."""
    _close_tries(limit)
    _give_up_claims(limit)
    _end_what_ran_out(limit)
    hint_due(limit=limit)


def _close_tries(limit: int) -> None:
    now = timezone.now()
    overdue = Q(claimed_at=None, expires_at__lte=now)
    abandoned = Q(claimed_at__lte=now - ABANDONED_AFTER)
    rows = LoginAttempt.objects.filter(overdue | abandoned, outcome="")
    for attempt in rows.defer("code_verifier")[:limit]:
        outcome, text = Outcome.EXPIRED, "Nobody came back from the shop in time."
        if attempt.claimed_at:
            outcome = Outcome.LOST
            text = "The code came back, and the work on it was cut off."
        with transaction.atomic():
            end_attempt(attempt, outcome, text, actor=None)


def _give_up_claims(limit: int) -> None:
    abandoned = CustomerLoginToken.objects.filter(
        state=State.RENEWING, claimed_at__lte=timezone.now() - ABANDONED_AFTER
    )
    for token in abandoned[:limit]:
        if token.claim:
            _lose(token, token.claim, f"The renewal was cut off. {MAY_BE_SPENT}")


def _end_what_ran_out(limit: int) -> None:
    over = CustomerLoginToken.objects.filter(
        state=State.CONNECTED, renew_at=None, expires_at__lte=timezone.now()
    )
    for token in over[:limit]:
        _end(
            token,
            _unchanged(token),
            "The login has run out, and the shop had given nothing to renew it with. "
            "Connect it again.",
        )


def hint_due(*, limit: int = 200) -> int:
    """Hint the renewals that are due; return how many."""
    now = timezone.now()
    unhinted = Q(hinted_at=None) | Q(hinted_at__lte=now - HINT_AGAIN_AFTER)
    due = CustomerLoginToken.objects.filter(
        unhinted,
        gates.callable_now(now, "supplier__"),
        state=State.CONNECTED,
        renew_at__lte=now,
    )
    hinted = 0
    for pk in list(due.order_by("renew_at").values_list("pk", flat=True)[:limit]):
        with transaction.atomic():
            # The update decides between two sweeps at the same moment.
            if due.filter(pk=pk).update(hinted_at=now):
                hint(RENEW, pk)
                hinted += 1
    return hinted
