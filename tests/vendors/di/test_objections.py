from dataclasses import replace

import pytest

from vendors import di as di_module
from vendors.contracts import Address, Capability
from vendors.di.objections import shop_objections
from vendors.di.orders import objections


def with_options(account, **options):
    return replace(account, options={**account.options, **options})


def with_details(shop, **details):
    return replace(shop, details={**shop.details, **details})


def with_address(shop, **members):
    return replace(shop, address=replace(shop.address, **members))


def test_a_good_shop_meets_no_objection(di_account, shop, known_shop):
    assert shop_objections(di_account, shop) == ()
    assert shop_objections(di_account, known_shop) == ()


def test_the_owner_party_and_the_solutions_may_be_the_shops_own(di_account, shop):
    account = replace(di_account, options={})
    own = {"owner_party_key": "nordlys", "transport_solution_ids": "4;17 9"}

    assert shop_objections(account, with_details(shop, **own)) == ()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"owner_party_key": ""}, "The owner party key is missing"),
        ({"transport_solution_ids": ""}, "The transport solutions are missing"),
        ({"transport_solution_ids": " , "}, "The transport solutions are missing"),
        ({"transport_solution_ids": "4, x"}, "must be whole numbers"),
        ({"transport_solution_ids": "4.5"}, "must be whole numbers"),
        ({"transport_solution_ids": "-4"}, "must be whole numbers"),
        ({"transport_solution_ids": "٤"}, "must be whole numbers"),
        ({"body_form": "customer_system"}, "The short name must have 1 to 5"),
        ({"body_form": "both"}, "“Form of a new shop” can't be 'both'"),
        ({"token_minutes": 1441}, "1 to 1440 minutes, not 1441"),
        ({"token_minutes": "a day"}, "“Life of a token, minutes” can't be"),
    ],
)
def test_what_stands_against_the_settings_is_said(di_account, shop, options, words):
    [objection] = shop_objections(with_options(di_account, **options), shop)

    assert words in objection


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"email": ""}, "The e-mail is missing"),
        ({"email": "lager"}, "The e-mail must be one address"),
        ({"email": "a@b, c@d"}, "The e-mail must be one address"),
        ({"email": f"{'a' * 90}@example.com"}, "up to 100 characters"),
        ({"name": "Fjell\nbutikken"}, "The name holds a line break"),
        ({"name": "Fjell\ud800"}, "The name holds a line break or a sign"),
        ({"phone": "9\x00"}, "The phone holds a line break"),
        ({"organization_number": "9\t1"}, "The organisation number holds"),
        ({"address": Address()}, "The address is missing"),
    ],
)
def test_what_stands_against_a_shop_is_said(di_account, shop, members, words):
    [objection] = shop_objections(di_account, replace(shop, **members))

    assert words in objection


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"street": " "}, "The street of the address is missing"),
        ({"street_number": ""}, "The street number of the address is missing"),
        ({"zip_code": ""}, "The zip code of the address is missing"),
        ({"city": ""}, "The city of the address is missing"),
        ({"country_code": ""}, "The country of the address is missing"),
        ({"zip_code": "181"}, "4 digits in NO, such as 0181, not '181'"),
        ({"zip_code": "01810"}, "4 digits in NO"),
        ({"zip_code": "O181"}, "4 digits in NO"),
        ({"zip_code": "٠١٨١"}, "4 digits in NO"),
        ({"zip_code": "0181", "country_code": "SE"}, "5 digits in SE"),
        ({"zip_code": "1234567890", "country_code": "DE"}, "shorten it to 9"),
        ({"country_code": "SV"}, "one of NO, SE, DE, FI, not 'SV'"),
        ({"country_code": "EN"}, "one of NO, SE, DE, FI, not 'EN'"),
        ({"country_code": "DK"}, "one of NO, SE, DE, FI, not 'DK'"),
        ({"entrance": "Port 2"}, "The entrance must have up to 5 characters, not 6"),
        ({"city": "O" * 36}, "The city is too long; shorten it to 35"),
        ({"street": "S" * 101}, "to 105 characters"),
        ({"street": "Stor\ngata"}, "The street holds a line break"),
    ],
)
def test_what_stands_against_an_address_is_said(di_account, shop, members, words):
    [objection] = shop_objections(di_account, with_address(shop, **members))

    assert words in objection


@pytest.mark.parametrize(
    "members",
    [
        {"street": "S" * 100},
        {"city": "O" * 35},
        {"entrance": "Porta"},
        {"zip_code": "11330", "country_code": "SE"},
        {"zip_code": "123456789", "country_code": "DE"},
        {"street_number": "12B", "entrance": ""},
    ],
)
def test_what_is_just_within_the_limits_is_taken(di_account, shop, members):
    assert shop_objections(di_account, with_address(shop, **members)) == ()


