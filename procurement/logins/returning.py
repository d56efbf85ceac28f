"""The way back from the shop: checked, taken up once, and turned into tokens."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.errors import OperationNotAllowed
from procurement.logins.models import (
    SCOPE_LENGTH,
    CustomerLoginToken,
    LoginAttempt,
    LoginEvent,
    Outcome,
    State,
)
from procurement.logins.operations import hashed
from procurement.logins.recording import (
    CREDENTIALS_REFUSED,
    end_attempt,
    note,
    shop_address,
)
from procurement.logins.talking import login_conversation
from procurement.secrets import UNREADABLE, SecretUnreadable
from vendors.contracts import CustomerLogin, LoginTokens
from vendors.errors import Kind, Refused, VendorError

RENEW_BEFORE = timedelta(minutes=5)
ABANDONED_AFTER = timedelta(minutes=10)
"""A claim that nobody finished by then never will be: its process is gone."""
SHORTEST_CODE, LONGEST_CODE = 4, 4096
"""A shorter code could not be masked in what is kept of the call."""
LONGEST_STATE = 200
MOST_WORDS = 200
SHOP_ERRORS: Mapping[str, str] = {
    "invalid_request": "it did not like the way we asked",
    "unauthorized_client": "our client id may not do this there",
    "unsupported_response_type": "it does not offer this kind of login",
    "invalid_scope": "it does not know the scope we asked for",
    "server_error": "it has trouble of its own",
    "temporarily_unavailable": "it is overloaded or being worked on",
}
"""The words of RFC 6749, 4.1.2.1; `access_denied` has an outcome of its own."""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What the browser brought back; each text is a stranger's."""

    state: str = field(repr=False)
    code: str = field(repr=False)
    error: str = field(repr=False)
    description: str = field(repr=False)

    @classmethod
    def of(cls, query: Any) -> "Reply":
        """Read a `QueryDict`. What comes more than once counts as not sent."""

        def single(name: str) -> str:
            values = query.getlist(name)
            return str(values[0]) if len(values) == 1 else ""

        return cls(
            state=single("state"),
            code=single("code"),
            error=single("error"),
            description=single("error_description"),
        )

    def said(self) -> str:
        """The shop's own words, short and on one line, without the state and code."""
        text = self.description or self.error
        for secret in (self.state, self.code):
            if secret:
                text = text.replace(secret, "***")
        shown = "".join(char if char.isprintable() else " " for char in text)
        return " ".join(shown.split())[:MOST_WORDS]


def take_return(
    *, reply: Reply, actor: User, session_key: str
) -> tuple[LoginAttempt, bool]:
    """Take up what came back from the shop.

    A try is taken up once: whatever comes after that only learns how it stands.

    Returns:
        The try as it stands then, and whether it was this call that took it up.

    Raises:
        OperationNotAllowed: no try of this person in this session; nothing was done.
    """
    attempt = _find(reply.state)
    _require_same_person(attempt, actor, session_key)
    # The update decides between two that come at the same moment.
    claimed = LoginAttempt.objects.filter(
        pk=attempt.pk, outcome="", claimed_at=None
    ).update(claimed_at=timezone.now())
    if claimed:
        _take_up(attempt, reply, actor)
    attempt.refresh_from_db(fields=["outcome", "text", "claimed_at", "ended_at"])
    return attempt, bool(claimed)


def _find(state: str) -> LoginAttempt:
    digest = hashed(state) if len(state) <= LONGEST_STATE else ""
    found = (
        LoginAttempt.objects.select_related("customer", "supplier")
        .defer("code_verifier")
        .filter(state_hash=digest)
        .first()
    )
    if found is None or not hmac.compare_digest(found.state_hash, digest):
        raise OperationNotAllowed(
            _("This answer belongs to no login that was started here."),
            code="login_unknown",
        )
    return found


def _require_same_person(attempt: LoginAttempt, actor: User, session_key: str) -> None:
    is_session = hmac.compare_digest(attempt.session_hash, hashed(session_key))
    if is_session and attempt.started_by_id == actor.pk:
        return
    if attempt.is_open:
        # Once for a person, however often they load the page.
        LoginEvent.objects.get_or_create(
            attempt=attempt,
            kind="foreign_return",
            actor=actor,
            defaults={
                "customer": attempt.customer,
                "supplier": attempt.supplier,
                "text": _(
                    "The shop's answer came back in another session than the one "
                    "that had started the login. Nothing was done with it."
                ),
            },
        )
    raise OperationNotAllowed(
        _(
            "This login was started by somebody else, or before you logged "
            "in to the back-office anew. Only who started it can end it, "
            "in the same browser."
        ),
        code="login_foreign",
    )


