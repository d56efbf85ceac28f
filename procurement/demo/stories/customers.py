"""Customers of ours, found or created at a supplier."""

from typing import Any

from procurement.demo.client import wait_for
from procurement.demo.desk import Desk


def enter(
    desk: Desk, name: str, organization_number: str, **more: Any
) -> dict[str, Any]:
    made: dict[str, Any] = desk.setup.post(
        "/customers/",
        {"name": name, "organization_number": organization_number, **more},
    )
    return made


def enter_new(desk: Desk) -> dict[str, Any]:
    """One that no supplier has: its number is new at every run."""
    return enter(
        desk,
        f"Verkstad Nord {desk.run}",
        f"5590{desk.run:06d}",
        email="faktura@verkstad.example",
        address={
            "street": "Provgatan",
            "street_number": "4",
            "zip_code": "90320",
            "city": "Umea",
            "country_code": "SE",
        },
    )


def link(
    desk: Desk, customer: dict[str, Any], supplier: str, **how: Any
) -> dict[str, Any]:
    """Ask for the link, and wait until it stands with a number."""
    path = f"/customers/{customer['id']}"
    desk.setup.post(f"{path}/link/", {"supplier": supplier, **how})

    def look() -> dict[str, Any] | None:
        (found,) = desk.setup.get(f"{path}/")["links"]
        return found if found["state"] == "linked" and found["number"] else None

    linked: dict[str, Any] = wait_for(f"{customer['name']} to be linked", look)
    return linked