@pytest.mark.parametrize(
    ("details", "words"),
    [
        ({"external_customer_ids": "5=1, 5=1"}, "5=1 is there twice"),
        ({"external_customer_ids": "5 = 1; 7=2\n5=1"}, "5=1 is there twice"),
        ({"external_customer_ids": "5"}, "must be written as freight product ="),
        ({"external_customer_ids": "5=A"}, "must be written as freight product ="),
        ({"external_customer_ids": "5=1.0"}, "must be written as freight product ="),
        ({"external_customer_ids": "=1"}, "must be written as freight product ="),
        ({"external_customer_ids": "5=0041"}, "begins with a zero"),
        ({"vat_liable": "perhaps"}, "“Liable to VAT” can't be 'perhaps'"),
        ({"ceo": "Kari\nx"}, "The CEO holds a line break"),
    ],
)
def test_what_stands_against_a_detail_is_said(di_account, shop, details, words):
    [objection] = shop_objections(di_account, with_details(shop, **details))

    assert words in objection


@pytest.mark.parametrize("ids", ["", "5=1, 5=2", "5=1, 7=1", "5=1,", "0=0"])
def test_pairs_that_differ_are_taken(di_account, shop, ids):
    shop = with_details(shop, external_customer_ids=ids)

    assert shop_objections(di_account, shop) == ()


def test_zeros_may_stay_where_ids_are_sent_as_text(di_account, shop):
    account = with_options(di_account, customer_numbers_as="text")
    shop = with_details(shop, external_customer_ids="5=0041, 5=41")

    assert shop_objections(account, shop) == ()


def test_everything_is_said_at_once(di_account, shop):
    shop = with_address(replace(shop, email=""), zip_code="", entrance="Port 2")

    assert shop_objections(replace(di_account, options={}), shop) == (
        "The owner party key is missing; enter it at the shop or its supplier.",
        "The transport solutions are missing; enter at least one id at the shop or "
        "its supplier.",
        "The e-mail is missing; DI demands one.",
        "The zip code of the address is missing; DI needs it.",
        "The entrance must have up to 5 characters, not 6.",
    )


@pytest.mark.parametrize("number", ["0", "-1", "47 11", "../4711", "new", "1" * 19])
def test_an_id_that_is_none_of_di_is_not_sent(di_account, known_shop, number):
    [objection] = shop_objections(di_account, replace(known_shop, vendor_id=number))

    assert "DI's id of a shop is a whole number" in objection


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"update_path": "without_id"}, "the id must stand in the path"),
        ({"update_sends_setup": True}, "A JSON Patch changes the shop alone"),
    ],
)
def test_readings_that_do_not_go_together_are_refused(
    di_account, known_shop, options, words
):
    account = with_options(di_account, update_body="json_patch", **options)

    [objection] = shop_objections(account, known_shop)

    assert words in objection


def test_a_live_update_is_objected_to_until_it_is_confirmed(
    di_account, shop, known_shop
):
    live = replace(di_account, is_test=False)

    [objection] = shop_objections(live, known_shop)

    assert "No shop is updated in PRODUCTION before" in objection
    assert shop_objections(live, shop) == ()
    assert shop_objections(with_options(live, update_confirmed=True), known_shop) == ()


@pytest.mark.parametrize(
    ("is_test", "hosts", "words"),
    [
        (
            True,
            ("https://api-flow.di.no", "https://ws.di.no"),
            "in test mode, but its address is DI's PRODUCTION",
        ),
        (
            False,
            ("https://stg-api-flow.aws.di.no", "https://staging-ws.di.no"),
            "live, but its address is DI's TEST",
        ),
        (
            False,
            ("https://api-flow.di.no", "https://staging-ws.di.no"),
            "a token of one must never go to the other",
        ),
    ],
)
def test_the_host_has_to_fit_the_mode(di_account, shop, is_test, hosts, words):
    base_url, auth_url = hosts
    account = replace(di_account, is_test=is_test, base_url=base_url, auth_url=auth_url)

    [objection] = shop_objections(account, shop)

    assert words in objection


def test_known_addresses_fit_together_and_their_mode(di_account, shop):
    for address, is_test in zip(
        di_module.VENDOR.known_addresses, (True, False), strict=True
    ):
        account = replace(
            di_account,
            is_test=is_test,
            base_url=address.base_url,
            auth_url=address.auth_url,
        )
        assert shop_objections(account, shop) == ()


# --- what DI does not offer ---------------------------------------------------


def test_no_purchase_order_goes_to_di(di_account, make_order):
    assert objections(di_account, make_order()) == (
        "DI carries parcels and registers web shops; its Shop API takes no purchase "
        "orders. Buy PO-2031-000042 from another supplier.",
    )


@pytest.mark.parametrize(
    "capability",
    sorted(set(Capability) - {"check_connection", "create_shop", "update_shop"}),
)
def test_what_the_api_lacks_is_said_with_a_reason(capability):
    assert di_module.VENDOR.why_not(capability).endswith(".")
