"""What vendors say of themselves: nothing untried, nothing unexplained."""

from collections import Counter
from dataclasses import fields, is_dataclass

import pytest

import vendors
from tests.vendors.suite.cases import CASES
from vendors.contracts import Capability, Grade, NotOffered, Vendor

CODES = pytest.mark.parametrize("code", CASES)
SELF_EXPLAINING = {
    # What everybody knows, by the label alone.
    "username",
    "password",
    "client_secret",
    "read_timeout",
    "ceo",
    "customer_manager",
    "deliverer_edi",
    "billing_first_name",
    "billing_last_name",
    "billing_email",
    "delivery_contact_name",
    "delivery_contact_email",
    "order_type",
    "first_page",
}


@pytest.fixture
def vendor(running, code) -> Vendor:
    return vendors.get(code)


def offered(vendor: Vendor) -> set[str]:
    """Return the names of all a vendor offers; `customers.read` for what is inside."""
    names = {"objections"}
    for capability in Capability:
        found = getattr(vendor, capability)
        if isinstance(found, NotOffered):
            continue
        if not is_dataclass(found):
            names.add(str(capability))
            continue
        names |= {
            f"{capability}.{each.name}"
            for each in fields(found)
            if not isinstance(getattr(found, each.name), NotOffered)
        }
    if vendor.note_before_placing:
        names.add("note_before_placing")
    if vendor.offers(Capability.CREATE_SHOP):
        names.add("shop_objections")
    return names


def test_every_vendor_has_a_case(running):
    assert set(vendors.CODES) == set(CASES)


def test_a_vendor_nobody_knows_is_said_so(running):
    with pytest.raises(KeyError, match=r"known are eet, .*tinker"):
        vendors.get("nope")


@CODES
def test_all_that_is_offered_is_tried_here(vendor, code):
    case = CASES[code]
    tried = {call.name for call in case.calls} | set(case.local)

    assert tried == offered(vendor)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        pytest.param(code, name, id=f"{code}-{name}")
        for code, case in CASES.items()
        for name in case.local
    ],
)
def test_what_calls_nobody_works_and_calls_nobody(open_at, code, name):
    desk = open_at(code)

    CASES[code].local[name](desk)

    assert desk.exchanges == []
    assert desk.sandbox.calls() == []


def reasons(vendor: Vendor) -> dict[str, str]:
    found = {}
    for capability in Capability:
        value = getattr(vendor, capability)
        inside = (
            {each.name: getattr(value, each.name) for each in fields(value)}
            if is_dataclass(value) and not isinstance(value, NotOffered)
            else {"": value}
        )
        for name, each in inside.items():
            if isinstance(each, NotOffered):
                found[f"{capability}.{name}".rstrip(".")] = each.reason
    return found


@CODES
def test_what_is_not_offered_is_explained_in_a_sentence(vendor, code):
    for name, reason in reasons(vendor).items():
        assert reason.endswith("."), f"{name}: {reason}"
        assert reason.lstrip("“")[0].isupper(), f"{name}: {reason}"
        assert 4 <= len(reason.split()) <= 60, f"{name}: {reason}"


KINDS = {
    # What one reason may speak of at once.
    "articles": {
        "fetch_offers",
        "list_changed_products",
        "read_product",
        "list_changed_stock",
        "read_price_file",
    },
    "shops": {"create_shop", "update_shop"},
    "orders": {
        "place_order",
        "find_orders",
        "list_changed_orders",
        "read_order",
        "cancel_order",
    },
    "customers": {"customers", "customers.list_changed", "customers.create"},
    "webhooks": {"webhooks"},
    "logins": {"customer_login"},
}


@CODES
def test_no_reason_stands_for_things_of_different_kinds(vendor, code):
    of_kind: dict[str, set[str]] = {}
    for name, reason in reasons(vendor).items():
        [kind] = [kind for kind, names in KINDS.items() if name in names]
        of_kind.setdefault(reason, set()).add(kind)

    assert {reason for reason, kinds in of_kind.items() if len(kinds) > 1} == set()


@CODES
def test_every_setting_says_what_it_is(vendor, code):
    settings = (*vendor.credentials, *vendor.options, *vendor.shop_fields)
    for setting in settings:
        assert setting.label[0].isupper(), setting.name
        # A further password is explained by the user name it belongs to.
        is_clear = setting.name in SELF_EXPLAINING or "_password" in setting.name
        assert setting.help or is_clear, setting.name
        assert not setting.help or setting.help.endswith("."), setting.name
        assert setting.default is None or not setting.is_required, setting.name
    for group in (vendor.credentials, vendor.options, vendor.shop_fields):
        assert max(Counter(each.name for each in group).values(), default=1) == 1
        assert max(Counter(each.label for each in group).values(), default=1) == 1
    names = {setting.name for setting in vendor.options}
    assert {"read_timeout", "calls_per_minute", "calls_at_once"} <= names


@CODES
def test_every_name_says_how_sure_it_is(vendor, code):
    for key, name in vendor.mapping.items():
        assert name.grade in tuple(Grade), key
        assert name.value.strip() == name.value, key
        assert name.value, key
        assert name.value.isprintable(), key


@CODES
def test_a_wrong_guess_can_be_put_right(vendor, code):
    """Each inferred word of a state is one that a supplier may override."""
    for kind, meanings in vendor.word_kinds.items():
        words = {k: n.value for k, n in vendor.mapping.items() if k.startswith(kind)}
        assert words, kind
        of_kind = {k: v for k, v in words.items() if k.partition(".")[0] == kind}
        assert set(of_kind.values()) <= set(meanings), kind


@CODES
def test_a_checklist_is_in_questions_and_names_are_unlike(vendor, code):
    names = [check.name for check in vendor.checklist]

    assert names
    assert len(set(names)) == len(names)
    for check in vendor.checklist:
        assert check.question.strip().endswith(("?", ".")), check.name
