import json
from urllib.parse import parse_qs, urlsplit

import pytest

from tests.vendors.simutek.conftest import API, LOGIN, OWN, TOKEN
from vendors.contracts import Samples, Verdict
from vendors.errors import Kind, NotSent, Refused
from vendors.simutek import auth, checklist
from vendors.simutek.checklist import CHECKLIST

LIST = f"{API}/customers"
OWN_URL = f"{LIST}/K200731"
REGISTER = [
    {"number": f"X{at}", "name": f"Other {at}", "corporateIdentityNumber": f"55{at}"}
    for at in range(4)
]
# First, so that it is on every page an ignored filter brings.
REGISTER.insert(
    0, {key: OWN[key] for key in ("number", "name", "corporateIdentityNumber")}
)
FILTERS = {
    "number": "number",
    "corporateIdentityNumber": "corporateIdentityNumber",
    "name": "name",
}


@pytest.fixture
def register(gks):
    """Serve the register; the query names that work, by what they filter or page."""

    def serve(rows=REGISTER, **names):
        told = {**FILTERS, "page": "page", "limit": "limit", **names}

        def answer(request):
            query = {k: v[0] for k, v in parse_qs(urlsplit(request.url).query).items()}
            hits = [
                row
                for row in rows
                if all(
                    query[told[key]].replace("-", "") == row[key].replace("-", "")
                    for key in FILTERS
                    if told[key] in query
                )
            ]
            limit = int(query.get(told["limit"], 50))
            page = int(query.get(told["page"], 1))
            body = {
                "page": page,
                "limit": limit,
                "totalCount": len(hits),
                "customers": hits[(page - 1) * limit : page * limit],
            }
            return 200, {}, json.dumps(body)

        gks.get(OWN_URL, json=OWN)
        gks.add_callback("GET", LIST, callback=answer)

    return serve


def run(client, name, **samples):
    [check] = [check for check in CHECKLIST if check.name == name]
    return check.run(client, Samples(**samples))


def test_no_check_writes_or_calls_for_an_order(client, gks, register):
    register()

    for check in CHECKLIST:
        check.run(client, Samples())

    assert not any(check.writes for check in CHECKLIST)
    assert {c.request.method for c in gks.calls if c.request.url != LOGIN} == {"GET"}
    assert not any("salesorders" in call.request.url for call in gks.calls)


def test_all_is_as_assumed_where_gks_does_as_assumed(client, register):
    register()

    found = [finding for check in CHECKLIST for finding in check.run(client, Samples())]

    assert {finding.verdict for finding in found} == {Verdict.AS_ASSUMED, Verdict.ASK}
    assert not any(f.mapping_keys for f in found if f.verdict is Verdict.AS_ASSUMED)


def test_the_names_of_checks_differ_and_each_asks_something():
    names = [check.name for check in CHECKLIST]

    assert len(set(names)) == len(names)
    assert all(check.question.endswith("?") for check in CHECKLIST)


# --- token --------------------------------------------------------------------


def test_the_life_of_a_token_is_told(gks, client):
    life, kind = run(client, "token")

    assert life.text == "A token lives 3600 seconds."
    assert kind.text == "The kind of token is Bearer; it is used as Bearer."
    assert "eyJ" not in life.text + kind.text


def test_a_token_without_a_life_differs(responses_on, client):
    responses_on.post(LOGIN, json={"access_token": "eyJ-token-1"})

    life, kind = run(client, "token")

    assert (life.verdict, kind.verdict) == (Verdict.DIFFERS, Verdict.UNCLEAR)
    assert life.mapping_keys == ("login.expires_in",)
    assert "5 minutes" in life.text


def test_the_token_is_fetched_afresh(gks, client):
    run(client, "token")
    gks.post(LOGIN, json={**TOKEN, "expires_in": 60})

    life, _ = run(client, "token")

    assert life.text == "A token lives 60 seconds."


def test_a_login_by_somebody_else_meanwhile_is_unclear(gks, client):
    token = auth.obtain_token(client)

    class Busy:
        def obtain(self, key, login, *, rejected=None):
            return token

    client.tokens = Busy()

    [found] = run(client, "token")

    assert found.verdict is Verdict.UNCLEAR


# --- our customer -------------------------------------------------------------


def test_our_customer_is_named(gks, client):
    gks.get(OWN_URL, json=OWN)

    [found] = run(client, "own_customer")

    assert found.verdict is Verdict.AS_ASSUMED
    assert found.text == "Customer K200731 is Acme Purchasing AB."


def test_a_number_given_for_the_check_goes_first(gks, client):
    gks.get(f"{LIST}/K9", json={**OWN, "number": "K9"})

    [found] = run(client, "own_customer", customer_number="K9")

    assert found.text == "Customer K9 is Acme Purchasing AB."


def test_missing_tags_tell_of_an_older_state(gks, client):
    gks.get(OWN_URL, json={k: v for k, v in OWN.items() if k != "tags"})

    _, tags = run(client, "own_customer")

    assert tags.verdict is Verdict.DIFFERS
    assert "older GKS" in tags.text
    assert tags.mapping_keys == ()


def test_other_missing_members_are_named(gks, client):
    gks.get(OWN_URL, json={"number": "K200731", "Name": "Acme", "tags": None})

    _, missing = run(client, "own_customer")

    assert missing.mapping_keys == (
        "customer.email",
        "customer.address",
        "customer.organization_number",
    )
    assert "invoiceEmail, postalAddress, corporateIdentityNumber" in missing.text


