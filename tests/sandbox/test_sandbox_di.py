"""DI in the sandbox: the documented logins, rules and errors; answers as assumed."""

import copy

import pytest
import requests

from vendors.sandbox.errors import BadInput

CURRENT = {
    "ownerPartyKey": "nordlys-pakker",
    "addressCollector": True,
    "transportSolutionIds": [4, 17],
    "shop": {
        "organizationNumber": "918 273 645",
        "email": "lager@example.invalid",
        "legalName": "Fjellbutikken AS",
        "vatLiable": True,
        "address": {
            "street": "Storgata",
            "streetNumber": 12,
            "entrance": "B",
            "zipCode": "0181",
            "city": "Oslo",
            "countryCode": "NO",
        },
        "externalCustomerIds": [{"freightProductId": 5, "customerNumber": 4100023}],
    },
}
OLD = {
    "ownerPartyKey": "nordlys-pakker",
    "transportSolutionIds": [4],
    "customerSystem": {
        "name": "Fjellbutikken",
        "shortName": "fjell",
        "addressCollector": True,
    },
    "shop": {key: CURRENT["shop"][key] for key in ("email", "address")},
}


class DiClient:
    def __init__(self, sandbox):
        self.login_url = sandbox.login_url("di") + "/ws/json/auth"
        self.base_url = sandbox.base_url("di") + "/ws/json/shop/v-1"
        self.session = requests.Session()

    def ask_token(self, path="/v-3/login/720", **changes):
        body = {"username": "sandbox-di", "password": "sandbox-di-password"} | changes
        return requests.post(self.login_url + path, json=body, timeout=5)

    def use(self, token):
        self.session.headers["Authorization"] = f"Bearer {token}"

    def create(self, body=CURRENT):
        return self.session.post(self.base_url, json=body, timeout=5)

    def patch(self, path, body):
        return self.session.patch(self.base_url + path, json=body, timeout=5)


@pytest.fixture
def di(sandbox):
    client = DiClient(sandbox)
    client.use(client.ask_token().json()["token"])
    return client


def changed(body=CURRENT, **members):
    """Return a body with members of `shop` changed; None takes one out."""
    body = copy.deepcopy(body)
    for name, value in members.items():
        body["shop"][name] = value
        if value is None:
            del body["shop"][name]
    return body


def with_address(**members):
    return changed(address=CURRENT["shop"]["address"] | members)


def pairs(*numbers):
    return [{"freightProductId": 5, "customerNumber": number} for number in numbers]


def test_logins_have_another_address_than_shops(sandbox, di):
    assert sandbox.base_url("di") == f"{sandbox.url}/di"
    assert sandbox.login_url("di") == f"{sandbox.url}/di-login"
    wrong = sandbox.base_url("di") + "/ws/json/auth/v-2/login"
    assert requests.post(wrong, json={}, timeout=5).status_code == 404


@pytest.mark.parametrize(
    ("path", "minutes"),
    [
        ("/v-1/login", 30),
        ("/v-2/login", 30),
        ("/v-3/login/1", 1),
        ("/v-3/login/1440", 1440),
    ],
)
def test_a_token_lives_as_long_as_its_login_says(sandbox, di, path, minutes):
    answer = di.ask_token(path)
    if path == "/v-1/login":
        assert answer.headers["Content-Type"] == "text/plain; charset=utf-8"
        di.use(answer.text)
    else:
        assert answer.json().keys() == {"token"}
        di.use(answer.json()["token"])

    sandbox.advance(60 * minutes - 5)
    assert di.create().status_code == 200
    sandbox.advance(10)
    assert di.create().status_code == 401


@pytest.mark.parametrize("minutes", ["0", "1441", "-5", "ten", "1.5"])
def test_minutes_go_from_1_to_1440(di, minutes):
    assert di.ask_token(f"/v-3/login/{minutes}").status_code == 400


def test_a_wrong_password_is_refused(di):
    answer = di.ask_token(password="wrong")

    assert answer.status_code == 401
    assert answer.json().keys() == {"statusCode", "errorKey", "errorMap"}


@pytest.mark.parametrize("header", [None, "Bearer made-up", 'Bearer "quoted"'])
def test_a_call_without_a_good_token_gets_the_documented_body(sandbox, di, header):
    del di.session.headers["Authorization"]
    if header:
        di.session.headers["Authorization"] = header

    answer = di.create()

    assert answer.status_code == 401
    assert answer.json() == {
        "statusCode": 401,
        "errorKey": "authentication.missing",
        "errorMap": {},
    }
    assert sandbox.shops("di") == []


def test_a_user_without_the_role_has_no_right(di):
    guest = di.ask_token(
        username="sandbox-di-guest", password="sandbox-di-guest-password"
    )
    di.use(guest.json()["token"])

    answer = di.create()

    assert (answer.status_code, answer.json()["errorKey"]) == (403, "no.access.api")


