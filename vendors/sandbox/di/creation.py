"""Reading the body of a create call, in the current form and in the one before it.

Documented: the members of both. In the old form a `customerSystem` names the system
and holds `addressCollector`; in the current one DI makes the system by itself. Which
form the live server follows is not known, so both are taken.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from vendors.sandbox.di.answers import VALIDATION, error
from vendors.sandbox.di.shops import (
    Complaints,
    Pair,
    as_flag,
    as_number,
    as_text,
    read_details,
    required_text,
)
from vendors.sandbox.messages import Refusal

TRANSPORT_SOLUTIONS = (4, 17, 23)
LONGEST_SHORT_NAME = 5


@dataclass(frozen=True, slots=True)
class Creation:
    """A new shop that will do."""

    owner_party_key: str
    address_collector: bool
    transport_solution_ids: list[int]
    customer_system: dict[str, Any] | None
    details: dict[str, Any]


def read_creation(
    body: dict[str, Any], taken_pairs: Collection[Pair], taken_names: Collection[str]
) -> Creation:
    """Check a new shop.

    Args:
        taken_names: short names of the customer systems there are.

    Raises:
        Refusal: 400 with all that is wrong; nothing was created.
    """
    complaints = Complaints()
    system = _read_system(body.get("customerSystem"), taken_names, complaints)
    shop = body.get("shop")
    if isinstance(shop, dict) and shop.get("id") not in (None, ""):
        complaints.add("shop.id", "must be empty")
    creation = Creation(
        owner_party_key=required_text(
            body.get("ownerPartyKey"), "ownerPartyKey", complaints
        ),
        address_collector=_read_collector(body, system, complaints),
        transport_solution_ids=_read_solutions(
            body.get("transportSolutionIds"), complaints
        ),
        customer_system=system,
        details=read_details(shop, taken_pairs, complaints),
    )
    if complaints.by_place:
        raise Refusal(error(400, VALIDATION, complaints.by_place))
    return creation


def _read_collector(
    body: dict[str, Any], system: dict[str, Any] | None, complaints: Complaints
) -> bool:
    """Read the switch; the old form has it inside, where it may be left out."""
    if system is None or "addressCollector" in body:
        return as_flag(body.get("addressCollector"), "addressCollector", complaints)
    inside = system.get("addressCollector")
    place = "customerSystem.addressCollector"
    return inside is not None and as_flag(inside, place, complaints)


def _read_system(
    sent: Any, taken_names: Collection[str], complaints: Complaints
) -> dict[str, Any] | None:
    if sent is None:
        return None
    if not isinstance(sent, dict):
        complaints.add("customerSystem", "must be an object")
        return None
    required_text(sent.get("name"), "customerSystem.name", complaints)
    place = "customerSystem.shortName"
    short_name = required_text(sent.get("shortName"), place, complaints)
    if len(short_name) > LONGEST_SHORT_NAME:
        complaints.add(place, "at most 5 characters")
    if short_name in taken_names:
        complaints.add(place, "is not unique")
    as_text(
        sent.get("customerFacingName"), "customerSystem.customerFacingName", complaints
    )
    return dict(sent)


def _read_solutions(sent: Any, complaints: Complaints) -> list[int]:
    place = "transportSolutionIds"
    if not isinstance(sent, list) or not sent:
        complaints.add(place, "must not be empty")
        return []
    solutions = [as_number(each, place, complaints) for each in sent]
    if not set(solutions) <= set(TRANSPORT_SOLUTIONS):
        complaints.add(place, "a transport solution does not exist")
    return solutions
