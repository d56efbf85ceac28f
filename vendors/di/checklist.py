"""First contact with DI: logins, hosts, and the calls its pages do not show.

The steps that write make shops of their own, named as tests, and refuse to run
anywhere but on TEST with a supplier in test mode.
"""

from datetime import UTC, datetime, timedelta

from vendors.contracts import Check, Finding, Samples, ShopRequest, Verdict
from vendors.contracts.orders import Address
from vendors.di import environments
from vendors.di.answers import shop_ids
from vendors.di.auth import (
    WITHOUT_TOKEN,
    claimed_end,
    log_in_for,
    whole_minutes,
)
from vendors.di.settings import JSON_PATCH, OBJECT, WITH_ID, WITHOUT_ID
from vendors.di.shops import create_shop, send_update
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.http import VendorClient

SHORT_LIFE = 5
"""Minutes asked for, to see whether the token is given for just that."""

_NOT_VALID, _TURNED_AWAY, _NO_RIGHT = 400, 401, 403
_READINGS = (
    (WITH_ID, OBJECT),
    (WITHOUT_ID, OBJECT),
    (WITH_ID, JSON_PATCH),
)
"""Paths and bodies of an update, the likeliest first; a JSON Patch holds no id."""

_TEST_SHOP = ShopRequest(
    reference="first-contact",
    name="Test shop of the first contact",
    email="first-contact@example.invalid",
    phone="90000001",
    address=Address(
        street="Storgata",
        street_number="12",
        entrance="B",
        zip_code="0181",
        city="Oslo",
        country_code="NO",
    ),
    details={
        "vat_liable": True,
        "deliverer_edi": "Test",
        "web_shop_platform": "Test",
        "ceo": "Test Person",
        "customer_manager": "Test Person",
    },
)


# --- login and hosts ----------------------------------------------------------


