"""Pages of lists: no row twice and none missing, whatever is written meanwhile."""

import base64
import json
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rest_framework.test import APIClient

from procurement.customers.models import Customer
from procurement.orders.models import PurchaseOrder
from procurement.suppliers.models import Supplier
from tests.api.clients import ALL, ORDERS, V1, client_for, permit
from tests.factories import make_order, make_user

pytestmark = pytest.mark.django_db
CUSTOMERS = f"{V1}/customers/"
ROLLED_BACK = [HealthCheck.function_scoped_fixture]
"""The fixture is a key alone; what an example writes is undone by `rolled_back`."""
BEGIN = datetime(2031, 4, 9, 8, 0, tzinfo=UTC)


@pytest.fixture
def reader(db: None) -> APIClient:
    return client_for(permit(make_user("erp"), *ALL, "customers.view_customer"))


class Register:
    """Customers that are entered and changed while somebody pages through them."""

    def __init__(self, count: int) -> None:
        self.moment = BEGIN
        self.add(count)

    def add(self, count: int) -> None:
        for _ in range(count):
            customer = Customer.objects.create(name="Verkstad Nord")
            self._stamp(Customer.objects.filter(pk=customer.pk), version=1)

    def change(self, place: int) -> None:
        pks = list(Customer.objects.order_by("pk").values_list("pk", flat=True))
        chosen = Customer.objects.filter(pk=pks[place % len(pks)])
        self._stamp(chosen, version=chosen.get().version + 1)

    def _stamp(self, rows: Any, *, version: int) -> None:
        # Every third moment is as the one before, as when many are changed at once.
        self.moment += timedelta(seconds=0 if self.moment.second % 3 else 1)
        self.moment += timedelta(microseconds=1 if self.moment.second % 3 else 0)
        rows.update(updated_at=self.moment, version=version)

    def versions(self) -> dict[int, int]:
        return dict(Customer.objects.values_list("pk", "version"))


Step = tuple[str, int]
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(1, 3)),
        st.tuples(st.just("change"), st.integers(0, 30)),
    ),
    max_size=4,
)
meanwhile = st.lists(steps, max_size=8)
"""What happens after each page; nothing more once it is used up."""


def turn(
    api: APIClient, url: str, register: Register, script: list[list[Step]], way: str
) -> Iterator[list[dict[str, Any]]]:
    """The pages from an address on, with what happens between them."""
    pending = list(script)
    address: str | None = url
    while address:
        page = api.get(address).json()
        yield page["results"]
        address = page[way]
        for name, number in pending.pop(0) if pending and address else []:
            register.add(number) if name == "add" else register.change(number)


@settings(max_examples=40, suppress_health_check=ROLLED_BACK)
@given(
    count=st.integers(0, 12),
    size=st.integers(1, 4),
    script=meanwhile,
    ordering=st.sampled_from(["-id", "id"]),
)
def test_rows_by_id_come_once_whatever_is_entered_meanwhile(
    reader: APIClient, count: int, size: int, script: list[list[Step]], ordering: str
) -> None:
    with rolled_back():
        register = Register(count)
        there = set(register.versions())
        url = f"{CUSTOMERS}?page_size={size}&ordering={ordering}"

        pages = list(turn(reader, url, register, script, "next"))
        seen = [row["id"] for page in pages for row in page]

        assert seen == sorted(seen, reverse=ordering == "-id")
        assert not [pk for pk, times in Counter(seen).items() if times > 1]
        assert there <= set(seen)
        # Upwards, what was entered before the last page was read comes as well.
        if ordering == "id":
            assert set(seen) == set(register.versions())


@settings(max_examples=40, suppress_health_check=ROLLED_BACK)
@given(count=st.integers(1, 12), size=st.integers(1, 4), script=meanwhile)
def test_follower_of_changes_ends_with_the_latest_version_of_every_row(
    reader: APIClient, count: int, size: int, script: list[list[Step]]
) -> None:
    with rolled_back():
        register = Register(count)
        url = f"{CUSTOMERS}?page_size={size}&ordering=updated_at"

        pages = list(turn(reader, url, register, script, "next"))
        seen = [(row["id"], row["version"]) for page in pages for row in page]

        # A row that changed comes again, as what it is then, and never twice alike.
        assert len(seen) == len(set(seen))
        assert dict(seen) == register.versions()
        moments = [row["updated_at"] for page in pages for row in page]
        assert moments == sorted(moments)


