"""Whatever is entered wrongly is told what would be right; limits are in the schema."""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from drf_spectacular.generators import SchemaGenerator
from rest_framework import serializers
from rest_framework.test import APIClient

from procurement import api_urls
from procurement.access.fields import StrictSerializer
from procurement.access.problems import flatten
from procurement.orders.serializers import OrderInput
from procurement.suppliers.models import Supplier
from tests.api.clients import ORDERS, order_body

pytestmark = pytest.mark.django_db
WRONG: tuple[Any, ...] = (
    None,
    "",
    "   ",
    "nobody",
    "x" * 6000,
    "2031-02-30",
    "31.12.2031",
    "2031-04-09T10:00:00Z",
    -1,
    0,
    10**30,
    Decimal("1.23456789"),
    Decimal("99999999999999"),
    True,
    "maybe",
    [],
    {},
    [None],
    ["x" * 6000],
    [1, 2],
    {"a": []},
    {"a": "x" * 6000},
    [{"position": "one"}],
    {"one": "1"},
    ["x"] * 1001,
)
RIGHT = re.compile(r"\b(Give|give|there are|it has|Take)\b")
DRF_SAYS = re.compile(r"This field|Ensure|valid|Expected|required|may not|No data")


def serializers_of_bodies() -> Iterator[type[StrictSerializer]]:
    # The addresses make those of the actions.
    assert api_urls.urlpatterns
    found = StrictSerializer.__subclasses__()
    assert len(found) > 25
    yield from found


def faults_of(serializer: Any) -> dict[str, str]:
    return {} if serializer.is_valid() else dict(flatten(serializer.errors))


def assert_says_what_is_right(faults: dict[str, str], where: object) -> None:
    for path, text in faults.items():
        assert RIGHT.search(text), (where, path, text)
        assert not DRF_SAYS.search(text), (where, path, text)
        assert len(text) < 400, (where, path)
        assert text.endswith("."), (where, path, text)


def test_missing_values_are_asked_for() -> None:
    for kind in serializers_of_bodies():
        faults = faults_of(kind(data={}))
        wanted = {name for name, field in kind().fields.items() if field.required}

        assert set(faults) == wanted, kind
        assert_says_what_is_right(faults, kind)


@pytest.mark.parametrize("value", WRONG, ids=lambda value: repr(value)[:24])
def test_wrong_values_are_told_the_right_ones(value: Any, supplier: Supplier) -> None:
    refused = 0
    for kind in serializers_of_bodies():
        for name in kind().fields:
            faults = faults_of(kind(data={name: value}, partial=True))
            refused += bool(faults)
            assert_says_what_is_right(faults, (kind, name, value))
    assert refused


def test_unknown_names_are_told_the_known_ones() -> None:
    for kind in serializers_of_bodies():
        faults = faults_of(kind(data={"qty": 1}, partial=True))

        assert faults["qty"].startswith("There is no such field; there are ")


@pytest.mark.parametrize(
    ("changes", "path", "text"),
    [
        (
            {"supplier": "x"},
            "supplier",
            "There is no supplier x; give the slug of one.",
        ),
        (
            {"currency": "KRONOR"},
            "currency",
            "Give a currency by its three letters, such as SEK.",
        ),
        ({"test": "maybe"}, "test", "Give true or false, without quotes."),
        (
            {"requested_date": "9/4"},
            "requested_date",
            "Give a day, such as 2031-04-09.",
        ),
        (
            {"note": None},
            "note",
            "Give a text of at most 400 characters, or leave it out.",
        ),
        (
            {"lines": [{}]},
            "lines.0.item_number",
            "Give a text of at most 80 characters, and not an empty one.",
        ),
        (
            {"customer": 999},
            "customer",
            "There is no customer 999; give the id of one.",
        ),
    ],
)
def test_what_is_said_of_an_order(
    api: APIClient, supplier: Supplier, changes: dict[str, Any], path: str, text: str
) -> None:
    answer = api.post(ORDERS, order_body(**changes), format="json")

    assert answer.json()["errors"][path] == text


# --- what operations refuse by themselves -----------------------------------------


