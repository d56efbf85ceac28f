"""What people do with a customer's shop login: start it, renew it, end it."""

import hashlib
import secrets
from datetime import timedelta
from typing import cast

from django.contrib.auth.models import User
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from procurement.customers.models import Customer
from procurement.errors import OperationNotAllowed
from procurement.logins.addresses import redirect_uri
from procurement.logins.models import CustomerLoginToken, LoginAttempt, State
from procurement.logins.recording import note, shop_address
from procurement.logins.talking import login_conversation
from procurement.queue import hint
from procurement.scoping import scoped
from procurement.secrets import SecretUnreadable
from procurement.suppliers.models import Supplier
from procurement.suppliers.operations import require
from vendors.contracts import Capability, CustomerLogin
from vendors.errors import VendorError

TIME_TO_LOG_IN = timedelta(minutes=10)
STATE_BYTES = 32
VERIFIER_BYTES = 64
"""64 random bytes are 86 characters; RFC 7636 takes 43 to 128."""
RENEW = "procurement.logins.tasks.renew"


def hashed(secret: str) -> str:
    """How a state or a session is kept; both are random and long, so this is enough."""
    return hashlib.sha256(secret.encode()).hexdigest()


def start_login(
    *, customer_id: int, supplier_id: int, actor: User, session_key: str
) -> str:
    """Begin to connect a customer's login; return where to send the browser.

    Args:
        session_key: of the person's session; the way back is open to it alone.

    Raises:
        OperationNotAllowed: the vendor has no such login, something is not set up, or
            there is no such customer that the person may see.
    """
    customer = scoped(Customer.objects.all(), actor).filter(pk=customer_id).first()
    if customer is None:
        raise OperationNotAllowed(
            _("There is no such customer."), code="no_such_customer"
        )
    if customer.erased_at:
        raise OperationNotAllowed(
            _("The personal data of this customer was erased. Enter it anew."),
            code="erased",
        )
    supplier = Supplier.objects.get(pk=supplier_id)
    login = cast(CustomerLogin, require(supplier, Capability.CUSTOMER_LOGIN))
    if not session_key:
        raise OperationNotAllowed(_("Log in to the back-office first."))
    back = redirect_uri()
    state = secrets.token_urlsafe(STATE_BYTES)
    verifier = secrets.token_urlsafe(VERIFIER_BYTES)
    try:
        with login_conversation(supplier, customer.pk) as talk:
            address = login.address(talk.client, back, state, verifier)
    except VendorError as error:
        raise OperationNotAllowed(error.text, code="not_set_up") from None
    with transaction.atomic():
        attempt = LoginAttempt.objects.create(
            customer=customer,
            supplier=supplier,
            started_by=actor,
            state_hash=hashed(state),
            session_hash=hashed(session_key),
            code_verifier=verifier,
            redirect_uri=back,
            address=shop_address(supplier),
            expires_at=timezone.now() + TIME_TO_LOG_IN,
        )
        note(attempt, "started", actor=actor, attempt=attempt)
    return address


def _locked(token_id: int, actor: User) -> CustomerLoginToken:
    tokens = scoped(CustomerLoginToken.objects.select_for_update(), actor)
    token = tokens.filter(pk=token_id).first()
    if token is None:
        raise OperationNotAllowed(_("There is no such login."), code="no_such_customer")
    return token


@transaction.atomic
def ask_renewal(*, token_id: int, actor: User) -> None:
    """Have a login renewed now by a worker, after a lost answer too.

    Raises:
        OperationNotAllowed: it has ended, can't be renewed, or is being renewed.
    """
    token = _locked(token_id, actor)
    if token.state == State.RENEWING:
        raise OperationNotAllowed(
            _("%(token)s is being renewed at this moment.") % {"token": token}
        )
    if token.state not in (State.CONNECTED, State.LOST):
        raise OperationNotAllowed(
            _("%(token)s is not connected; connect it again.") % {"token": token}
        )
    try:
        is_renewable = bool(token.refresh_token)
    except SecretUnreadable as unreadable:
        raise OperationNotAllowed(str(unreadable)) from None
    if not is_renewable:
        raise OperationNotAllowed(
            _("The shop gave nothing to renew %(token)s with; connect it again.")
            % {"token": token}
        )
    CustomerLoginToken.objects.filter(pk=token.pk).update(
        state=State.CONNECTED,
        claim=None,
        claimed_at=None,
        renew_at=timezone.now(),
        hinted_at=timezone.now(),
    )
    note(token, "renewal_asked", actor=actor)
    hint(RENEW, token.pk)


@transaction.atomic
def disconnect(*, token_id: int, actor: User) -> None:
    """Forget the tokens of a login; what happened stays to be seen.

    The shop is not told, for it has no call for that; the customer may end the login
    there as well.

    Raises:
        OperationNotAllowed: it is disconnected.
    """
    token = _locked(token_id, actor)
    if token.state == State.DISCONNECTED:
        raise OperationNotAllowed(_("%(token)s is disconnected.") % {"token": token})
    forget_tokens(token, State.DISCONNECTED, revoked_at=timezone.now(), last_error="")
    note(token, "disconnected", "The tokens were forgotten.", actor=actor)


@transaction.atomic
def forget_logins_of(*, customer_id: int, actor: User | None) -> None:
    """Disconnect every login of a customer whose personal data is erased."""
    rows = CustomerLoginToken.objects.select_for_update().filter(customer=customer_id)
    for token in rows.exclude(state=State.DISCONNECTED).order_by("pk"):
        forget_tokens(
            token, State.DISCONNECTED, revoked_at=timezone.now(), last_error=""
        )
        note(token, "disconnected", "The tokens were forgotten.", actor=actor)


def forget_tokens(token: CustomerLoginToken, state: State, **changes: object) -> None:
    """Wipe the tokens of a login. Runs inside the caller's transaction."""
    CustomerLoginToken.objects.filter(pk=token.pk).update(
        state=state,
        access_token="",
        refresh_token="",
        expires_at=None,
        renew_at=None,
        claim=None,
        claimed_at=None,
        **changes,
    )