def test_an_owner_party_of_others_is_closed(sandbox, di):
    assert di.create(CURRENT | {"ownerPartyKey": "fjord-frakt"}).status_code == 403
    assert di.create(CURRENT | {"ownerPartyKey": "sandbox-pakker"}).status_code == 200
    assert len(sandbox.shops("di")) == 1


def test_a_shop_is_created_from_the_current_form(sandbox, di):
    answer = di.create()

    assert answer.status_code == 200
    [shop] = sandbox.shops("di")
    assert answer.json()["id"] == shop["id"]
    assert shop["owner_party_key"] == "nordlys-pakker"
    assert shop["address_collector"] is True
    assert shop["transport_solution_ids"] == [4, 17]
    assert shop["customer_system"] is None
    assert shop["shop"]["vatLiable"] is True
    assert shop["shop"]["address"]["streetNumber"] == "12"
    assert shop["shop"]["address"]["zipCode"] == "0181"
    assert shop["shop"]["externalCustomerIds"] == pairs(4100023)
    assert shop["bodies"][0].startswith('{"ownerPartyKey": "nordlys-pakker"')


def test_a_shop_is_created_from_the_old_form(sandbox, di):
    assert di.create(OLD).status_code == 200

    [shop] = sandbox.shops("di")
    assert shop["customer_system"]["shortName"] == "fjell"
    assert shop["address_collector"] is True
    assert shop["shop"]["vatLiable"] is False


def test_the_control_address_shows_the_shops(sandbox, di):
    di.create()

    state = requests.get(f"{sandbox.url}/_sandbox/state", timeout=5).json()

    assert [shop["shop"]["email"] for shop in state["vendors"]["di"]["shops"]] == [
        "lager@example.invalid"
    ]
    assert state["vendors"]["di"]["login_url"] == sandbox.login_url("di")


def test_the_same_shop_twice_is_two_unless_its_pairs_give_it_away(sandbox, di):
    assert di.create(changed(externalCustomerIds=None)).status_code == 200
    assert di.create(changed(externalCustomerIds=None)).status_code == 200
    assert len(sandbox.shops("di")) == 2

    assert di.create().status_code == 200
    again = di.create()

    assert again.status_code == 400
    assert list(again.json()["errorMap"]) == ["shop.externalCustomerIds"]
    assert len(sandbox.shops("di")) == 3


@pytest.mark.parametrize(
    ("body", "place"),
    [
        (CURRENT | {"ownerPartyKey": ""}, "ownerPartyKey"),
        (CURRENT | {"addressCollector": None}, "addressCollector"),
        (CURRENT | {"addressCollector": "yes"}, "addressCollector"),
        (CURRENT | {"transportSolutionIds": []}, "transportSolutionIds"),
        (CURRENT | {"transportSolutionIds": [99]}, "transportSolutionIds"),
        (CURRENT | {"shop": None}, "shop"),
        (changed(id=12), "shop.id"),
        (changed(email=None), "shop.email"),
        (changed(address=None), "shop.address"),
        (changed(vatLiable="true"), "shop.vatLiable"),
        (with_address(entrance="BBBBBB"), "shop.address.entrance"),
        (with_address(zipCode="181"), "shop.address.zipCode"),
        (with_address(zipCode=181), "shop.address.zipCode"),
        (with_address(countryCode="SE"), "shop.address.zipCode"),
        (with_address(countryCode="DK"), "shop.address.countryCode"),
        (with_address(city=""), "shop.address.city"),
        (changed(externalCustomerIds=pairs(1, 1)), "shop.externalCustomerIds"),
        (changed(externalCustomerIds=pairs(4100001)), "shop.externalCustomerIds"),
        (
            changed(externalCustomerIds=pairs("A1")),
            "shop.externalCustomerIds[0].customerNumber",
        ),
        (OLD | {"customerSystem": {"name": "x"}}, "customerSystem.shortName"),
        (
            OLD | {"customerSystem": {"name": "x", "shortName": "sixsix"}},
            "customerSystem.shortName",
        ),
    ],
)
def test_a_shop_that_will_not_do_is_refused_with_the_place(sandbox, di, body, place):
    answer = di.create(body)

    assert answer.status_code == 400
    assert answer.json().keys() == {"statusCode", "errorKey", "errorMap"}
    assert answer.json()["statusCode"] == 400
    assert list(answer.json()["errorMap"]) == [place]
    assert sandbox.shops("di") == []


def test_the_list_of_solutions_has_the_name_of_the_table(di):
    body = {key: value for key, value in CURRENT.items() if "Solution" not in key}

    answer = di.create(body | {"transportSolutionsIds": [4]})

    assert list(answer.json()["errorMap"]) == ["transportSolutionIds"]