@pytest.mark.parametrize(
    ("address", "body", "path"),
    [
        ("shops/", {"slug": "no rd", "name": "Nord"}, "slug"),
        ("shops/", {"slug": "nord", "name": "Nord", "email": "nobody"}, "email"),
        ("shops/", {"slug": "taken", "name": "Nord"}, "slug"),
        ("customers/", {"name": "Nord", "email": "nobody"}, "email"),
        (
            "customers/",
            {"name": "N", "address": {"country_code": "se"}},
            "address.country_code",
        ),
        (
            "suppliers/",
            {
                "slug": "no rd",
                "name": "N",
                "vendor": "eet",
                "base_url": "https://host.example/",
            },
            "slug",
        ),
        (
            "suppliers/",
            {
                "slug": "extend-nord",
                "name": "N",
                "vendor": "eet",
                "base_url": "https://host.example/",
            },
            "slug",
        ),
        (
            "suppliers/",
            {"slug": "n", "name": "N", "vendor": "eet", "base_url": "nowhere"},
            "base_url",
        ),
        (
            "suppliers/",
            {
                "slug": "n",
                "name": "N",
                "vendor": "eet",
                "currency": "XXQ",
                "base_url": "https://host.example/",
            },
            "currency",
        ),
        (
            "suppliers/",
            {
                "slug": "n",
                "name": "N",
                "vendor": "eet",
                "base_url": "https://host.example/",
                "options": {"nothing": 1},
            },
            "options.nothing",
        ),
        (
            "suppliers/",
            {
                "slug": "n",
                "name": "N",
                "vendor": "eet",
                "base_url": "https://host.example/",
                "mapping": {"nothing": "1"},
            },
            "mapping.nothing",
        ),
        (
            "suppliers/",
            {
                "slug": "n",
                "name": "N",
                "vendor": "eet",
                "base_url": "https://host.example/",
                "credentials": {"nothing": "1"},
            },
            "credentials.nothing",
        ),
    ],
)
def test_operations_say_what_would_be_right(
    root_api: APIClient, supplier: Supplier, address: str, body: Any, path: str
) -> None:
    root_api.post("/api/v1/shops/", {"slug": "taken", "name": "T"}, format="json")

    answer = root_api.post(f"/api/v1/{address}", body, format="json")

    assert answer.status_code == 400, answer.content
    faults = answer.json()["errors"]
    assert path in faults
    assert_says_what_is_right(faults, address)


# --- limits -----------------------------------------------------------------------


def text_fields(serializer: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    for name, field in serializer.fields.items():
        where = f"{path}.{name}"
        child = getattr(field, "child", None)
        if isinstance(field, serializers.Serializer):
            yield from text_fields(field, where)
        elif isinstance(child, serializers.Serializer):
            yield from text_fields(child, where)
        elif isinstance(child, serializers.CharField):
            yield where, child
        elif type(field) is serializers.CharField:
            yield where, field


def test_every_text_has_a_limit_and_is_taken_up_to_it() -> None:
    for kind in serializers_of_bodies():
        for where, field in text_fields(kind()):
            assert field.max_length, (kind, where)
            assert field.run_validation("x" * field.max_length)
            with pytest.raises(serializers.ValidationError):
                field.run_validation("x" * (field.max_length + 1))


def test_limits_stand_in_the_description() -> None:
    schema = SchemaGenerator().get_schema(public=True)["components"]["schemas"]
    order, line = schema["OrderInput"], schema["LineInput"]

    assert order["properties"]["lines"]["maxItems"] == 1000
    assert order["properties"]["note"]["maxLength"] == 400
    assert line["properties"]["item_number"]["maxLength"] == 80
    assert (
        schema["ReceiveInput"]["properties"]["quantities"]["oneOf"][0]["maxItems"]
        == 1000
    )


def test_order_has_a_thousand_lines_and_not_one_more(supplier: Supplier) -> None:
    (line,) = order_body()["lines"]

    assert faults_of(OrderInput(data=order_body(lines=[line] * 1000))) == {}
    assert list(faults_of(OrderInput(data=order_body(lines=[line] * 1001)))) == [
        "lines"
    ]


def test_body_may_have_a_million_bytes(api: APIClient, supplier: Supplier) -> None:
    start, end = b'{"note": "', b'"}'
    full = start + b"x" * (1_000_000 - len(start) - len(end)) + end

    at_limit = api.post(ORDERS, full, content_type="application/json")
    beyond = api.post(ORDERS, full + b" ", content_type="application/json")

    assert (at_limit.status_code, beyond.status_code) == (400, 413)
    assert Client().get("/api/problems/payload_too_large/").status_code == 200
