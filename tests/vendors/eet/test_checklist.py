import json
from datetime import UTC, datetime

import pytest

from vendors import eet as eet_module
from vendors.addresses import checked_base
from vendors.contracts import Account, Samples, Verdict
from vendors.eet import auth, checklist
from vendors.eet.mapping import MAPPING
from vendors.eet.settings import OPTIONS
from vendors.errors import Kind, NotSent

URL = "https://eet.test/product"
NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)
ITEMS = Samples(items=("KAB20417", "W900000017", "KAB3", "KAB4"))
ONE = Samples(items=("KAB20417",))


def product(price: object = 12950, **members: object) -> dict[str, object]:
    return {
        "ItemId": "KAB20417",
        "Price": {"Price": price},
        "Stock": [{"StockTypeName": "Local", "Quantity": 3}],
        **members,
    }


def check(eet, client, *products: object):
    eet.post(URL, json=list(products))
    return checklist.check_products(client, ONE)


# --- the list itself ----------------------------------------------------------


def test_nothing_on_the_list_writes_or_calls_for_an_order(eet, client):
    eet.post(URL, json=[product()])
    for each in eet_module.VENDOR.checklist:
        assert not each.writes
        assert each.run(client, ITEMS)

    paths = {call.request.path_url for call in eet.calls}
    assert paths == {"/login", "/product"}
    assert not client.has_written


def test_the_list_has_the_steps_of_its_description_in_order():
    names = [each.name for each in eet_module.VENDOR.checklist]

    assert names == ["swagger", "login", "products", "order_call", "sales_contact"]


def test_the_order_call_is_a_persons_to_read_off(client):
    [finding] = checklist.read_off_the_order_call(client, ITEMS)

    assert finding.verdict is Verdict.ASK
    assert "order.test_in_address" in finding.mapping_keys
    assert set(finding.mapping_keys) <= set(MAPPING)
    assert finding.options == ("order_contract_confirmed",)
    assert set(finding.options) <= {field.name for field in OPTIONS}


def test_the_known_address_is_the_documented_one():
    [known] = eet_module.VENDOR.known_addresses

    assert known.base_url == "https://customerapi.eetgroup.com"
    account = Account(supplier="x", base_url=known.base_url)
    assert checked_base(account, known.base_url)


# --- login --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "verdicts", "words"),
    [
        (
            {"Token": "token-1", "Expiration": "2031-04-03T08:00:00Z"},
            [Verdict.AS_ASSUMED, Verdict.AS_ASSUMED],
            ["Token, Expiration. Token is the token", "within 24 hours"],
        ),
        (
            {"token": "token-1"},
            [Verdict.DIFFERS, Verdict.UNCLEAR],
            ["answers with token. Token is not among them", "No Expiration is told"],
        ),
        (
            {"Token": "token-1", "Expiration": "in a while"},
            [Verdict.AS_ASSUMED, Verdict.DIFFERS],
            ["Token is the token", "no moment"],
        ),
        (
            {"Token": "token-1", "Expiration": "2031-04-04T08:00:00Z"},
            [Verdict.AS_ASSUMED, Verdict.DIFFERS],
            ["Token is the token", "not within 24 hours"],
        ),
    ],
)
def test_the_login_is_told_by_its_names_and_end(
    responses_on, client, time_machine, answer, verdicts, words
):
    time_machine.move_to(NOW, tick=False)
    responses_on.post("https://eet.test/login", json=answer)

    findings = checklist.check_login(client, ONE)

    assert [finding.verdict for finding in findings] == [*verdicts, Verdict.ASK]
    for finding, word in zip(findings, words, strict=False):
        assert word in finding.text
    assert "token-1" not in repr(findings)


def test_the_login_is_done_once_even_with_a_good_token(eet, client, time_machine):
    time_machine.move_to(NOW, tick=False)
    auth.obtain_token(client)
    time_machine.shift(60)

    findings = checklist.check_login(client, ONE)

    assert len(eet.calls) == 2
    assert findings[0].verdict is Verdict.AS_ASSUMED


