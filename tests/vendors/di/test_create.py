import json
from dataclasses import replace

import pytest
import requests

from tests.vendors.di.conftest import LOGIN, SHOPS
from tests.vendors.servers import hang_up, reply, serving
from vendors.di.shops import create_shop
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError

BODY = (
    b'{"ownerPartyKey": "nordlys-pakker", "addressCollector": true, '
    b'"transportSolutionIds": [4, 17], "shop": {'
    b'"organizationNumber": "918 273 645", "email": "lager@example.invalid", '
    b'"legalName": "Fjellbutikken AS", "vatLiable": true, '
    b'"webShopPlatform": "Egen", "contactPersonPhone": "90000001", '
    b'"address": {"street": "Storgata", "streetNumber": 12, "entrance": "B", '
    b'"zipCode": "0181", "city": "Oslo", "countryCode": "NO"}, '
    b'"externalCustomerIds": [{"freightProductId": 5, "customerNumber": 4100023}]}}'
)


def failing(client, shop) -> VendorError:
    with pytest.raises(VendorError) as caught:
        create_shop(client, shop)
    return caught.value


@pytest.fixture
def sent(di):
    """Return the body of the create call, as JSON."""
    di.post(SHOPS, json={"id": 4711})

    def create(client, shop):
        create_shop(client, shop)
        return json.loads(di.calls[1].request.body)

    return create


# --- the wire -----------------------------------------------------------------


def test_a_shop_goes_out_in_the_current_form(di, client, shop):
    di.post(SHOPS, json={"id": 4711})

    accepted = create_shop(client, shop)

    request = di.calls[1].request
    assert (request.method, request.url) == ("POST", SHOPS)
    assert request.body == BODY
    assert request.headers["Authorization"] == "Bearer token-1"
    assert request.headers["Content-Type"] == "application/json"
    assert request.headers["Accept"] == "application/json"
    assert (accepted.number, accepted.note) == ("4711", "")
    assert accepted.raw == {"id": 4711}


def test_every_field_of_a_shop_has_its_place(sent, client, shop):
    details = {
        "owner_party_key": "annen-eier",
        "transport_solution_ids": "9",
        "address_collector": False,
        "vat_liable": False,
        "deliverer_edi": "EksempelEDI",
        "web_shop_platform": "Egen",
        "ceo": "Kari Eksempel",
        "customer_manager": "Pær Øksempel",
        "external_customer_ids": "5=4100023, 7=4100024",
    }

    assert sent(client, replace(shop, details=details)) == {
        "ownerPartyKey": "annen-eier",
        "addressCollector": False,
        "transportSolutionIds": [9],
        "shop": {
            "organizationNumber": "918 273 645",
            "email": "lager@example.invalid",
            "legalName": "Fjellbutikken AS",
            "delivererEDI": "EksempelEDI",
            "vatLiable": False,
            "webShopPlatform": "Egen",
            "ceo": "Kari Eksempel",
            "customerManager": "Pær Øksempel",
            "contactPersonPhone": "90000001",
            "address": {
                "street": "Storgata",
                "streetNumber": 12,
                "entrance": "B",
                "zipCode": "0181",
                "city": "Oslo",
                "countryCode": "NO",
            },
            "externalCustomerIds": [
                {"freightProductId": 5, "customerNumber": 4100023},
                {"freightProductId": 7, "customerNumber": 4100024},
            ],
        },
    }


def test_what_is_not_known_is_left_out_but_never_whether_it_pays_vat(
    sent, client, shop
):
    bare = replace(shop, name="", organization_number="", phone="", details={})
    bare = replace(bare, address=replace(shop.address, entrance=""))

    body = sent(client, bare)

    assert body["addressCollector"] is False
    assert body["shop"] == {
        "email": "lager@example.invalid",
        "vatLiable": False,
        "address": {
            "street": "Storgata",
            "streetNumber": 12,
            "zipCode": "0181",
            "city": "Oslo",
            "countryCode": "NO",
        },
    }