def _take_up(attempt: LoginAttempt, reply: Reply, actor: User) -> None:
    refused = _refusal(attempt, reply)
    if refused:
        outcome, text = refused
        with transaction.atomic():
            end_attempt(attempt, outcome, text, actor=actor, shop_said=reply.said())
        return
    try:
        verifier = attempt.code_verifier
    except SecretUnreadable:
        with transaction.atomic():
            end_attempt(attempt, Outcome.NOT_SET_UP, UNREADABLE, actor=actor)
        return
    _exchange(attempt, reply.code, verifier, actor)


def _refusal(attempt: LoginAttempt, reply: Reply) -> tuple[Outcome, str] | None:
    """Why the shop need not be asked; None if it has to be."""
    shop = attempt.supplier
    if attempt.expires_at <= timezone.now():
        return Outcome.EXPIRED, _("It took longer than ten minutes to come back.")
    if reply.error == "access_denied":
        return Outcome.DECLINED, _(
            "The customer, or %(shop)s, did not agree to it."
        ) % {"shop": shop}
    if reply.error:
        told = SHOP_ERRORS.get(reply.error, "the error is none we know")
        return Outcome.SHOP_ERROR, _("%(shop)s sent an error back: %(told)s.") % {
            "shop": shop,
            "told": told,
        }
    if not _is_code(reply.code):
        return Outcome.NO_CODE, _(
            "%(shop)s sent the browser back without a usable code."
        ) % {"shop": shop}
    if attempt.address != shop_address(shop):
        return Outcome.CHANGED, (
            _(
                "The address of %(shop)s was changed meanwhile, and the code "
                "is for the one before."
            )
            % {"shop": shop}
        )
    return None


def _is_code(code: str) -> bool:
    is_plain = code.isascii() and code.isprintable()
    return is_plain and SHORTEST_CODE <= len(code) <= LONGEST_CODE


def _exchange(attempt: LoginAttempt, code: str, verifier: str, actor: User) -> None:
    supplier = attempt.supplier
    login = cast(CustomerLogin, supplier.api.customer_login)
    talk_id = None
    try:
        with login_conversation(supplier, attempt.customer_id) as talk:
            talk_id = talk.id
            talk.client.keep_secret(code, verifier)
            tokens = login.exchange(talk.client, code, attempt.redirect_uri, verifier)
            # Before anything else can fail: the code is spent, and these are all
            # there is of it.
            _connect(attempt, tokens, actor, talk.id)
    except VendorError as error:
        with transaction.atomic():
            end_attempt(
                attempt,
                outcome_of(error),
                error.text,
                actor=actor,
                conversation=talk_id,
                shop_said=error.vendor_text[:MOST_WORDS],
            )


def outcome_of(error: VendorError) -> Outcome:
    """What a failed exchange of the code means for the person who waits."""
    if error.kind is Kind.CREDENTIALS and error.status != CREDENTIALS_REFUSED:
        return Outcome.REFUSED
    if error.kind in (Kind.CREDENTIALS, Kind.CONFIGURATION) or isinstance(
        error, Refused
    ):
        return Outcome.NOT_SET_UP
    if error.kind in (Kind.CONNECTION, Kind.THROTTLED):
        return Outcome.UNREACHABLE
    return Outcome.LOST


@transaction.atomic
def _connect(
    attempt: LoginAttempt, tokens: LoginTokens, actor: User, talk_id: Any
) -> None:
    text = f"Ends at {tokens.expires_at:%Y-%m-%d %H:%M} UTC" + (
        ", and is renewed before."
        if tokens.refresh_token
        else ", and can't be renewed."
    )
    if not end_attempt(
        attempt, Outcome.CONNECTED, text, actor=actor, conversation=talk_id
    ):
        # The sweep has given this try up, and people were told so.
        note(
            attempt,
            "came_too_late",
            "The shop's answer came after the try was given up; it was not kept.",
            attempt=attempt,
            conversation=talk_id,
        )
        return
    now = timezone.now()
    CustomerLoginToken.objects.update_or_create(
        customer=attempt.customer,
        supplier=attempt.supplier,
        defaults={
            **token_fields(tokens),
            "address": attempt.address,
            "connected_by": actor,
            "connected_at": now,
            "renewed_at": None,
            "revoked_at": None,
        },
    )


def token_fields(tokens: LoginTokens) -> dict[str, Any]:
    """The columns of a login that new tokens fill."""
    now = timezone.now()
    # Half-way where they live shorter than the margin.
    due = max(tokens.expires_at - RENEW_BEFORE, now + (tokens.expires_at - now) / 2)
    return {
        "state": State.CONNECTED,
        "access_token": tokens.access_token,
        "refresh_token": tokens.refresh_token,
        "scope": tokens.scope[:SCOPE_LENGTH],
        "expires_at": tokens.expires_at,
        "obtained_at": now,
        "renew_at": due if tokens.refresh_token else None,
        "claim": None,
        "claimed_at": None,
        "hinted_at": None,
        "failures": 0,
        "last_error": "",
    }