def test_a_login_that_fails_is_no_finding(responses_on, client):
    responses_on.post("https://eet.test/login", status=401)

    with pytest.raises(NotSent) as caught:
        checklist.check_login(client, ONE)

    assert caught.value.kind is Kind.CREDENTIALS
    assert len(responses_on.calls) == 1


# --- products -----------------------------------------------------------------


def test_three_known_items_and_an_unknown_one_are_asked_for(eet, client):
    eet.post(URL, json=[])

    checklist.check_products(client, ITEMS)

    asked = json.loads(eet.calls[1].request.body)["Items"]
    assert [item["ItemId"] for item in asked] == [
        "KAB20417",
        "W900000017",
        "KAB3",
        "NO-SUCH-ITEM-0",
    ]


def test_a_price_is_told_both_ways(eet, client):
    finding, *_ = check(eet, client, product())

    assert finding.verdict is Verdict.ASK
    assert finding.text == (
        "KAB20417: EET sends 12950. In hundredths that is 129.50, as it stands "
        "12950.00. Which one does the web shop say? The divisor set is 100."
    )
    assert finding.options == ("price_divisor",)


def test_hundredths_with_a_fraction_are_doubted(eet, client):
    finding, *_ = check(eet, client, product(129.5))

    assert finding.verdict is Verdict.UNCLEAR
    assert "In hundredths that is 1.30, as it stands 129.50" in finding.text
    assert finding.text.endswith("which hundredths would not have.")


@pytest.mark.parametrize(
    ("products", "text"),
    [
        ([], "EET did not answer on KAB20417."),
        ([product(None)], "KAB20417 has no price that can be read."),
        ([product(Price=None)], "KAB20417 has no price that can be read."),
    ],
)
def test_an_item_without_a_price_is_unclear(eet, client, products, text):
    finding, *_ = check(eet, client, *products)

    assert (finding.verdict, finding.text) == (Verdict.UNCLEAR, text)


@pytest.mark.parametrize(
    ("members", "verdict", "text"),
    [
        ({}, Verdict.ASK, "No currency is told; the one set is DKK. Is that right?"),
        ({"CurrencyCode": "dkk"}, Verdict.AS_ASSUMED, "Prices are in DKK."),
        ({"Currency": "SEK"}, Verdict.DIFFERS, "Prices are in SEK, and DKK is set."),
        (
            {"Price": {"Price": 1, "PriceCurrency": "EUR"}},
            Verdict.DIFFERS,
            "Prices are in EUR, and DKK is set.",
        ),
    ],
)
def test_a_currency_that_is_told_is_compared(eet, client, members, verdict, text):
    findings = check(eet, client, product(**members))

    assert (findings[1].verdict, findings[1].text) == (verdict, text)
    assert findings[1].options in ((), ("currency",))


@pytest.mark.parametrize(
    ("unknown", "verdict", "word"),
    [
        ([], Verdict.AS_ASSUMED, "left out"),
        (
            [{"ItemId": "NO-SUCH-ITEM-0", "Price": None, "Stock": []}],
            Verdict.AS_ASSUMED,
            "comes with ItemId, Price, Stock, and nothing in them",
        ),
        (
            [{"ItemId": "no-such-item-0", "Price": {"Price": 0}}],
            Verdict.DIFFERS,
            "looks like a known one",
        ),
    ],
)
def test_the_form_of_an_unknown_item_is_told(eet, client, unknown, verdict, word):
    findings = check(eet, client, product(), *unknown)

    assert findings[2].verdict is verdict
    assert word in findings[2].text


def test_new_kinds_of_stock_are_told(eet, client):
    stock = [{"StockTypeName": kind} for kind in ("local", "Partner", "Incoming")]

    finding = check(eet, client, product(Stock=stock))[-1]

    assert finding.verdict is Verdict.DIFFERS
    assert "Partner." in finding.text
    assert finding.mapping_keys == ("stock.known", "stock.sold")
    assert len(check(eet, client, product())) == 3


def test_without_items_nothing_is_made_up(eet, client):
    [finding] = checklist.check_products(client, Samples())

    assert finding.verdict is Verdict.UNCLEAR
    assert len(eet.calls) == 0