def _short_login(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    token = log_in_for(client, SHORT_LIFE)
    end = claimed_end(token.value)
    if end is None:
        return (
            Finding(
                verdict=Verdict.UNCLEAR,
                text="The login with v-3 works. The token does not tell its end, so "
                f"whether it lives {SHORT_LIFE} minutes only shows when it is refused.",
            ),
        )
    life = end - token.obtained_at
    is_as_asked = abs(life - timedelta(minutes=SHORT_LIFE)) < timedelta(minutes=1)
    return (
        Finding(
            verdict=Verdict.AS_ASSUMED if is_as_asked else Verdict.DIFFERS,
            text=f"The login with v-3 works. Asked for {SHORT_LIFE} minutes, the token "
            f"claims {whole_minutes(life)}, by this machine's clock.",
            options=() if is_as_asked else ("login_version", "token_minutes"),
        ),
    )


def _shop_host(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    host = environments.host_of(client.account.base_url)
    status, said = _answer_to_nothing(client, WITHOUT_TOKEN)
    if status != _TURNED_AWAY:
        verdict = Verdict.UNCLEAR
        if status is None or status < 300:
            verdict = Verdict.DIFFERS
        text = f"{host} without a token: {said} Expected was HTTP 401."
        return (Finding(verdict=verdict, text=text, mapping_keys=("path.create",)),)
    is_known = client.mapping["error_key.not_authenticated"] in said
    verdict = Verdict.AS_ASSUMED if is_known else Verdict.UNCLEAR
    return (Finding(verdict=verdict, text=f"{host} without a token: {said}"),)


def _token(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    _refuse_outside_test(client)
    host = environments.host_of(client.account.base_url)
    status, said = _answer_to_nothing(client, "check_token")
    text = f"{host} with a token: {said}"
    if status == _TURNED_AWAY:
        login = environments.host_of(environments.login_url(client.account))
        text += f" Ask DI which login belongs to it; the token is of {login}."
        return (Finding(verdict=Verdict.DIFFERS, text=text),)
    if status == _NO_RIGHT:
        text += " Ask DI for the role for the Shop API."
    is_taken = status in (_NOT_VALID, _NO_RIGHT)
    verdict = Verdict.AS_ASSUMED if is_taken else Verdict.UNCLEAR
    return (Finding(verdict=verdict, text=text),)


def _answer_to_nothing(client: VendorClient, purpose: str) -> tuple[int | None, str]:
    """Ask for a shop without a single member, which can't be made.

    There is nothing to read at DI, and to a method it does not know it may answer
    without looking at the token.
    """
    try:
        client.act("POST", client.path("path.create"), purpose=purpose, json={})
    except VendorError as error:
        words = f" DI says: {error.vendor_text}." if error.vendor_text else ""
        return error.status, f"{error.text}{words}"
    return 200, "it answered with success."


def _wrong_password(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    _refuse_outside_test(client)
    names = client.mapping
    wrong = {
        names["login.username"]: client.credential("username"),
        names["login.password"]: f"not-the-password-{datetime.now(UTC):%H%M%S}",
    }
    path = client.path("path.login_v3", minutes=str(SHORT_LIFE))
    try:
        client.log_in("POST", path, json=wrong, token_in=lambda answer: "")
    except NotSent as error:
        is_refusal = error.kind is Kind.CREDENTIALS
        return (
            Finding(
                verdict=Verdict.AS_ASSUMED if is_refusal else Verdict.UNCLEAR,
                text=f"A wrong password: {error.text} {error.vendor_text}".strip(),
            ),
        )
    return (Finding(verdict=Verdict.DIFFERS, text="A wrong password was let in."),)


# --- shops --------------------------------------------------------------------


def _refuse_outside_test(client: VendorClient) -> None:
    """
    Raises:
        Refused: the supplier is live, or its address is PRODUCTION.
    """
    account = client.account
    production = environments.Environment.PRODUCTION
    addresses = (account.base_url, environments.login_url(account))
    is_real = production in map(environments.environment_of, addresses)
    if is_real or not account.is_test:
        raise Refused(
            "This step is for DI's TEST and a supplier in test mode only.",
            kind=Kind.GUARD,
        )


def _create(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    _refuse_outside_test(client)
    try:
        accepted = create_shop(client, _TEST_SHOP)
    except Refused as refusal:
        if refusal.kind is Kind.GUARD:
            raise
        return (
            Finding(
                verdict=Verdict.DIFFERS,
                text=f"DI did not take the shop: {refusal.text} {refusal.vendor_text}",
                mapping_keys=("create.transport_solution_ids",),
                options=("body_form", "street_number_as"),
            ),
        )
    except OutcomeUnknown as unknown:
        return (Finding(verdict=Verdict.UNCLEAR, text=unknown.text),)
    found = shop_ids(accepted.raw, client.mapping)
    if not found:
        text = "DI took the shop, zip code 0181 and all, and gave no id we can find."
        return (
            Finding(
                verdict=Verdict.DIFFERS,
                text=f"{text} Look at the answer of this call.",
                mapping_keys=("answer.id",),
            ),
        )
    place = next(iter(found)) or "the whole answer"
    return (
        Finding(
            verdict=Verdict.AS_ASSUMED,
            text=f"DI took the shop as {accepted.number}, told in: {place}. "
            f"{accepted.note}".strip(),
        ),
    )


def _update(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    _refuse_outside_test(client)
    number = create_shop(client, _TEST_SHOP).number
    if number is None:
        text = "DI gave no id for the shop made for this, so nothing was updated."
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    return tuple(_try_reading(client, number, path, body) for path, body in _READINGS)


def _try_reading(client: VendorClient, number: str, path: str, body: str) -> Finding:
    """Try one reading, with an e-mail of its own so that each changes something."""
    shop = ShopRequest(
        reference=_TEST_SHOP.reference,
        name=_TEST_SHOP.name,
        email=f"first-contact-{path}-{body}@example.invalid".replace("_", "-"),
        phone=_TEST_SHOP.phone,
        address=_TEST_SHOP.address,
        vendor_id=number,
        details=_TEST_SHOP.details,
    )
    is_set = (path, body) == (
        client.option("update_path"),
        client.option("update_body"),
    )
    tried = f"Path {path}, body {body}{' (as set)' if is_set else ''}:"
    try:
        accepted = send_update(client, shop, path=path, body=body)
    except VendorError as error:
        return Finding(
            verdict=Verdict.DIFFERS if is_set else Verdict.UNCLEAR,
            text=f"{tried} {error.text} {error.vendor_text}".strip(),
            options=("update_path", "update_body") if is_set else (),
        )
    return Finding(
        verdict=Verdict.AS_ASSUMED if is_set else Verdict.UNCLEAR,
        text=f"{tried} DI took it. {accepted.note}".strip(),
        options=() if is_set else ("update_path", "update_body"),
    )


# --- questions to DI ----------------------------------------------------------

_QUESTIONS = (
    "Which owner party key is ours, and which ids do our transport solutions and "
    "freight products have?",
    "Has our user the role for the Shop API and access to the owner party, on TEST "
    "and in PRODUCTION?",
    "How is a shop looked up when the answer to its making was lost?",
    "Is a pair of freight product and customer number unique in the shop, under the "
    "owner party or everywhere, and which error key refuses one in use?",
    "What does an update do with members that are left out, vatLiable above all, and "
    "how is a member emptied?",
    "Do updates take transportSolutionIds, addressCollector and ownerPartyKey?",
    "How does the Shop API answer a token that has run out?",
)


def _ask(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    return tuple(Finding(verdict=Verdict.ASK, text=text) for text in _QUESTIONS)


CHECKLIST = (
    Check(
        name="short_login",
        question="Does the login with v-3 give a token for the minutes asked for?",
        run=_short_login,
    ),
    Check(
        name="wrong_password",
        question="What does the login answer to a wrong password? Tried once, on TEST.",
        run=_wrong_password,
        writes=True,
    ),
    Check(
        name="shop_host",
        question="Is the Shop API at its address? Asked without a token.",
        run=_shop_host,
    ),
    Check(
        name="token",
        question="Does the Shop API take our token? Sends an empty shop to TEST.",
        run=_token,
        writes=True,
    ),
    Check(
        name="create",
        question="Does DI take a new shop, and where is its id? Makes one on TEST.",
        run=_create,
        writes=True,
    ),
    Check(
        name="update",
        question="Which path and body has an update? Makes a shop on TEST, and "
        "changes it.",
        run=_update,
        writes=True,
    ),
    Check(name="questions", question="What only DI can tell.", run=_ask),
)
