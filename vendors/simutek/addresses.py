"""Simutek's address object, the same for customers and deliveries.

Source: Simutek's page "API" prints its keys; the street is in the first line, an
addition to it in the second. Who is there is told outside of it.
"""

from collections.abc import Mapping
from typing import Any

from vendors import reading
from vendors.contracts import Address


def to_payload(address: Address, names: Mapping[str, str]) -> dict[str, str]:
    """Return the object without its empty parts; empty if there is nothing to say."""
    found = {
        names["address.line_1"]: address.street_line,
        names["address.line_2"]: address.entrance,
        names["address.city"]: address.city,
        names["address.zip_code"]: address.zip_code,
        names["address.country"]: address.country_code.upper(),
    }
    return {name: value for name, value in found.items() if value}


def from_payload(data: Any, names: Mapping[str, str], *, name: str) -> Address:
    """Return an address as GKS tells it; all parts may be missing."""

    def text(key: str) -> str:
        return reading.text(reading.member(data, names[key]))

    if not isinstance(data, dict):
        return Address()
    lines = (text("address.line_2"), text("address.line_3"))
    return Address(
        name=name,
        street=text("address.line_1"),
        entrance=", ".join(filter(None, lines)),
        zip_code=text("address.zip_code"),
        city=text("address.city"),
        country_code=text("address.country"),
    )
