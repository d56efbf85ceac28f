import base64
import json
from datetime import UTC, datetime, timedelta

import pytest
import requests

from tests.vendors.di.conftest import LOGIN, SHOP, SHOPS
from vendors.contracts import Samples, Verdict
from vendors.di.checklist import CHECKLIST
from vendors.errors import Kind, NotSent, Refused

SHORT = "https://login.test/ws/json/auth/v-3/login/5"
WRITING = ("wrong_password", "token", "create", "update")
NOW = datetime(2031, 4, 2, 8, 0, tzinfo=UTC)


def run(client, name):
    [check] = [check for check in CHECKLIST if check.name == name]
    return check.run(client, Samples())


def jwt(end: datetime) -> str:
    claims = json.dumps({"exp": int(end.timestamp())}).encode()
    return f"a.{base64.urlsafe_b64encode(claims).decode().rstrip('=')}.c"


def test_the_steps_come_in_order_and_those_that_write_say_so():
    assert [(check.name, check.writes) for check in CHECKLIST] == [
        ("short_login", False),
        ("wrong_password", True),
        ("shop_host", False),
        ("token", True),
        ("create", True),
        ("update", True),
        ("questions", False),
    ]


@pytest.mark.parametrize(
    ("minutes", "verdict"),
    [
        (5, Verdict.AS_ASSUMED),
        (720, Verdict.DIFFERS),
        (None, Verdict.UNCLEAR),
    ],
)
def test_a_short_login_shows_whether_the_minutes_are_kept(
    responses_on, client, time_machine, minutes, verdict
):
    time_machine.move_to(NOW, tick=False)
    token = "text" if minutes is None else jwt(NOW + timedelta(minutes=minutes))
    responses_on.post(SHORT, json={"token": token})

    [finding] = run(client, "short_login")

    assert finding.verdict is verdict


@pytest.mark.parametrize(
    ("status", "verdict"),
    [(401, Verdict.AS_ASSUMED), (403, Verdict.AS_ASSUMED), (500, Verdict.UNCLEAR)],
)
def test_a_wrong_password_shows_the_form_of_the_failure(
    responses_on, client, status, verdict
):
    responses_on.post(SHORT, status=status, body="Feil passord")

    [finding] = run(client, "wrong_password")

    assert finding.verdict is verdict
    assert "Feil passord" in finding.text
    [call] = responses_on.calls
    assert b"wsnordlys" in call.request.body
    assert "pässord".encode() not in call.request.body


def test_a_wrong_password_that_works_is_told(responses_on, client):
    responses_on.post(SHORT, json={"token": "t"})

    [finding] = run(client, "wrong_password")

    assert finding.verdict is Verdict.DIFFERS


# --- hosts --------------------------------------------------------------------


def test_a_call_without_a_token_proves_the_host(responses_on, client):
    responses_on.post(SHOPS, status=401, json={"errorKey": "authentication.missing"})

    [finding] = run(client, "shop_host")

    assert finding.verdict is Verdict.AS_ASSUMED
    assert "authentication.missing" in finding.text
    [call] = responses_on.calls
    assert call.request.body == b"{}"
    assert "Authorization" not in call.request.headers


@pytest.mark.parametrize(
    ("answer", "verdict"),
    [
        ({"status": 401, "body": "Sign in"}, Verdict.UNCLEAR),
        ({"status": 404}, Verdict.UNCLEAR),
        ({"status": 200, "body": "<html>Parked</html>"}, Verdict.DIFFERS),
        ({"status": 200, "body": "{}"}, Verdict.DIFFERS),
        ({"body": requests.exceptions.SSLError("bad")}, Verdict.DIFFERS),
        ({"body": requests.ConnectTimeout()}, Verdict.DIFFERS),
    ],
)
def test_a_host_that_is_not_di_is_told_and_gets_no_token(
    responses_on, client, answer, verdict
):
    responses_on.post(SHOPS, **answer)

    [finding] = run(client, "shop_host")

    assert finding.verdict is verdict
    assert finding.text.startswith("shop.test without a token: ")
    assert len(responses_on.calls) == 1