@settings(max_examples=30, suppress_health_check=ROLLED_BACK)
@given(
    count=st.integers(1, 12),
    size=st.integers(1, 4),
    script=meanwhile,
    ordering=st.sampled_from(["-id", "id", "updated_at", "-updated_at"]),
)
def test_way_back_misses_nothing_that_stood_still(
    reader: APIClient, count: int, size: int, script: list[list[Step]], ordering: str
) -> None:
    with rolled_back():
        register = Register(count)
        url = f"{CUSTOMERS}?page_size={size}&ordering={ordering}"
        pages = list(turn(reader, url, register, [], "next"))
        last = url
        while following := reader.get(last).json()["next"]:
            last = following
        before = register.versions()

        back = list(turn(reader, last, register, script, "previous"))
        seen = [row["id"] for page in back for row in page]

        still = {
            pk
            for pk, version in register.versions().items()
            if before.get(pk) == version
        }
        assert still <= set(seen)
        assert [pk for pk in still if seen.count(pk) > 1] == []
        if not script:
            assert back == pages[::-1]


class rolled_back:
    """Undoes what an example wrote, so that the next one begins afresh."""

    def __enter__(self) -> None:
        self._atomic = transaction.atomic()
        self._atomic.__enter__()

    def __exit__(self, *error: Any) -> None:
        transaction.set_rollback(True)
        self._atomic.__exit__(*error)


# --- orderings --------------------------------------------------------------------


def test_orders_come_in_the_order_one_asks_for(
    api: APIClient, supplier: Supplier
) -> None:
    first, second, third = (make_order(supplier) for _ in range(3))
    days = {first.pk: "2031-05-02", third.pk: "2031-05-01"}
    for at, order in enumerate((third, first, second)):
        PurchaseOrder.objects.filter(pk=order.pk).update(
            updated_at=BEGIN + timedelta(minutes=at),
            requested_date=days.get(order.pk),
        )

    def listed(ordering: str) -> list[str]:
        results = api.get(ORDERS, {"ordering": ordering, "fields": "number"}).json()
        return [order["number"] for order in results["results"]]

    a, b, c = first.number, second.number, third.number
    assert listed("-id") == [c, b, a]
    assert listed("id") == [a, b, c]
    assert listed("updated_at") == [c, a, b]
    assert listed("-updated_at") == [b, a, c]
    assert listed("requested_date") == [c, a]


@pytest.mark.parametrize("ordering", ["total", "", "number", "-requested_date"])
def test_ordering_that_is_none_names_those_there_are(
    api: APIClient, ordering: str
) -> None:
    answer = api.get(ORDERS, {"ordering": ordering})

    assert answer.status_code == 400
    assert answer.json()["errors"] == {
        "ordering": "Give one of these: -id, id, updated_at, -updated_at, "
        "requested_date."
    }


def test_rows_of_one_moment_are_neither_lost_nor_repeated(
    api: APIClient, supplier: Supplier
) -> None:
    numbers = [make_order(supplier).number for _ in range(5)]
    PurchaseOrder.objects.update(updated_at=BEGIN)
    url: str | None = f"{ORDERS}?ordering=updated_at&page_size=2&fields=number"
    seen = []
    while url:
        page = api.get(url).json()
        seen += [order["number"] for order in page["results"]]
        url = page["next"]

    assert seen == numbers


# --- cursors ----------------------------------------------------------------------


def cursor_of(page: dict[str, Any]) -> str:
    return page["next"].partition("cursor=")[2].partition("&")[0]


@pytest.mark.parametrize(
    "changed",
    [
        "status=draft",
        "supplier=extend-nord&status=draft",
        "supplier=extend-nord&ordering=updated_at",
        "",
    ],
)
def test_cursor_belongs_to_its_filters_and_its_ordering(
    api: APIClient, supplier: Supplier, changed: str
) -> None:
    for _ in range(2):
        make_order(supplier)
    page = api.get(f"{ORDERS}?supplier=extend-nord&page_size=1").json()

    answer = api.get(f"{ORDERS}?{changed}&cursor={cursor_of(page)}")

    assert answer.status_code == 400
    assert "was handed out for another list" in answer.json()["errors"]["cursor"]


def test_cursor_of_one_list_opens_no_other(api: APIClient, supplier: Supplier) -> None:
    one, other = make_order(supplier), make_order(supplier)
    for kind in ("a", "b"):
        one.events.create(kind=kind, actor_name="buyer", status="draft")
    page = api.get(f"{ORDERS}{one.number}/events/?page_size=1").json()

    answer = api.get(f"{ORDERS}{other.number}/events/?cursor={cursor_of(page)}")

    assert list(answer.json()["errors"]) == ["cursor"]


