"""DI: web shops are created and kept up to date; it takes no orders."""

from typing import Any

from procurement.demo.client import wait_for
from procurement.demo.desk import Desk, require

NAME, SLUG = "DI", "di-demo"
ACCOUNT = {
    "slug": SLUG,
    "name": "DI (demo)",
    "vendor": "di",
    "mode": "test",
    "currency": "NOK",
    "credentials": {"username": "sandbox-di", "password": "sandbox-di-password"},
    "options": {"owner_party_key": "nordlys-pakker", "transport_solution_ids": "4, 17"},
}
STANDING = ("created", "created_without_id")


def run(desk: Desk) -> None:
    desk.step(
        NAME,
        "Connect the account",
        lambda: desk.connect(ACCOUNT, "di", auth_path="di-login"),
    )
    desk.step(NAME, "Create a shop, push a change", lambda: create_and_push(desk))
    desk.step(NAME, "Shop whose answer is lost", lambda: lose_the_answer(desk))


def create_and_push(desk: Desk) -> str:
    shop = _shop(desk, "fjellbutikken")
    standing = _registered(desk, shop, *STANDING)
    path = f"/shops/{shop['id']}"
    desk.setup.patch(f"{path}/", {"email": "post@fjellbutikken.example"})
    preview = desk.setup.get(f"{path}/push/", supplier=SLUG)
    changed = ", ".join(change["label"] for change in preview["changes"])
    require(changed and not preview["objections"], f"Nothing to push: {preview}")
    desk.setup.post(f"{path}/push/", {"supplier": SLUG})
    wait_for("the push to be taken", lambda: _at_vendor(desk, shop)["push"] == "pushed")
    return f"created with the id {standing['vendor_id']}; pushed: {changed}"


def lose_the_answer(desk: Desk) -> str:
    desk.fault("di", "lost_answer", endpoint="create_shop")
    shop = _shop(desk, "kystbutikken")
    _registered(desk, shop, "unknown")
    made = [
        each
        for each in desk.sandbox.get("/state")["vendors"]["di"]["shops"]
        if shop["email"] in str(each)
    ]
    require(len(made) == 1, f"DI has it {len(made)} times.")
    desk.setup.post(
        f"/shops/{shop['id']}/resolve/",
        {
            "supplier": SLUG,
            "outcome": "done",
            "vendor_id": str(made[0]["id"]),
            "evidence": "Asked DI's service desk: the shop is there once.",
        },
    )
    standing = _registered(desk, shop, "created", ask=False)
    return (
        "answer lost, never posted again; a person asked DI and recorded the id "
        f"{standing['vendor_id']}"
    )


def _shop(desk: Desk, slug: str) -> dict[str, Any]:
    made: dict[str, Any] = desk.setup.post(
        "/shops/",
        {
            "slug": f"{slug}-{desk.run}",
            "name": f"{slug.title()} AS",
            "organization_number": "918 273 645",
            "email": f"lager-{desk.run}@{slug}.example",
            "phone": "90000001",
            "address": {
                "street": "Storgata",
                "street_number": "12B",
                "zip_code": "0181",
                "city": "Oslo",
                "country_code": "NO",
            },
        },
    )
    return made


def _registered(
    desk: Desk, shop: dict[str, Any], *states: str, ask: bool = True
) -> dict[str, Any]:
    if ask:
        desk.setup.post(
            f"/shops/{shop['id']}/register/",
            {"supplier": SLUG, "details": {"vat_liable": True}},
        )

    def look() -> dict[str, Any] | None:
        standing = _at_vendor(desk, shop)
        return standing if standing["state"] in states else None

    found: dict[str, Any] = wait_for(f"{shop['slug']} to be {states[0]}", look)
    return found


def _at_vendor(desk: Desk, shop: dict[str, Any]) -> dict[str, Any]:
    (standing,) = desk.setup.get(f"/shops/{shop['id']}/")["registrations"]
    found: dict[str, Any] = standing
    return found
