"""What DI holds of a shop, and the rules a shop has to obey.

Documented: which members are mandatory, that `id` must be empty on create, that
`vatLiable` becomes false when not sent, the five characters of `entrance`, four digits
of a post code in Norway and five in Sweden, the list of country codes, and that pairs
of freight product and customer number are unique. Assumed: that they are unique over
all shops, the mandatory parts of an address, and that numbers may come as text and
texts as numbers, as a Java server reads them.
"""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

TEXTS = (
    "organizationNumber",
    "legalName",
    "delivererEDI",
    "webShopPlatform",
    "ceo",
    "customerManager",
    "contactPersonPhone",
    "shortName",
)
ADDRESS_TEXTS = ("street", "streetNumber", "zipCode", "city", "countryCode")
COUNTRIES = ("NO", "SE", "DE", "EN", "FI", "SV")
POST_CODE_DIGITS = {"NO": 4, "SE": 5}
LONGEST_ENTRANCE = 5

Pair = tuple[int, int]


@dataclass(slots=True)
class Shop:
    """One shop. `details` holds the members of `shop`, without its id."""

    id: int
    owner_party_key: str
    address_collector: bool
    transport_solution_ids: list[int]
    details: dict[str, Any]
    created_at: datetime
    customer_system: dict[str, Any] | None = None
    bodies: list[str] = field(default_factory=list)

    @property
    def pairs(self) -> list[Pair]:
        return pairs_of(self.details)

    def as_entry(self) -> dict[str, Any]:
        """Return the entry in the books, with all bodies that made it what it is."""
        return {
            "id": self.id,
            "owner_party_key": self.owner_party_key,
            "address_collector": self.address_collector,
            "transport_solution_ids": list(self.transport_solution_ids),
            "customer_system": self.customer_system,
            "shop": dict(self.details),
            "created_at": self.created_at.isoformat(),
            "bodies": list(self.bodies),
        }


def pairs_of(details: dict[str, Any]) -> list[Pair]:
    return [
        (pair["freightProductId"], pair["customerNumber"])
        for pair in details.get("externalCustomerIds", [])
    ]


class Complaints:
    """What is wrong, by the place in the body; it becomes the `errorMap`."""

    def __init__(self) -> None:
        self.by_place: dict[str, str] = {}

    def add(self, place: str, text: str) -> None:
        self.by_place.setdefault(place, text)


def as_text(value: Any, place: str, complaints: Complaints) -> str | None:
    """Read a text, or a whole number for one."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if value is not None and not isinstance(value, str):
        complaints.add(place, "must be a text")
        return None
    return value


def required_text(value: Any, place: str, complaints: Complaints) -> str:
    text = as_text(value, place, complaints)
    if text is None or not text.strip():
        complaints.add(place, "must not be empty")
    return text or ""


def as_number(value: Any, place: str, complaints: Complaints) -> int:
    """Read a whole number, or digits for one."""
    if isinstance(value, str) and value.isascii() and value.isdigit():
        return int(value[:30])
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    complaints.add(place, "must be a whole number")
    return 0


def as_flag(value: Any, place: str, complaints: Complaints) -> bool:
    if not isinstance(value, bool):
        complaints.add(place, "must be true or false")
    return value is True


def read_details(
    sent: Any, taken: Collection[Pair], complaints: Complaints
) -> dict[str, Any]:
    """Check the members of `shop` and return them in the form they are kept in.

    Args:
        taken: pairs of freight product and customer number of all other shops.
    """
    if not isinstance(sent, dict):
        complaints.add("shop", "must not be empty")
        return {}
    details: dict[str, Any] = {
        name: text
        for name in TEXTS
        if (text := as_text(sent.get(name), f"shop.{name}", complaints)) is not None
    }
    details["email"] = required_text(sent.get("email"), "shop.email", complaints)
    is_liable = sent.get("vatLiable")
    details["vatLiable"] = is_liable is not None and as_flag(
        is_liable, "shop.vatLiable", complaints
    )
    details["address"] = _read_address(sent.get("address"), complaints)
    details["externalCustomerIds"] = _read_pairs(
        sent.get("externalCustomerIds"), complaints
    )
    _check_unique(pairs_of(details), taken, complaints)
    return details


def _read_address(sent: Any, complaints: Complaints) -> dict[str, Any]:
    place = "shop.address"
    if not isinstance(sent, dict):
        complaints.add(place, "must not be empty")
        return {}
    address = {
        name: required_text(sent.get(name), f"{place}.{name}", complaints)
        for name in ADDRESS_TEXTS
    }
    entrance = as_text(sent.get("entrance"), f"{place}.entrance", complaints)
    if entrance is not None:
        address["entrance"] = entrance
        if len(entrance) > LONGEST_ENTRANCE:
            complaints.add(f"{place}.entrance", "at most 5 characters")
    country, post_code = address["countryCode"], address["zipCode"]
    if country not in COUNTRIES:
        complaints.add(f"{place}.countryCode", f"one of {', '.join(COUNTRIES)}")
    digits = POST_CODE_DIGITS.get(country)
    is_number = post_code.isascii() and post_code.isdigit()
    if digits and not (is_number and len(post_code) == digits):
        complaints.add(f"{place}.zipCode", f"must have {digits} digits")
    return address


def _read_pairs(sent: Any, complaints: Complaints) -> list[dict[str, int]]:
    place = "shop.externalCustomerIds"
    if sent is None:
        return []
    if not isinstance(sent, list) or not all(isinstance(pair, dict) for pair in sent):
        complaints.add(place, "must be a list of objects")
        return []
    return [
        {
            name: as_number(pair.get(name), f"{place}[{index}].{name}", complaints)
            for name in ("freightProductId", "customerNumber")
        }
        for index, pair in enumerate(sent)
    ]


def _check_unique(
    pairs: list[Pair], taken: Collection[Pair], complaints: Complaints
) -> None:
    if len(set(pairs)) < len(pairs) or set(pairs) & set(taken):
        complaints.add("shop.externalCustomerIds", "combination is not unique")