def test_the_short_name_of_a_system_is_unique(di):
    assert di.create(OLD).status_code == 200

    answer = di.create(OLD)

    assert answer.json()["errorMap"] == {"customerSystem.shortName": "is not unique"}


def test_numbers_may_come_as_text(sandbox, di):
    pair = {"freightProductId": "5", "customerNumber": "4100024"}
    body = changed(externalCustomerIds=[pair]) | {"transportSolutionIds": ["4"]}

    assert di.create(body).status_code == 200
    assert sandbox.shops("di")[0]["shop"]["externalCustomerIds"] == pairs(4100024)
    assert sandbox.shops("di")[0]["transport_solution_ids"] == [4]


@pytest.mark.parametrize(
    ("where", "read"),
    [
        ("id", lambda answer: answer["id"]),
        ("shop.id", lambda answer: answer["shop"]["id"]),
        ("shopId", lambda answer: answer["shopId"]),
        ("bare", lambda answer: answer),
    ],
)
def test_where_the_id_stands_is_a_setting(sandbox, di, where, read):
    sandbox.change_settings(di_id_at=where)

    answer = di.create()

    assert answer.status_code == 200
    assert read(answer.json()) == sandbox.shops("di")[0]["id"]


def test_an_answer_may_hold_no_id_or_nothing_at_all(sandbox, di):
    sandbox.change_settings(di_id_at="none")
    assert "id" not in di.create(changed(externalCustomerIds=None)).json()
    sandbox.change_settings(di_id_at="empty204")
    empty = di.create(changed(externalCustomerIds=None))

    assert (empty.status_code, empty.content) == (204, b"")
    assert len(sandbox.shops("di")) == 2


@pytest.mark.parametrize("where", ["id", "shop.id", "shopId", "bare"])
def test_a_missing_number_leaves_the_shop_in_the_books(sandbox, di, where):
    sandbox.change_settings(di_id_at=where)
    sandbox.add_fault("di", endpoint="create_shop", fault="missing_number", times=1)

    answer = di.create()

    assert answer.status_code == 200
    assert str(sandbox.shops("di")[0]["id"]) not in answer.text


def test_a_shop_is_updated_by_the_id_in_the_path(sandbox, di):
    shop_id = di.create().json()["id"]

    answer = di.patch(f"/{shop_id}", changed(email="ny@example.invalid", id=shop_id))

    assert answer.status_code == 200
    assert answer.json()["id"] == shop_id
    [shop] = sandbox.shops("di")
    assert shop["shop"]["email"] == "ny@example.invalid"
    assert shop["shop"]["vatLiable"] is True
    assert len(shop["bodies"]) == 2


def test_a_shop_is_updated_by_the_id_in_the_body(sandbox, di):
    shop_id = di.create().json()["id"]

    answer = di.patch("", {"shop": {"id": shop_id, "legalName": "Ny AS"}})

    assert answer.status_code == 200
    assert sandbox.shops("di")[0]["shop"]["legalName"] == "Ny AS"
    assert di.patch("", {"shop": {"legalName": "Ny AS"}}).status_code == 400


def test_an_update_that_leaves_vat_out_makes_the_shop_not_liable(sandbox, di):
    shop_id = di.create().json()["id"]

    di.patch(f"/{shop_id}", {"shop": {"email": "ny@example.invalid"}})

    [shop] = sandbox.shops("di")
    assert shop["shop"]["vatLiable"] is False
    assert shop["shop"]["legalName"] == "Fjellbutikken AS"


def test_a_shop_is_updated_by_a_json_patch(sandbox, di):
    shop_id = di.create().json()["id"]

    answer = di.patch(
        f"/{shop_id}",
        [
            {"op": "replace", "path": "/email", "value": "ny@example.invalid"},
            {"op": "replace", "path": "/address/city", "value": "Bergen"},
            {"op": "add", "path": "/ceo", "value": "Kari Eksempel"},
            {"op": "remove", "path": "/legalName"},
        ],
    )

    assert answer.status_code == 200
    details = sandbox.shops("di")[0]["shop"]
    assert details["email"] == "ny@example.invalid"
    assert details["address"]["city"] == "Bergen"
    assert details["ceo"] == "Kari Eksempel"
    assert "legalName" not in details
    assert details["vatLiable"] is True


@pytest.mark.parametrize(
    "operation",
    [
        {"op": "replace", "path": "/Email", "value": "x"},
        {"op": "move", "path": "/email", "value": "x"},
        {"op": "replace", "path": "email", "value": "x"},
        {"op": "replace", "path": "/email"},
        "replace",
    ],
)
def test_one_bad_operation_stops_the_whole_patch(sandbox, di, operation):
    shop_id = di.create().json()["id"]
    good = {"op": "replace", "path": "/legalName", "value": "Ny AS"}

    answer = di.patch(f"/{shop_id}", [good, operation])

    assert answer.status_code == 400
    assert answer.json()["errorKey"] == "JsonPatch.format.invalid"
    assert sandbox.shops("di")[0]["shop"]["legalName"] == "Fjellbutikken AS"