def test_an_answer_that_is_no_customer_ends_the_check(gks, client):
    gks.get(OWN_URL, json=[OWN])

    with pytest.raises(NotSent) as caught:
        run(client, "own_customer")

    assert caught.value.kind is Kind.UNREADABLE


def test_a_trouble_of_the_list_ends_the_check(gks, client):
    gks.get(LIST, json={"customers": REGISTER})
    gks.get(LIST, status=403)

    with pytest.raises(NotSent) as caught:
        run(client, "filter_number")

    assert caught.value.kind is Kind.CREDENTIALS


def test_an_unknown_customer_number_ends_the_check(gks, client):
    gks.get(OWN_URL, status=404)

    with pytest.raises(Refused) as caught:
        run(client, "own_customer")

    assert caught.value.kind is Kind.NOT_FOUND


# --- filters ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("check", "key", "served", "name"),
    [
        ("filter_number", "query.number", "number", "customerNumber"),
        (
            "filter_organization_number",
            "query.organization_number",
            "corporateIdentityNumber",
            "organizationNumber",
        ),
        ("filter_name", "query.name", "name", "customerName"),
    ],
)
def test_a_filter_under_another_name_is_found(
    client, register, check, key, served, name
):
    register(**{served: name})

    [found] = run(client, check)

    assert found.verdict is Verdict.DIFFERS
    assert found.mapping_keys == (key,)
    assert f"{served} is ignored" in found.text
    assert found.text.endswith(f"Set the name “{key}” to {name}.")


def test_a_filter_under_no_known_name_is_to_be_asked_for(client, register):
    register(number="kundnr")

    [found] = run(client, "filter_number")

    assert found.verdict is Verdict.DIFFERS
    assert "number is ignored; customerNumber is ignored" in found.text
    assert found.mapping_keys == ("query.number",)


def test_a_corrected_name_is_tried_first(open_client, register):
    register(number="kundnr")
    client = open_client({"mapping": {"query.number": "kundnr"}})

    [found] = run(client, "filter_number")

    assert found.verdict is Verdict.AS_ASSUMED
    assert found.text.startswith("kundnr works; ")


def test_a_filter_can_not_be_told_where_we_see_ourselves_alone(client, register):
    register(rows=REGISTER[:1], number="kundnr")

    [found] = run(client, "filter_number")

    assert found.verdict is Verdict.UNCLEAR


def test_a_filter_that_is_refused_is_no_trouble_of_the_check(gks, client):
    gks.get(OWN_URL, json=OWN)
    gks.get(LIST, json={"customers": REGISTER})
    gks.get(LIST, status=400)

    [found] = run(client, "filter_number")

    assert found.verdict is Verdict.DIFFERS
    assert "number is refused (HTTP 400)" in found.text


def test_without_a_value_of_ours_a_filter_can_not_be_tried(gks, client):
    gks.get(OWN_URL, json={**OWN, "corporateIdentityNumber": None})

    [found] = run(client, "filter_organization_number")

    assert found.verdict is Verdict.UNCLEAR


@pytest.mark.parametrize("check", ["filter_number", "paging"])
def test_an_older_installation_without_a_list_is_told(gks, client, check):
    gks.get(LIST, status=404)

    [found] = run(client, check)

    assert found.verdict is Verdict.DIFFERS
    assert "no list of customers" in found.text


# --- paging -------------------------------------------------------------------


def test_pages_work_under_the_assumed_names(client, register):
    register()

    size, page = run(client, "paging")

    assert (size.verdict, page.verdict) == (Verdict.AS_ASSUMED, Verdict.AS_ASSUMED)
    assert size.text == "One customer a page was asked for; it works as limit."


def test_pages_under_other_names_are_found(client, register):
    register(limit="pageSize", page="pageNumber")

    size, page = run(client, "paging")

    assert size.mapping_keys == ("query.limit",)
    assert size.text.endswith("Set the name “query.limit” to pageSize.")
    assert page.text.endswith("Set the name “query.page” to pageNumber.")


def test_another_limit_in_the_answer_is_told(gks, client):
    gks.get(LIST, json={"limit": 50, "customers": REGISTER[:2]})
    gks.get(LIST, json={"limit": 50, "customers": REGISTER[:1]})

    size, page = run(client, "paging")

    assert "the answer tells a limit of 50" in size.text
    assert (page.verdict, page.mapping_keys) == (Verdict.DIFFERS, ("query.page",))


def test_without_a_size_pages_can_not_be_told(client, register):
    register(limit="take")

    size, page = run(client, "paging")

    assert (size.verdict, page.verdict) == (Verdict.DIFFERS, Verdict.UNCLEAR)
    assert "works as nothing" in size.text


# --- questions ----------------------------------------------------------------


def test_what_only_people_know_is_to_be_asked(responses_on, client):
    asked = [check for check in CHECKLIST if check.name.startswith("ask_")]

    found = [finding for check in asked for finding in check.run(client, Samples())]

    assert len(asked) == 10
    assert {finding.verdict for finding in found} == {Verdict.ASK}
    assert len(responses_on.calls) == 0


def test_names_and_options_in_findings_exist(client):
    options = {field.name for field in type(client).option_fields}
    asked = [c for c in CHECKLIST if c.name.startswith("ask_")]

    for check in asked:
        for finding in check.run(client, Samples()):
            assert options.issuperset(finding.options)
    assert set(checklist._CANDIDATES) <= set(client.mapping)
