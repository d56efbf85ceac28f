"""Shops over REST."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from procurement.shops.models import Shop, ShopRegistration
from procurement.shops.operations import change_shop
from procurement.suppliers.models import Supplier
from procurement.transmissions.models import Transmission
from tests.api.clients import V1, client_for
from tests.factories import make_supplier, make_user
from tests.parties import allow, asked_for, created_shop, make_shop
from tests.party_fakes import FakeParties
from tests.sending import transmit
from vendors.contracts import Accepted
from vendors.errors import Kind, OutcomeUnknown

pytestmark = pytest.mark.django_db
SHOPS = f"{V1}/shops/"
PERMISSIONS = tuple(
    f"shops.{name}_shop"
    for name in ("view", "add", "change", "register", "push", "resolve")
)
BODY = {
    "slug": "fjell",
    "name": "Fjellbutikken",
    "legal_name": "Fjellbutikken AS",
    "organization_number": "918 273 645",
    "email": "lager@fjell.example",
    "phone": "90000001",
    "address": {
        "street": "Storgata",
        "street_number": "12",
        "entrance": "",
        "zip_code": "0181",
        "city": "Oslo",
        "country_code": "NO",
    },
}
AT_EXTEND = {"supplier": "extend-nord", "details": {"owner": "nordlys", "vat": True}}


@pytest.fixture
def api(db: None) -> APIClient:
    return client_for(allow(make_user("buyer"), *PERMISSIONS))


@pytest.fixture
def supplier(parties: FakeParties, db: None) -> Supplier:
    return make_supplier()


def url(shop: Shop, call: str = "") -> str:
    return f"{SHOPS}{shop.pk}/{call}"


def errors_of(answer: Any) -> dict[str, str]:
    assert answer.status_code == 400, answer.content
    found: dict[str, str] = answer.json()["errors"]
    return found


def test_shop_is_created_read_and_changed(api: APIClient) -> None:
    answer = api.post(SHOPS, BODY, format="json")

    assert answer.status_code == 201, answer.content
    shown = answer.json()
    assert shown == {
        "id": shown["id"],
        **BODY,
        "registrations": [],
        "version": 1,
        "created_at": shown["created_at"],
        "updated_at": shown["updated_at"],
    }
    read = api.get(f"{SHOPS}{shown['id']}/")
    assert (read.json(), read.headers["ETag"][:3]) == (shown, '"1-')
    changed = api.patch(
        f"{SHOPS}{shown['id']}/",
        {"address": {"city": "Bergen"}},
        format="json",
        HTTP_IF_MATCH='"1"',
    )
    assert changed.json()["address"] == {**BODY["address"], "city": "Bergen"}
    assert (changed.json()["name"], changed.headers["ETag"]) == ("Fjellbutikken", '"2"')


def test_change_of_an_old_version_is_refused(api: APIClient) -> None:
    shop = make_shop()
    api.patch(url(shop), {"phone": "1"}, format="json")

    answer = api.patch(url(shop), {"phone": "2"}, format="json", HTTP_IF_MATCH="1")

    assert answer.status_code == 412
    assert answer.json()["code"] == "version_conflict"


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"colour": "red"}, "colour"),
        ({"address": {"planet": "x"}}, "address.planet"),
        ({"address": {"country_code": "Norge"}}, "address.country_code"),
        ({"email": "x"}, "email"),
        ({"slug": "no slug"}, "slug"),
        ({"name": None}, "name"),
    ],
)
def test_what_will_not_do_is_named(
    api: APIClient, change: dict[str, Any], path: str
) -> None:
    assert list(errors_of(api.post(SHOPS, {**BODY, **change}, format="json"))) == [path]
    assert not Shop.objects.exists()


def test_same_call_again_makes_one_shop(api: APIClient) -> None:
    first = api.post(SHOPS, BODY, format="json", HTTP_IDEMPOTENCY_KEY="a")
    second = api.post(SHOPS, BODY, format="json", HTTP_IDEMPOTENCY_KEY="a")

    assert second.json() == first.json()
    assert second.headers["Idempotent-Replayed"] == "true"
    assert Shop.objects.count() == 1


def test_list_has_pages_and_filters(api: APIClient) -> None:
    for slug in ("a", "b", "c"):
        make_shop(slug, name=f"Shop {slug}", organization_number=f"NO {slug}")

    page = api.get(f"{SHOPS}?page_size=2").json()
    rest = api.get(page["next"]).json()
    assert [one["slug"] for one in page["results"]] == ["c", "b"]
    assert [one["slug"] for one in rest["results"]] == ["a"]
    for query in ("slug=b", "name=shop%20b", "organization_number=NO%20b"):
        found = api.get(f"{SHOPS}?{query}").json()["results"]
        assert [one["slug"] for one in found] == ["b"], query
    assert list(errors_of(api.get(f"{SHOPS}?colour=red"))) == ["colour"]
    assert (
        api.get(f"{SHOPS}?updated_since=2999-01-01T00:00:00Z").json()["results"] == []
    )


def test_list_costs_the_same_whatever_there_is(
    api: APIClient, supplier: Supplier
) -> None:
    api.get(SHOPS)  # notes that the key is in use, once
    costs = []
    for number in range(3):
        for extra in range(number + 1):
            asked_for(make_shop(f"shop-{number}-{extra}"), supplier)
        with CaptureQueriesContext(connection) as queries:
            api.get(SHOPS)
        costs.append(len(queries))

    assert len(set(costs)) == 1


# --- at a supplier ----------------------------------------------------------------


def test_shop_is_registered_by_a_worker(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    shop = make_shop()

    answer = api.post(
        url(shop, "register/"), AT_EXTEND, format="json", HTTP_IF_MATCH='"1"'
    )

    assert answer.status_code == 202, answer.content
    (there,) = answer.json()["registrations"]
    assert there == {
        "supplier": "extend-nord",
        "state": "queued",
        "push": "none",
        "test": True,
        "vendor_id": "",
        "details": {"owner": "nordlys", "vat": True},
        "attention": "",
        "updated_at": there["updated_at"],
    }
    assert parties.shops == []
    transmit(transmission_id=Transmission.objects.get().pk)
    (there,) = api.get(url(shop)).json()["registrations"]
    assert (there["state"], there["vendor_id"]) == ("created", "20431")


def test_same_registration_again_is_answered_the_same(
    api: APIClient, supplier: Supplier
) -> None:
    shop = make_shop()

    def ask(**headers: str) -> Any:
        return api.post(url(shop, "register/"), AT_EXTEND, format="json", **headers)

    first = ask(HTTP_IDEMPOTENCY_KEY="a")
    assert ask(HTTP_IDEMPOTENCY_KEY="a").json() == first.json()
    other = ask(HTTP_IDEMPOTENCY_KEY="b")
    assert (other.status_code, other.json()["code"]) == (409, "already_there")
    assert Transmission.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({}, "supplier"),
        ({"supplier": "nobody"}, "supplier"),
        ({"supplier": "extend-nord"}, None),
        ({"supplier": "extend-nord", "details": {}}, "details.owner"),
        ({**AT_EXTEND, "details": {"owner": ["x"]}}, "details.owner"),
        ({**AT_EXTEND, "details": {"owner": 5}}, "details.owner"),
        ({**AT_EXTEND, "now": True}, "now"),
    ],
)
def test_registration_that_will_not_do_is_named(
    api: APIClient, supplier: Supplier, body: dict[str, Any], path: str | None
) -> None:
    answer = api.post(url(make_shop(), "register/"), body, format="json")

    if path is None:
        assert answer.status_code == 202
    else:
        assert list(errors_of(answer)) == [path]
        assert not ShopRegistration.objects.exists()


def test_objections_are_a_409(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    parties.against_shops = ("The e-mail is missing.",)

    answer = api.post(url(make_shop(), "register/"), AT_EXTEND, format="json")

    assert answer.status_code == 409
    assert answer.json()["code"] == "supplier_objects"
    assert answer.json()["detail"] == "The e-mail is missing."


def test_push_is_previewed_and_pushed(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    shop = created_shop(supplier).shop
    api.patch(url(shop), {"email": "ny@fjell.example"}, format="json")

    preview = api.get(url(shop, "push/?supplier=extend-nord")).json()
    assert preview == {
        "changes": [
            {
                "field": "email",
                "label": "E-mail",
                "before": "lager@fjell.example",
                "after": "ny@fjell.example",
            }
        ],
        "objections": [],
        "version": 3,
    }
    answer = api.post(
        url(shop, "push/"),
        {"supplier": "extend-nord"},
        format="json",
        HTTP_IF_MATCH=f'"{preview["version"]}"',
    )
    assert answer.status_code == 202, answer.content
    transmit(transmission_id=Transmission.objects.latest("pk").pk)

    (there,) = api.get(url(shop)).json()["registrations"]
    assert there["push"] == "pushed"
    again = api.post(url(shop, "push/"), {"supplier": "extend-nord"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_push")


def test_push_of_what_was_not_previewed_is_refused(
    api: APIClient, supplier: Supplier
) -> None:
    shop = created_shop(supplier).shop
    change_shop(shop_id=shop.pk, actor=None, data={"phone": "1"})

    answer = api.post(
        url(shop, "push/"),
        {"supplier": "extend-nord"},
        format="json",
        HTTP_IF_MATCH='"2"',
    )

    assert answer.status_code == 412


def test_preview_says_why_not(api: APIClient, supplier: Supplier) -> None:
    shop = make_shop()

    preview = api.get(url(shop, "push/?supplier=extend-nord")).json()

    assert preview["objections"] == [f"{shop} at {supplier} is not there: not there."]
    assert list(errors_of(api.get(url(shop, "push/")))) == ["supplier"]


def test_lost_answer_is_resolved(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    parties.shop_answers = [OutcomeUnknown("No answer.", kind=Kind.TIMEOUT)]
    shop = created_shop(supplier).shop
    again = api.post(url(shop, "register/"), AT_EXTEND, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "already_there")
    body = {"supplier": "extend-nord", "outcome": "done", "vendor_id": "7"}

    assert list(errors_of(api.post(url(shop, "resolve/"), body, format="json"))) == [
        "evidence"
    ]
    body["evidence"] = "Asked Kari at DI."
    answer = api.post(url(shop, "resolve/"), body, format="json")

    assert answer.status_code == 200, answer.content
    (there,) = answer.json()["registrations"]
    assert (there["state"], there["vendor_id"]) == ("created", "7")
    again = api.post(url(shop, "resolve/"), body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "not_unknown")


def test_id_is_recorded(
    api: APIClient, supplier: Supplier, parties: FakeParties
) -> None:
    parties.shop_answers = [Accepted(number=None)]
    shop = created_shop(supplier).shop

    answer = api.post(
        url(shop, "record/"),
        {"supplier": "extend-nord", "vendor_id": "88", "evidence": "Mail."},
        format="json",
    )

    assert answer.status_code == 200, answer.content
    (there,) = answer.json()["registrations"]
    assert (there["state"], there["vendor_id"]) == ("created", "88")


def test_events_tell_the_story(api: APIClient, supplier: Supplier) -> None:
    shop = created_shop(supplier).shop

    events = api.get(url(shop, "events/")).json()["results"]

    assert [(one["kind"], one["supplier"], one["actor"]) for one in events] == [
        ("created", None, "buyer"),
        ("creating_asked", "extend-nord", "buyer"),
        ("creating_sending", "extend-nord", "system"),
        ("creating_sent", "extend-nord", "system"),
    ]


# --- who may ----------------------------------------------------------------------

Call = Callable[[APIClient, Shop], Any]
CALLS: dict[str, tuple[Call, str, str]] = {
    "list": (lambda c, s: c.get(SHOPS), "orders:read", "view_shop"),
    "read": (lambda c, s: c.get(url(s)), "orders:read", "view_shop"),
    "events": (lambda c, s: c.get(url(s, "events/")), "orders:read", "view_shop"),
    "preview": (
        lambda c, s: c.get(url(s, "push/?supplier=extend-nord")),
        "orders:read",
        "view_shop",
    ),
    "create": (
        lambda c, s: c.post(SHOPS, {**BODY, "slug": "new"}, format="json"),
        "shops:write",
        "add_shop",
    ),
    "change": (
        lambda c, s: c.patch(url(s), {"phone": "1"}, format="json"),
        "shops:write",
        "change_shop",
    ),
    "register": (
        lambda c, s: c.post(url(s, "register/"), AT_EXTEND, format="json"),
        "shops:write",
        "register_shop",
    ),
    "push": (
        lambda c, s: c.post(url(s, "push/"), AT_EXTEND, format="json"),
        "shops:write",
        "push_shop",
    ),
    "record": (
        lambda c, s: c.post(
            url(s, "record/"),
            {"supplier": "extend-nord", "vendor_id": "1", "evidence": "x"},
            format="json",
        ),
        "shops:write",
        "resolve_shop",
    ),
    "resolve": (
        lambda c, s: c.post(
            url(s, "resolve/"),
            {"supplier": "extend-nord", "outcome": "done", "evidence": "x"},
            format="json",
        ),
        "shops:write",
        "resolve_shop",
    ),
}


@pytest.mark.parametrize("name", CALLS)
def test_call_needs_its_scope_and_its_permission(supplier: Supplier, name: str) -> None:
    call, scope, permission = CALLS[name]
    shop = make_shop()
    others = {"orders:read", "orders:write", "shops:write"} - {scope}
    everything = allow(make_user("all"), *PERMISSIONS)
    # Whoever may change a shop may look at it, as in the admin.
    lost = {permission, "change_shop"} if permission == "view_shop" else {permission}
    kept = set(PERMISSIONS) - {f"shops.{each}" for each in lost}
    lacking = allow(make_user("some"), *kept)

    no_scope = call(client_for(everything, others, system="a"), shop)
    no_permission = call(client_for(lacking, [scope], system="b"), shop)
    both = call(client_for(everything, [scope], system="c"), shop)

    assert (no_scope.status_code, no_scope.json()["code"]) == (403, "scope_missing")
    assert no_permission.status_code == 403
    assert no_permission.json()["permission"] == f"shops.{permission}"
    assert both.status_code not in (401, 403)


def test_shop_that_is_not_there_is_404(api: APIClient, supplier: Supplier) -> None:
    for call in ("", "events/", "push/?supplier=extend-nord"):
        answer = api.get(f"{SHOPS}999/{call}")
        assert answer.status_code == 404
        assert answer.json()["detail"] == "There is no shop 999."
    assert (
        api.post(f"{SHOPS}999/register/", AT_EXTEND, format="json").status_code == 404
    )
    assert api.get(f"{SHOPS}{'9' * 19}/").status_code == 404
    assert api.get(f"{SHOPS}{'9' * 30}/events/").status_code == 404
