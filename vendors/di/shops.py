"""DI shops: create and update.

Source: the page "Shop API". There is no key that makes a repeated create harmless
and no call to look a shop up, so a create whose answer was lost is never repeated
by itself. An update sends the whole shop each time and may be repeated.
"""

from collections.abc import Mapping
from typing import Any

from vendors.contracts import Accepted, ShopRequest
from vendors.di.answers import remarks, shop_ids
from vendors.di.auth import KeyedRefusal
from vendors.di.details import owner_party_key
from vendors.di.objections import shop_objections
from vendors.di.payload import create_body, update_object, update_patch
from vendors.di.settings import JSON_PATCH, WITH_ID
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused
from vendors.http import VendorClient

ALREADY_SO = "DI says that nothing had changed: the shop is already so."


# --- create -------------------------------------------------------------------


def create_shop(client: VendorClient, request: ShopRequest) -> Accepted:
    """Make one shop at DI.

    Returns:
        The shop's id at DI as `number`, where the answer holds one.

    Raises:
        Refused: the data won't do, or the user lacks a right; nothing was made.
        NotSent: DI never got it; it may be sent again.
        OutcomeUnknown: the shop may be there, and there is no call to look it up.
    """
    if request.vendor_id:
        raise Refused(
            f"This shop has the id {request.vendor_id} at DI; creating it again would "
            "make a second one. Update it instead.",
            kind=Kind.GUARD,
        )
    _refuse_on_objections(client, request)
    account, names = client.account, client.mapping
    try:
        answer = client.act(
            "POST",
            client.path("path.create"),
            purpose="create_shop",
            json=create_body(account, request, names),
            allows_empty=True,
        )
    except KeyedRefusal as refusal:
        raise _explained(refusal, names, "path.create") from None
    except OutcomeUnknown as unknown:
        raise OutcomeUnknown(
            f"{unknown.text} {_how_to_ask(client, request)} Then record its id, or "
            "release another try.",
            kind=unknown.kind,
            status=unknown.status,
            vendor_text=unknown.vendor_text,
            retry_after=unknown.retry_after,
        ) from None
    return _created(client, request, answer)


def _created(client: VendorClient, request: ShopRequest, answer: Any) -> Accepted:
    notes = list(remarks(answer, request, client.mapping))
    number = next(iter(shop_ids(answer, client.mapping).values()), None)
    if number is None:
        notes.insert(
            0,
            f"Created, id unknown. {_how_to_ask(client, request)} Record the id; the "
            "shop is never posted again.",
        )
    return Accepted(number=number, raw=answer, note=" ".join(notes))


def _how_to_ask(client: VendorClient, request: ShopRequest) -> str:
    """What DI has to be told to find a shop; its API can't look one up."""
    owner = owner_party_key(client.account, request)
    known_by = {
        "owner party": owner,
        "organisation number": request.organization_number,
        "legal name": request.name,
        "e-mail": request.email,
    }
    told = ", ".join(f"{what} {value}" for what, value in known_by.items() if value)
    return f"Ask DI for the shop by {told}."


# --- update -------------------------------------------------------------------


def update_shop(client: VendorClient, request: ShopRequest) -> Accepted:
    """Bring a shop at DI to what it is to be; the whole of it is sent.

    Raises:
        Refused: the data won't do, updates are not confirmed, or a right is missing.
        NotSent: it can't be told that it was done; it may be sent again.
    """
    if not request.vendor_id:
        raise Refused(
            "This shop has no id at DI; create it, or record the id DI told us.",
            kind=Kind.GUARD,
        )
    _refuse_on_objections(client, request)
    return send_update(
        client,
        request,
        path=client.option("update_path"),
        body=client.option("update_body"),
    )


def send_update(
    client: VendorClient, request: ShopRequest, *, path: str, body: str
) -> Accepted:
    """Send an update in one of the readings of DI's page, without objections.

    Args:
        path, body: a choice of the options `update_path` and `update_body`.
    """
    key = f"path.update_{path}"
    values = {"shop_id": request.vendor_id} if path == WITH_ID else {}
    to_body = update_patch if body == JSON_PATCH else update_object
    try:
        answer = client.act(
            "PATCH",
            client.path(key, **values),
            purpose="update_shop",
            json=to_body(client.account, request, client.mapping),
            allows_empty=True,
        )
    except KeyedRefusal as refusal:
        if _says_nothing_changed(refusal, client.mapping):
            return Accepted(number=request.vendor_id, note=ALREADY_SO)
        raise _explained(refusal, client.mapping, key) from None
    except OutcomeUnknown as unknown:
        if unknown.kind is Kind.UNREADABLE and _is_success(unknown.status):
            note = "DI's answer could not be read; its status says that it has worked."
            return Accepted(number=request.vendor_id, note=note)
        raise _repeatable(unknown) from None
    notes = remarks(answer, request, client.mapping)
    return Accepted(number=request.vendor_id, raw=answer, note=" ".join(notes))


def _is_success(status: int | None) -> bool:
    return status is not None and 200 <= status < 300


def _says_nothing_changed(refusal: KeyedRefusal, names: Mapping[str, str]) -> bool:
    return refusal.status == 400 and refusal.error_key == names["error_key.no_changes"]


def _repeatable(unknown: OutcomeUnknown) -> NotSent:
    """Whether it was done or not, sending the whole shop again does the same."""
    is_redirect = unknown.status is not None and 300 <= unknown.status < 400
    return NotSent(
        f"{unknown.text} The whole shop is sent each time, so it may be sent again.",
        kind=Kind.CONFIGURATION if is_redirect else unknown.kind,
        status=unknown.status,
        vendor_text=unknown.vendor_text,
        retry_after=unknown.retry_after,
    )


# --- both ---------------------------------------------------------------------


def _refuse_on_objections(client: VendorClient, request: ShopRequest) -> None:
    if found := shop_objections(client.account, request):
        raise Refused(" ".join(found), kind=Kind.GUARD)


def _explained(
    refusal: KeyedRefusal, names: Mapping[str, str], path_key: str
) -> Refused:
    """Return a refusal with what to do about it."""
    return Refused(
        " ".join(filter(None, (refusal.text, _remedy(refusal, names, path_key)))),
        kind=refusal.kind,
        status=refusal.status,
        vendor_text=refusal.vendor_text,
    )


def _remedy(refusal: KeyedRefusal, names: Mapping[str, str], path_key: str) -> str:
    key = refusal.error_key
    if refusal.status == 403:
        if key == names["error_key.no_access_api"]:
            return "The user lacks the role for the Shop API; ask DI for it."
        if key == names["error_key.no_access_shop"]:
            return "The user has no access to this shop; ask DI for it."
        return (
            "DI knows the user, but it has no right to this call, owner party or "
            "shop; ask DI for the role."
        )
    if refusal.status in (404, 405) and not key:
        return (
            "DI gave no reason, so the path is more likely wrong than the shop: check "
            f"the address of the supplier, its path setting and the name {path_key}."
        )
    if refusal.status == 404:
        return "Check the id of the shop and the path setting of the supplier."
    if refusal.status == 405:
        return "The path setting of the supplier is wrong, or DI changed its call."
    solutions = names["create.transport_solution_ids"]
    if path_key == "path.create" and _names_solutions(refusal):
        return (
            f"If the list is filled, the name {solutions} is the first suspect: "
            "correct create.transport_solution_ids among the names of the supplier."
        )
    return ""


def _names_solutions(refusal: Refused) -> bool:
    return "transportsolution" in refusal.vendor_text.casefold()