def test_the_older_form_has_a_customer_system_and_no_collector_at_the_top(
    di, open_client, shop
):
    di.post(SHOPS, json={"id": 4711})
    details = {**shop.details, "short_name": "fjell"}

    create_shop(
        open_client({"body_form": "customer_system"}), replace(shop, details=details)
    )

    assert di.calls[1].request.body.startswith(
        b'{"ownerPartyKey": "nordlys-pakker", '
        b'"customerSystem": {"name": "Fjellbutikken AS", "shortName": "fjell", '
        b'"addressCollector": true}, "transportSolutionIds": [4, 17], "shop": {'
    )


def test_the_current_form_has_no_customer_system(sent, client, shop):
    details = {**shop.details, "short_name": "fjell"}

    assert list(sent(client, replace(shop, details=details))) == [
        "ownerPartyKey",
        "addressCollector",
        "transportSolutionIds",
        "shop",
    ]


def test_names_are_overridden_for_one_supplier(sent, open_client, shop):
    name = "transportSolutionsIds"

    body = sent(open_client(mapping={"create.transport_solution_ids": name}), shop)

    assert body["transportSolutionsIds"] == [4, 17]
    assert "transportSolutionIds" not in body


@pytest.mark.parametrize(
    ("number", "entrance", "told"),
    [
        ("12", "", {"streetNumber": 12}),
        ("12B", "", {"streetNumber": 12, "entrance": "B"}),
        ("12 b", "", {"streetNumber": 12, "entrance": "b"}),
        ("7Å", "", {"streetNumber": 7, "entrance": "Å"}),
        ("12B", "C", {"streetNumber": "12B", "entrance": "C"}),
        ("12-14", "", {"streetNumber": "12-14"}),
        ("12BC", "", {"streetNumber": "12BC"}),
        ("012", "", {"streetNumber": "012"}),
        ("0", "", {"streetNumber": 0}),
        ("km 7", "", {"streetNumber": "km 7"}),
    ],
)
def test_a_street_number_of_digits_is_a_number_and_its_letter_an_entrance(
    sent, client, shop, number, entrance, told
):
    address = replace(shop.address, street_number=number, entrance=entrance)

    found = sent(client, replace(shop, address=address))["shop"]["address"]

    assert {
        name: found[name] for name in ("streetNumber", "entrance") if name in found
    } == told


def test_a_street_number_may_be_sent_as_text(sent, open_client, shop):
    body = sent(open_client({"street_number_as": "text"}), shop)

    assert body["shop"]["address"]["streetNumber"] == "12"


@pytest.mark.parametrize(
    ("country", "typed", "told"),
    [
        ("NO", "0181", "0181"),
        ("NO", " 1265", "1265"),
        ("SE", "113 30", "11330"),
        ("se", "01234", "01234"),
        ("DE", "01067", "01067"),
        ("FI", "00100", "00100"),
    ],
)
def test_a_zip_code_is_always_text_with_its_zeros(
    sent, client, shop, country, typed, told
):
    address = replace(shop.address, zip_code=typed, country_code=country)

    found = sent(client, replace(shop, address=address))["shop"]["address"]

    assert found["zipCode"] == told
    assert found["countryCode"] == country.upper()


def test_customer_numbers_stay_exact_however_long(di, client, shop):
    di.post(SHOPS, json={"id": 4711})
    details = {**shop.details, "external_customer_ids": "5=900719925474099301"}

    create_shop(client, replace(shop, details=details))

    assert b'"customerNumber": 900719925474099301}' in di.calls[1].request.body


def test_customer_numbers_may_be_sent_as_text_with_their_zeros(sent, open_client, shop):
    details = {**shop.details, "external_customer_ids": "05=0041"}

    body = sent(
        open_client({"customer_numbers_as": "text"}), replace(shop, details=details)
    )

    assert body["shop"]["externalCustomerIds"] == [
        {"freightProductId": "05", "customerNumber": "0041"}
    ]


