"""Reading the body of an update, of which nothing is documented but the method.

Both readings are taken: an object in the form of the create body, and a list of JSON
Patch operations as another API of the family takes it. In the object members that are
left out are kept, all but `vatLiable`, which becomes false, as the description of the
member says.
"""

import copy
from collections.abc import Collection
from typing import Any

from vendors.sandbox.di.answers import BAD_PATCH, NO_CHANGES, VALIDATION, error
from vendors.sandbox.di.shops import (
    Complaints,
    Pair,
    Shop,
    as_number,
    read_details,
)
from vendors.sandbox.messages import Refusal

OPERATIONS = ("add", "replace", "remove")


def read_update(
    shop: Shop, body: dict[str, Any] | list[Any], taken: Collection[Pair]
) -> dict[str, Any]:
    """Return the details a shop will have.

    Raises:
        Refusal: 400, also where nothing would change (documented of the other API);
            the shop stays as it is.
    """
    complaints = Complaints()
    if isinstance(body, list):
        merged = _patched(shop.details, body)
    else:
        merged = _merged(shop, body.get("shop"), complaints)
    details = read_details(merged, taken, complaints)
    if complaints.by_place:
        raise Refusal(error(400, VALIDATION, complaints.by_place))
    if details == shop.details:
        raise Refusal(error(400, NO_CHANGES))
    return details


def _merged(shop: Shop, sent: Any, complaints: Complaints) -> dict[str, Any]:
    if not isinstance(sent, dict):
        complaints.add("shop", "must not be empty")
        return shop.details
    if sent.get("id") is not None:
        sent_id = as_number(sent["id"], "shop.id", complaints)
        if sent_id != shop.id:
            complaints.add("shop.id", "is another shop's")
    return shop.details | {"vatLiable": None} | sent


def _patched(details: dict[str, Any], operations: list[Any]) -> dict[str, Any]:
    """Carry out all operations, or none where one of them won't do."""
    patched = copy.deepcopy(details)
    for operation in operations:
        try:
            _carry_out(patched, operation)
        except (KeyError, TypeError, ValueError, AttributeError):
            raise Refusal(error(400, BAD_PATCH)) from None
    return patched


def _carry_out(document: dict[str, Any], operation: Any) -> None:
    if operation["op"] not in OPERATIONS:
        raise ValueError(operation["op"])
    root, *path = operation["path"].split("/")
    if root or not path:
        raise ValueError(operation["path"])
    *parents, name = (part.replace("~1", "/").replace("~0", "~") for part in path)
    holder = document
    for parent in parents:
        holder = holder[parent]
    if operation["op"] != "add" and name not in holder:
        raise KeyError(name)
    if operation["op"] == "remove":
        del holder[name]
    else:
        holder[name] = operation["value"]