@pytest.mark.parametrize(
    "body",
    [
        {"shop": CURRENT["shop"]},
        [{"op": "replace", "path": "/email", "value": "lager@example.invalid"}],
        [],
    ],
)
def test_an_update_that_changes_nothing_is_refused(di, body):
    shop_id = di.create().json()["id"]

    answer = di.patch(f"/{shop_id}", body)

    assert answer.status_code == 400
    assert answer.json()["errorKey"] == "no.changes.in.patch"


def test_an_update_obeys_the_rules_of_a_shop(di):
    first = di.create().json()["id"]
    di.create(changed(externalCustomerIds=pairs(2)))

    taken = di.patch(f"/{first}", changed(externalCustomerIds=pairs(2)))
    another = di.patch(f"/{first}", changed(id=first + 1))

    assert list(taken.json()["errorMap"]) == ["shop.externalCustomerIds"]
    assert list(another.json()["errorMap"]) == ["shop.id"]


def test_a_shop_nobody_has_is_a_404_and_one_of_others_a_403(di):
    missing, foreign = di.patch("/12", CURRENT), di.patch("/7001", CURRENT)

    assert missing.status_code == 404
    assert missing.json()["errorKey"] != ""
    assert foreign.status_code == 403
    assert foreign.json()["errorKey"] == "no.access.shop.id"


def test_a_wrong_path_or_method_has_no_error_key(di):
    wrong_path = di.session.patch(f"{di.base_url}s/1", json={}, timeout=5)
    wrong_method = di.session.put(f"{di.base_url}/1", json={}, timeout=5)

    assert wrong_path.status_code == 404
    assert wrong_path.json()["errorKey"] == ""
    assert wrong_method.status_code == 405
    assert wrong_method.json() == {"statusCode": 405, "errorKey": "", "errorMap": {}}


def test_the_form_of_the_update_call_is_a_setting(sandbox, di):
    shop_id = di.create().json()["id"]
    body = {"shop": {"id": shop_id, "ceo": "Kari"}}

    sandbox.change_settings(di_update="id_in_path")
    in_body = di.patch("", body)
    sandbox.change_settings(di_update="id_in_body")
    in_path = di.patch(f"/{shop_id}", body)

    assert (in_body.status_code, in_body.json()["errorKey"]) == (405, "")
    assert (in_path.status_code, in_path.json()["errorKey"]) == (404, "")
    assert di.patch("", body).status_code == 200


def test_there_is_no_way_to_read_a_shop(di):
    shop_id = di.create().json()["id"]

    assert di.session.get(di.base_url, timeout=5).status_code == 405
    assert di.session.get(f"{di.base_url}/{shop_id}", timeout=5).status_code == 405


@pytest.mark.parametrize("body", [b"{", b"7", b"\xff", b"[1]"])
def test_rubbish_in_the_body_is_refused(sandbox, di, body):
    answer = di.session.post(
        di.base_url,
        data=body,
        headers={"Content-Type": "application/json"},
        timeout=5,
    )

    assert answer.status_code == 400
    assert answer.json()["errorKey"] == "failed.to.parse.request"
    assert sandbox.shops("di") == []


def test_faults_strike_the_calls_they_name(sandbox, di):
    sandbox.add_fault("di", endpoint="create_shop", fault="lost_answer", times=1)
    sandbox.add_fault("di", endpoint="update_shop", fault="refused", times=1)
    sandbox.add_fault("di", endpoint="login", fault="error_before", times=1)

    with pytest.raises(requests.ConnectionError):
        di.create()
    [shop] = sandbox.shops("di")
    assert di.patch(f"/{shop['id']}", changed(ceo="Kari")).status_code == 400
    assert di.ask_token().status_code == 503
    assert sandbox.shops("di")[0]["shop"] == shop["shop"]


def test_a_token_that_dies_is_refused_until_the_next_login(sandbox, di):
    sandbox.add_fault("di", endpoint="create_shop", fault="token_dies", times=1)

    assert [di.create().status_code for _ in range(2)] == [401, 401]
    di.use(di.ask_token().json()["token"])
    assert di.create().status_code == 200


def test_a_setting_that_will_not_do_is_refused(sandbox):
    for name in ("di_id_at", "di_update", "simutek_create_status"):
        with pytest.raises(BadInput) as refusal:
            sandbox.change_settings(**{name: "elsewhere"})
        assert refusal.value.field == name