def test_the_organisation_number_goes_out_as_typed(sent, client, shop):
    shop = replace(shop, organization_number="NO 918273645 MVA")

    assert sent(client, shop)["shop"]["organizationNumber"] == "NO 918273645 MVA"


def test_hostile_text_stays_one_text(di, client, shop):
    di.post(SHOPS, json={"id": 4711})
    name = 'A","vatLiable":false,"x":"<script>\\ {shop_id} \u2019; DROP'

    create_shop(client, replace(shop, name=name))

    body = json.loads(di.calls[1].request.body)
    assert body["shop"]["legalName"] == name
    assert body["shop"]["vatLiable"] is True


# --- the id -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "number"),
    [
        ('{"id": 4711}', "4711"),
        ('{"id": "4711"}', "4711"),
        ('{"ID": 4711}', "4711"),
        ('{"shop": {"id": 4711}}', "4711"),
        ('{"id": null, "shop": {"id": "4711"}}', "4711"),
        ('{"shop": null, "shopId": 4711}', "4711"),
        ("4711", "4711"),
        ('"4711"', "4711"),
        ("{}", None),
        ('{"id": 0}', None),
        ('{"id": -1}', None),
        ('{"id": 47.11}', None),
        ('{"id": true}', None),
        ('{"id": ""}', None),
        ('{"id": {"id": 4711}}', None),
        ('{"id": "new"}', None),
        ('{"customer": {"id": 4711}}', None),
        ("null", None),
        ("[]", None),
        ('"OK"', None),
        ("true", None),
    ],
)
def test_the_id_is_looked_for_in_its_likely_places(di, client, shop, body, number):
    di.post(SHOPS, body=body, status=201)

    assert create_shop(client, shop).number == number


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_a_success_without_an_id_is_created_and_never_posted_again(
    di, client, shop, status
):
    di.post(SHOPS, status=status, headers={"Content-Length": "0"})

    accepted = create_shop(client, shop)

    assert accepted.number is None
    assert accepted.note == (
        "Created, id unknown. Ask DI for the shop by owner party nordlys-pakker, "
        "organisation number 918 273 645, legal name Fjellbutikken AS, e-mail "
        "lager@example.invalid. Record the id; the shop is never posted again."
    )
    assert len(di.calls) == 2


def test_an_answer_with_two_ids_says_so(di, client, shop):
    di.post(SHOPS, json={"id": 5, "shop": {"id": 4711}})

    accepted = create_shop(client, shop)

    assert accepted.number == "5"
    assert accepted.note == (
        "DI's answer holds more than one id (id 5, shop.id 4711); check which is the "
        "shop's."
    )


# --- refusals and lost answers ------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 400}, Refused, Kind.DATA),
        ({"status": 403}, Refused, Kind.NOT_ALLOWED),
        ({"status": 404}, Refused, Kind.NOT_FOUND),
        ({"status": 405}, Refused, Kind.CONFIGURATION),
        ({"status": 409}, Refused, Kind.DATA),
        ({"status": 415}, Refused, Kind.DATA),
        ({"status": 422}, Refused, Kind.DATA),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 408}, OutcomeUnknown, Kind.TIMEOUT),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"status": 502, "body": "<html>"}, OutcomeUnknown, Kind.SERVER),
        ({"status": 302}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": "<html>Welcome</html>"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": "OK"}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": '{"id": 47'}, OutcomeUnknown, Kind.UNREADABLE),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectionError()}, OutcomeUnknown, Kind.CUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_is_one_of_the_three_errors(
    di, client, shop, answer, error_type, kind
):
    di.post(SHOPS, **answer)

    error = failing(client, shop)

    assert (type(error), error.kind) == (error_type, kind)
    assert len(di.calls) == 2