def test_page_size_and_fields_may_change_on_the_way(
    api: APIClient, supplier: Supplier
) -> None:
    numbers = [make_order(supplier).number for _ in range(4)][::-1]
    page = api.get(f"{ORDERS}?status=draft&page_size=1").json()

    url = f"{ORDERS}?page_size=9&fields=number&status=draft&cursor={cursor_of(page)}"

    assert api.get(url).json()["results"] == [{"number": n} for n in numbers[1:]]


def packed(*values: Any) -> str:
    text = json.dumps(values).encode()
    return base64.urlsafe_b64encode(text).decode().rstrip("=")


def test_cursor_that_was_tampered_with_is_refused(
    api: APIClient, supplier: Supplier
) -> None:
    for _ in range(2):
        make_order(supplier)
    page = api.get(f"{ORDERS}?page_size=1&ordering=updated_at").json()
    text = cursor_of(page)
    way, digest, moment, pk = json.loads(
        base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    )
    wrong: list[tuple[Any, ...]] = [
        (way, digest, moment, "x"),
        (way, digest, moment, True),
        (way, digest, moment, 10**18),
        (way, digest, moment, -1),
        (way, digest, "yesterday", pk),
        (way, digest, "2031-04-09T08:00:00", pk),
        (way, digest, "0001-01-01T00:00:00+23:00", pk),
        (way, digest, None, pk),
        (way, digest, moment),
        (way, digest, moment, pk, pk),
        ("x", digest, moment, pk),
        (way, 7, moment, pk),
        (way,),
        (),
    ]
    for values in wrong:
        url = f"{ORDERS}?ordering=updated_at&cursor={packed(*values)}"
        answer = api.get(url)
        assert answer.status_code == 400, values
        assert list(answer.json()["errors"]) == ["cursor"], values
    good = packed(way, digest, moment, pk)
    assert api.get(f"{ORDERS}?ordering=updated_at&cursor={good}").status_code == 200


def test_page_that_has_become_empty_leads_back(
    api: APIClient, supplier: Supplier
) -> None:
    kept, gone = make_order(supplier), make_order(supplier)
    page = api.get(f"{ORDERS}?test=true&ordering=id&page_size=1").json()
    PurchaseOrder.objects.filter(pk=gone.pk).update(is_test=False)

    empty = api.get(page["next"]).json()
    back = api.get(empty["previous"]).json()

    assert (empty["results"], empty["next"]) == ([], None)
    assert [order["number"] for order in back["results"]] == [kept.number]


# --- links ------------------------------------------------------------------------


def test_links_come_as_a_header_too(api: APIClient, supplier: Supplier) -> None:
    for _ in range(3):
        make_order(supplier)
    first = api.get(f"{ORDERS}?page_size=1")
    second = api.get(first.json()["next"])
    links = second.json()

    assert first["Link"] == f'<{first.json()["next"]}>; rel="next"'
    assert second["Link"] == (
        f'<{links["next"]}>; rel="next", <{links["previous"]}>; rel="prev"'
    )
    assert "Link" not in api.get(f"{ORDERS}?status=sent")


@override_settings(
    SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https"),
    ALLOWED_HOSTS=["procurement.example.com"],
)
def test_links_behind_a_proxy_lead_to_where_the_caller_came(
    api: APIClient, supplier: Supplier
) -> None:
    for _ in range(2):
        make_order(supplier)

    page = api.get(
        f"{ORDERS}?page_size=1&status=draft",
        HTTP_HOST="procurement.example.com",
        HTTP_X_FORWARDED_PROTO="https",
    ).json()

    assert page["next"].startswith("https://procurement.example.com/api/v1/orders/?")
    assert "status=draft" in page["next"]
    assert django_settings.SECURE_PROXY_SSL_HEADER


def test_head_says_what_get_would_and_sends_no_body(
    api: APIClient, supplier: Supplier
) -> None:
    for _ in range(2):
        make_order(supplier)
    for url in (f"{ORDERS}?page_size=1", f"{ORDERS}sums/", f"{V1}/suppliers/"):
        answer = api.head(url)
        assert answer.status_code == 200, url
        assert answer.content == b"", url
    assert 'rel="next"' in api.head(f"{ORDERS}?page_size=1")["Link"]