@pytest.mark.parametrize(
    ("status", "verdict", "words"),
    [
        (400, Verdict.AS_ASSUMED, "shop.test with a token: "),
        (403, Verdict.AS_ASSUMED, "Ask DI for the role for the Shop API."),
        (401, Verdict.DIFFERS, "Ask DI which login belongs to it"),
        (405, Verdict.UNCLEAR, "(HTTP 405)"),
        (200, Verdict.UNCLEAR, "(HTTP 200)"),
    ],
)
def test_an_empty_shop_shows_whether_the_token_is_taken(
    di, client, status, verdict, words
):
    di.post(SHOPS, status=status)

    [finding] = run(client, "token")

    assert finding.verdict is verdict
    assert words in finding.text
    assert di.calls[1].request.body == b"{}"
    assert di.calls[1].request.headers["Authorization"] == "Bearer token-1"


# --- shops, on TEST -----------------------------------------------------------


def test_a_shop_is_made_to_see_where_its_id_is(di, client):
    di.post(SHOPS, json={"shop": {"id": 4711}})

    [finding] = run(client, "create")

    assert finding.verdict is Verdict.AS_ASSUMED
    assert finding.text == "DI took the shop as 4711, told in: shop.id."
    sent = json.loads(di.calls[1].request.body)["shop"]
    assert sent["address"]["zipCode"] == "0181"
    assert sent["email"].endswith("@example.invalid")


@pytest.mark.parametrize(
    ("answer", "verdict", "keys"),
    [
        ({"json": {"number": 1}}, Verdict.DIFFERS, ("answer.id",)),
        (
            {"status": 400, "json": {"errorKey": "no"}},
            Verdict.DIFFERS,
            ("create.transport_solution_ids",),
        ),
        ({"status": 500}, Verdict.UNCLEAR, ()),
    ],
)
def test_a_shop_that_is_not_taken_as_assumed_says_what_to_change(
    di, client, answer, verdict, keys
):
    di.post(SHOPS, **answer)

    [finding] = run(client, "create")

    assert (finding.verdict, finding.mapping_keys) == (verdict, keys)


def test_each_reading_of_an_update_is_tried_on_a_shop_of_its_own(di, client):
    di.post(SHOPS, json={"id": 4711})
    di.patch(SHOP, status=400, json={"errorKey": "failed.to.parse.request"})
    di.patch(SHOPS, status=405)
    di.patch(SHOP, status=204)

    as_set, without_id, patch = run(client, "update")

    assert (as_set.verdict, as_set.options) == (
        Verdict.DIFFERS,
        ("update_path", "update_body"),
    )
    assert "failed.to.parse.request" in as_set.text
    assert without_id.verdict is Verdict.UNCLEAR
    assert patch.text == "Path with_id, body json_patch: DI took it."
    assert patch.options == ("update_path", "update_body")
    bodies = [call.request.body for call in di.calls[2:]]
    assert len(set(bodies)) == 3
    assert bodies[2].startswith(b'[{"op": "replace"')


def test_the_reading_that_is_set_and_works_is_as_assumed(di, client):
    di.post(SHOPS, json={"id": 4711})
    di.patch(SHOP, status=204)
    di.patch(SHOPS, status=404)

    assert run(client, "update")[0].verdict is Verdict.AS_ASSUMED


def test_without_an_id_nothing_is_updated(di, client):
    di.post(SHOPS, status=204)

    [finding] = run(client, "update")

    assert finding.verdict is Verdict.UNCLEAR
    assert len(di.calls) == 2


@pytest.mark.parametrize("name", WRITING)
@pytest.mark.parametrize(
    "members",
    [
        {"is_test": False},
        {"base_url": "https://api-flow.di.no", "auth_url": "https://ws.di.no"},
        {"auth_url": "https://ws.di.no"},
    ],
)
def test_nothing_is_written_outside_test(responses_on, open_client, name, members):
    with pytest.raises(Refused) as caught:
        run(open_client(**members), name)

    assert caught.value.kind is Kind.GUARD
    assert len(responses_on.calls) == 0


def test_a_failed_login_stops_a_step(responses_on, client):
    responses_on.post(LOGIN, status=401)

    with pytest.raises(NotSent) as caught:
        run(client, "create")

    assert caught.value.kind is Kind.CREDENTIALS


def test_what_only_di_can_tell_is_asked():
    [check] = [check for check in CHECKLIST if check.name == "questions"]

    findings = check.run(None, Samples())

    assert {finding.verdict for finding in findings} == {Verdict.ASK}
    assert all(finding.text.endswith("?") for finding in findings)
