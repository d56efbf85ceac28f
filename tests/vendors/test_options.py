from decimal import Decimal

import pytest

from vendors.contracts import FieldKind, SettingField
from vendors.errors import Kind, NotSent
from vendors.options import read_option

FIELDS = (
    SettingField(name="client", label="Client", is_required=True),
    SettingField(name="unit", label="Unit"),
    SettingField(name="size", label="Size", kind=FieldKind.INTEGER, default=250),
    SettingField(name="limit", label="Limit", kind=FieldKind.INTEGER),
    SettingField(name="divisor", label="Divisor", kind=FieldKind.DECIMAL, default=100),
    SettingField(name="live", label="Live", kind=FieldKind.BOOLEAN, default=False),
    SettingField(
        name="group",
        label="Group",
        kind=FieldKind.CHOICE,
        choices=("A", "B"),
        default="A",
    ),
)


@pytest.mark.parametrize(
    ("values", "name", "found"),
    [
        ({}, "unit", ""),
        ({"unit": "ST"}, "unit", "ST"),
        ({}, "size", 250),
        ({"size": "10"}, "size", 10),
        ({"size": ""}, "size", 250),
        ({}, "limit", None),
        ({}, "divisor", Decimal(100)),
        ({"divisor": "1.5"}, "divisor", Decimal("1.5")),
        ({"live": "true"}, "live", True),
        ({"live": False}, "live", False),
        ({"group": "B"}, "group", "B"),
    ],
)
def test_an_option_has_its_type_and_its_default(values, name, found):
    value = read_option(FIELDS, values, name)

    assert value == found
    assert type(value) is type(found)


@pytest.mark.parametrize(
    ("values", "name"),
    [
        ({"size": "many"}, "size"),
        ({"divisor": "NaN"}, "divisor"),
        ({"divisor": "x"}, "divisor"),
        ({"live": "perhaps"}, "live"),
        ({"group": "Z"}, "group"),
        ({}, "client"),
    ],
)
def test_an_impossible_option_is_a_trouble_of_configuration(values, name):
    with pytest.raises(NotSent) as caught:
        read_option(FIELDS, values, name)

    assert caught.value.kind is Kind.CONFIGURATION


def test_an_undeclared_option_is_our_mistake():
    with pytest.raises(KeyError):
        read_option(FIELDS, {}, "nope")