def test_an_unknown_outcome_says_what_to_ask_di_for(di, client, shop):
    di.post(SHOPS, status=500)

    error = failing(client, shop)

    assert error.text == (
        "DI Norway: the vendor has trouble of its own; it may have been done (HTTP "
        "500). Ask DI for the shop by owner party nordlys-pakker, organisation number "
        "918 273 645, legal name Fjellbutikken AS, e-mail lager@example.invalid. Then "
        "record its id, or release another try."
    )


@pytest.mark.parametrize("is_made_before_the_cut", [True, False])
def test_a_connection_cut_after_the_shop_left_is_unknown(
    open_client, shop, is_made_before_the_cut
):
    def cut(connection):
        if is_made_before_the_cut:
            connection.sendall(b"HTTP/1.1 201 Created\r\nContent-Length: 30\r\n\r\n{")
        hang_up(connection)

    with serving(reply(b'{"token": "token-1"}'), cut) as server:
        client = open_client(
            base_url=server.url, auth_url=server.url, allow_insecure_loopback=True
        )
        error = failing(client, shop)

    assert (type(error), error.kind) == (OutcomeUnknown, Kind.CUT)
    assert len(server.requests) == 2
    assert server.requests[1].endswith(b"\r\n\r\n" + BODY)


def test_a_refusal_shows_key_and_map(di, client, shop):
    body = {
        "statusCode": 400,
        "errorKey": "validation.failed",
        "errorMap": {"shop": {"email": "must be unique"}, "city": ["unknown", "short"]},
    }
    di.post(SHOPS, status=400, json=body)

    error = failing(client, shop)

    assert type(error) is Refused
    assert error.vendor_text == (
        "validation.failed; shop.email: must be unique; city: unknown, short"
    )


def test_a_refusal_for_transport_solutions_names_the_first_suspect(di, client, shop):
    body = {"errorKey": "invalid", "errorMap": {"transportSolutionsIds": "is empty"}}
    di.post(SHOPS, status=400, json=body)

    assert "transportSolutionIds is the first suspect" in failing(client, shop).text


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("no.access.api", "lacks the role for the Shop API"),
        ("no.access.shop.id", "no access to this shop"),
        ("No.Access.Api", "no right to this call, owner party or shop"),
        ("", "no right to this call, owner party or shop"),
    ],
)
def test_a_missing_right_is_to_be_asked_of_di(di, client, shop, key, words):
    di.post(SHOPS, status=403, json={"errorKey": key})

    error = failing(client, shop)

    assert error.kind is Kind.NOT_ALLOWED
    assert words in error.text
    assert "ask DI for" in error.text


def test_a_token_refused_before_its_time_is_renewed_once(di, client, shop):
    di.post(SHOPS, status=401, json={"errorKey": "authentication.missing"})
    di.post(SHOPS, json={"id": 4711})

    assert create_shop(client, shop).number == "4711"
    assert [call.request.url for call in di.calls] == [LOGIN, SHOPS, LOGIN, SHOPS]


def test_a_token_refused_twice_is_final(di, client, shop):
    di.post(SHOPS, status=401, json={"errorKey": "authentication.missing"})

    error = failing(client, shop)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert error.vendor_text == "authentication.missing"
    assert len(di.calls) == 4


def test_a_failed_login_means_that_nothing_was_made(responses_on, client, shop):
    responses_on.post(LOGIN, status=500)

    error = failing(client, shop)

    assert (type(error), error.kind) == (NotSent, Kind.SERVER)
    assert not client.has_written


def test_a_shop_with_an_id_is_not_made_again(responses_on, client, known_shop):
    error = failing(client, known_shop)

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert "would make a second one" in error.text
    assert len(responses_on.calls) == 0


def test_objections_stop_the_call(responses_on, client, shop):
    error = failing(client, replace(shop, email=""))

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert error.text == "The e-mail is missing; DI demands one."
    assert not client.has_written
    assert len(responses_on.calls) == 0
