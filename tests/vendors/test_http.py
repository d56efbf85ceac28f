import json
import logging
from datetime import UTC, datetime
from decimal import Decimal

import pytest
import requests
import responses

from tests.vendors.clients import PlainClient, TokenClient, open_at
from vendors.contracts import Account
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.limits import SeenLimits
from vendors.tokens import MemoryTokenStore

URL = "https://nord.test/api"


@pytest.fixture
def client(exchanges):
    return open_at(URL, exchanges)


@pytest.fixture
def token_client(exchanges):
    return open_at(URL, exchanges, TokenClient)


def failing(call, *args, **kwargs) -> VendorError:
    with pytest.raises(VendorError) as caught:
        call(*args, purpose="test", **kwargs)
    return caught.value


# --- what goes out and comes back ---------------------------------------------


@responses.activate
def test_a_call_goes_out_as_exact_json_with_few_headers(client):
    responses.post(f"{URL}/orders", body='{"total": 249.00}', status=200)

    found = client.act(
        "POST", "/orders", purpose="test", json={"p": Decimal("41.50"), "å": [1, None]}
    )

    request = responses.calls[0].request
    assert request.body == '{"p": 41.50, "å": [1, null]}'.encode()
    assert dict(request.headers) == {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "User-Agent": "procurement",
        "Content-Type": "application/json",
        "Content-Length": "29",
        "X-Password": "pässword/4711+x",
    }
    assert str(found["total"]) == "249.00"


@responses.activate
def test_vendors_are_told_who_calls(client):
    responses.get(f"{URL}/orders", body="{}", status=200)
    client.user_agent = "procurement/9.9"

    client.ask("GET", "/orders", purpose="test")

    assert responses.calls[0].request.headers["User-Agent"] == "procurement/9.9"


@responses.activate
def test_parameters_may_be_repeated(client):
    responses.get(f"{URL}/p", json=[])

    client.ask("GET", "p", purpose="test", params={"n": ["A 1", "B&2"], "q": "å"})

    assert responses.calls[0].request.url == f"{URL}/p?n=A+1&n=B%262&q=%C3%A5"


@responses.activate
@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'\xef\xbb\xbf{"a": 1}', {"a": 1}),
        (b'"4500123"', "4500123"),
        (b"4500123", 4500123),
        (b"null", None),
        ('["Ume\xe5"]'.encode("latin-1"), ["Umeå"]),
    ],
)
def test_json_is_read_whatever_type_it_claims_to_be(client, body, found):
    responses.get(f"{URL}/x", body=body, content_type="text/plain")

    assert client.ask("GET", "/x", purpose="test") == found


@responses.activate
@pytest.mark.parametrize(
    "body", ["", "<html><p>Hello</p></html>", '{"a": ', "NaN", "yes"]
)
def test_a_success_that_can_not_be_read_is_unknown_for_a_write(client, body):
    responses.add("POST", f"{URL}/x", body=body)

    written, asked = (
        failing(client.act, "POST", "/x"),
        failing(client.ask, "POST", "/x"),
    )

    assert (type(written), written.kind) == (OutcomeUnknown, Kind.UNREADABLE)
    assert (type(asked), asked.kind) == (NotSent, Kind.UNREADABLE)


@responses.activate
def test_an_empty_success_counts_where_it_is_allowed_and_surely_empty(client):
    responses.post(f"{URL}/framed", body="", headers={"Content-Length": "0"})
    responses.post(f"{URL}/none", status=204)
    responses.post(f"{URL}/cut", body="")

    for path in ("/framed", "/none"):
        assert client.act("POST", path, purpose="test", allows_empty=True) is None
    error = failing(client.act, "POST", "/cut", allows_empty=True)
    assert type(error) is OutcomeUnknown


# --- what an answer outside 2xx means -----------------------------------------


@responses.activate
@pytest.mark.parametrize(
    ("status", "for_write", "for_read"),
    [
        (301, (OutcomeUnknown, Kind.UNREADABLE), (NotSent, Kind.CONFIGURATION)),
        (400, (Refused, Kind.DATA), (Refused, Kind.DATA)),
        (401, (NotSent, Kind.CREDENTIALS), (NotSent, Kind.CREDENTIALS)),
        (403, (Refused, Kind.CREDENTIALS), (Refused, Kind.CREDENTIALS)),
        (404, (Refused, Kind.NOT_FOUND), (Refused, Kind.NOT_FOUND)),
        (405, (Refused, Kind.DATA), (Refused, Kind.DATA)),
        (408, (OutcomeUnknown, Kind.TIMEOUT), (NotSent, Kind.TIMEOUT)),
        (409, (OutcomeUnknown, Kind.SERVER), (NotSent, Kind.SERVER)),
        (413, (Refused, Kind.DATA), (Refused, Kind.DATA)),
        (415, (Refused, Kind.DATA), (Refused, Kind.DATA)),
        (422, (Refused, Kind.DATA), (Refused, Kind.DATA)),
        (429, (NotSent, Kind.THROTTLED), (NotSent, Kind.THROTTLED)),
        (500, (OutcomeUnknown, Kind.SERVER), (NotSent, Kind.SERVER)),
        (503, (OutcomeUnknown, Kind.SERVER), (NotSent, Kind.SERVER)),
        (599, (OutcomeUnknown, Kind.SERVER), (NotSent, Kind.SERVER)),
        (600, (OutcomeUnknown, Kind.SERVER), (NotSent, Kind.SERVER)),
    ],
)
def test_each_status_means_one_error(client, status, for_write, for_read):
    responses.post(f"{URL}/x", status=status, json={"Message": "Because."})

    written, asked = (
        failing(client.act, "POST", "/x"),
        failing(client.ask, "POST", "/x"),
    )

    assert (type(written), written.kind) == for_write
    assert (type(asked), asked.kind) == for_read
    assert written.status == asked.status == status
    assert written.vendor_text == "Because."
    assert len(responses.calls) == 2


@responses.activate
@pytest.mark.parametrize(
    ("failure", "write_error"),
    [
        (requests.ConnectTimeout("x"), NotSent),
        (requests.exceptions.SSLError("x"), NotSent),
        (requests.ReadTimeout("x"), OutcomeUnknown),
        (requests.ConnectionError("who knows"), OutcomeUnknown),
        (requests.exceptions.ChunkedEncodingError("x"), OutcomeUnknown),
    ],
)
def test_only_what_proves_it_counts_as_not_sent(client, failure, write_error):
    responses.post(f"{URL}/x", body=failure)

    assert type(failing(client.act, "POST", "/x")) is write_error
    assert type(failing(client.ask, "POST", "/x")) is NotSent


@responses.activate
@pytest.mark.parametrize(
    ("body", "text"),
    [
        ('{"Message": "No such customer."}', "No such customer."),
        ('"Plain refusal"', "Plain refusal"),
        ("Plain  text\nin lines", "Plain text in lines"),
        (
            '{"title": "Invalid.", "status": 400, "errors": {"Items[0].ItemId": '
            '["is required", "is empty"]}}',
            "Invalid.; Items[0].ItemId: is required, is empty",
        ),
        (
            '{"message": "Bad.", "ModelState": {"order": ["x"]}}',
            "Bad.; order: x",
        ),
        ('{"errors": ["one", "two"]}', "one, two"),
        (
            '{"error": "bad", "hint": "Look.", "faults": {"code": ["is", "gone"]}}',
            "bad; Look.; faults: is, gone",
        ),
        ('[{"Message": "a"}, "b"]', "a; b"),
        ('{"code": {"deep": "E17"}}', "E17"),
        (
            "<html><head><title>502</title><style>p{}</style></head>"
            "<body><h1>Bad gateway</h1><script>x()</script>nginx</body></html>",
            "502 Bad gateway nginx",
        ),
        ("", ""),
    ],
)
def test_the_vendors_own_words_are_kept(client, body, text):
    responses.post(f"{URL}/x", status=400, body=body)

    assert failing(client.act, "POST", "/x").vendor_text == text


@responses.activate
def test_the_vendors_words_end_after_500_characters(client):
    responses.post(f"{URL}/x", status=400, body="x" * 900)

    assert failing(client.act, "POST", "/x").vendor_text == "x" * 500


@responses.activate
@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "99999"}, 600),
        ({"Retry-After": "-5"}, 0),
        ({"Retry-After": "Wed, 02 Apr 2031 08:00:40 GMT"}, 40),
        ({"Retry-After": "Wed, 02 Apr 2031 07:00:00 GMT"}, 0),
        ({"Retry-After": "Wed, 02 Apr 2031 08:00:40 -0000"}, 40),
        ({"Retry-After": "soon"}, None),
        ({"X-RateLimit-Reset": "1932883230"}, 31),
        ({"X-RateLimit-Reset": "9999999999999"}, 600),
        ({"Retry-After": "5", "x-ratelimit-reset": "1932883230"}, 5),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_the_vendor_says_how_long_to_wait(
    client, time_machine, headers, seconds, status
):
    time_machine.move_to(datetime(2031, 4, 2, 8, 0, tzinfo=UTC), tick=False)
    responses.get(f"{URL}/x", status=status, headers=headers)

    assert failing(client.ask, "GET", "/x").retry_after == seconds


@responses.activate
def test_the_limits_last_seen_are_kept(client):
    headers = {"x-ratelimit-limit": "300", "X-RateLimit-Remaining": "299"}
    responses.get(f"{URL}/x", json=[], headers=headers)
    responses.get(f"{URL}/y", json=[])
    responses.get(f"{URL}/z", json=[], headers={"X-RateLimit-Reset": "1932883230"})
    responses.get(f"{URL}/w", json=[], headers={"X-RateLimit-Reset": "9" * 18})

    assert client.limits is None
    client.ask("GET", "/x", purpose="test")
    client.ask("GET", "/y", purpose="test")
    assert client.limits == SeenLimits(limit=300, remaining=299, reset_at=None)
    client.ask("GET", "/z", purpose="test")
    assert client.limits.reset_at == datetime(2031, 4, 2, 8, 0, 30, tzinfo=UTC)
    client.ask("GET", "/w", purpose="test")
    assert client.limits.reset_at is None


# --- tokens -------------------------------------------------------------------


def grant(*tokens: str) -> None:
    for token in tokens:
        responses.post(f"{URL}/login", json={"Token": token})


@responses.activate
def test_a_token_is_asked_for_once_and_used_for_all_calls(token_client):
    grant("token-1")
    responses.get(f"{URL}/x", json=[])

    token_client.ask("GET", "/x", purpose="test")
    token_client.ask("GET", "/x", purpose="test")

    sent = [call.request.headers.get("Authorization") for call in responses.calls]
    assert sent == [None, "Bearer token-1", "Bearer token-1"]


@responses.activate
def test_a_refused_token_is_renewed_and_the_call_made_once_more(token_client):
    grant("token-1", "token-2")
    responses.post(f"{URL}/x", status=401)
    responses.post(f"{URL}/x", json={"number": 7})

    assert token_client.act("POST", "/x", purpose="test") == {"number": 7}
    assert [c.request.headers.get("Authorization") for c in responses.calls] == [
        None,
        "Bearer token-1",
        None,
        "Bearer token-2",
    ]


@responses.activate
def test_a_second_refusal_is_final(token_client):
    grant("token-1", "token-2")
    responses.post(f"{URL}/x", status=401)

    error = failing(token_client.act, "POST", "/x")

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert len(responses.calls) == 4


@responses.activate
def test_what_has_no_token_is_not_repeated_after_401(client):
    responses.post(f"{URL}/x", status=401)

    failing(client.act, "POST", "/x")

    assert len(responses.calls) == 1


@responses.activate
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, Kind.CREDENTIALS),
        (401, Kind.CREDENTIALS),
        (403, Kind.CREDENTIALS),
        (404, Kind.CONFIGURATION),
        (429, Kind.THROTTLED),
        (500, Kind.SERVER),
    ],
)
def test_a_failed_login_never_counts_as_a_refused_order(token_client, status, kind):
    responses.post(f"{URL}/login", status=status, body='"no"')

    error = failing(token_client.act, "POST", "/x")

    assert (type(error), error.kind) == (NotSent, kind)
    assert not token_client.has_written


@responses.activate
def test_the_login_may_be_at_another_host(exchanges):
    client = open_at(URL, exchanges, TokenClient, auth_url="https://login.test")
    responses.post("https://login.test/login", json={"Token": "token-1"})
    responses.get(f"{URL}/x", json=[])

    client.ask("GET", "/x", purpose="test")

    assert responses.calls[0].request.url == "https://login.test/login"


# --- before anything is sent --------------------------------------------------


@pytest.mark.parametrize("url", ["http://nord.test", "nord.test", ""])
def test_a_wrong_address_stops_the_call_before_anything_is_sent(url, exchanges):
    client = open_at(url, exchanges, TokenClient)

    error = failing(client.act, "POST", "/x")

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)
    assert not client.has_written
    assert exchanges == []


@responses.activate
def test_a_path_can_not_lead_to_another_host(client):
    responses.get("https://nord.test/api/@evil.test/x", json=[])
    responses.get("https://nord.test/api/evil.test/x", json=[])

    client.ask("GET", "@evil.test/x", purpose="test")
    client.ask("GET", "//evil.test/x", purpose="test")

    assert len(responses.calls) == 2


def test_a_credential_that_fits_no_header_is_a_trouble_of_configuration(exchanges):
    client = open_at(URL, exchanges, credentials={"password": "line\nbreak"})

    error = failing(client.act, "POST", "/x")

    assert (type(error), error.kind) == (NotSent, Kind.CONFIGURATION)
    assert not client.has_written


def test_a_missing_credential_is_a_trouble_of_configuration(exchanges):
    client = open_at(URL, exchanges, credentials={})

    assert failing(client.act, "POST", "/x").kind is Kind.CONFIGURATION


@responses.activate
def test_it_is_known_whether_anything_was_written(client):
    responses.get(f"{URL}/x", json=[])
    responses.post(f"{URL}/x", status=400)

    client.ask("GET", "/x", purpose="test")
    assert not client.has_written
    failing(client.act, "POST", "/x")
    assert client.has_written


# --- the mapping --------------------------------------------------------------


def test_names_are_overridden_by_the_account_and_never_blanked():
    client = open_at(URL, mapping={"path.thing": "/items/{number}", "word.new": "x"})

    assert client.path("path.thing", number="A/1") == "/items/A%2F1"
    assert client.mapping["word.new"] == "x"
    assert open_at(URL, mapping={"path.thing": " "}).path("path.thing", number="1") == (
        "/things/1"
    )


def test_the_time_limits_follow_the_option():
    account = Account(supplier="Nord", base_url=URL, options={"read_timeout": "7"})
    client = PlainClient(account, MemoryTokenStore(), lambda _: None)

    assert (client.time_limits.connect, client.time_limits.read) == (10, 7)
    assert client.time_limits.total == 14
    client.close()


def test_a_vendor_has_to_say_how_it_authorizes():
    from vendors.http import VendorClient

    with pytest.raises(NotImplementedError):
        VendorClient.authorize(open_at(URL), purpose="read", is_write=False)


# --- exchanges ----------------------------------------------------------------


@responses.activate
def test_every_request_is_recorded_also_logins_and_failures(token_client, exchanges):
    grant("token-1", "token-2")
    responses.post(f"{URL}/x", status=401)
    responses.post(f"{URL}/x", body=requests.ReadTimeout("slow"))

    failing(token_client.act, "POST", "/x", params={"isTest": "true"}, json={"n": 1})

    seen = [(e.purpose, e.method, e.url, e.status, e.error) for e in exchanges]
    assert seen == [
        ("login", "POST", f"{URL}/login", 200, ""),
        ("test", "POST", f"{URL}/x?isTest=true", 401, ""),
        ("login", "POST", f"{URL}/login", 200, ""),
        ("test", "POST", f"{URL}/x?isTest=true", None, "timeout: ReadTimeout"),
    ]
    assert exchanges[1].request_body == '{"n": 1}'
    assert exchanges[0].started_at.tzinfo is UTC
    assert exchanges[0].duration_ms >= 0


@responses.activate
def test_an_answer_to_a_login_without_a_known_token_is_not_kept(
    token_client, exchanges
):
    responses.post(f"{URL}/login", body='{"x": "hidden-secret"}')
    responses.post(f"{URL}/login", body="hidden-secret")
    responses.get(f"{URL}/x", json=[])

    token_client.ask("GET", "/x", purpose="test")
    failing(open_at(URL, exchanges, TokenClient).ask, "GET", "/x")

    assert "hidden-secret" not in json.dumps(exchanges, default=str)
    assert exchanges[0].response_body == "[not kept: may hold a token]"


@responses.activate
def test_a_recorder_that_fails_costs_no_answer(caplog):
    def recorder(exchange):
        raise RuntimeError("disk full")

    account = open_at(URL).account
    client = PlainClient(account, MemoryTokenStore(), recorder)
    responses.post(f"{URL}/x", json={"number": 7})

    assert client.act("POST", "/x", purpose="test") == {"number": 7}
    assert "An exchange of Nord was not kept." in caplog.text


@responses.activate
def test_logs_and_errors_hold_no_secrets(token_client, caplog):
    caplog.set_level(logging.DEBUG, logger="vendors")
    grant("token-of-great-value")
    responses.post(
        f"{URL}/x",
        status=400,
        json={"Message": "token-of-great-value is pässword/4711+x"},
    )

    error = failing(token_client.act, "POST", "/x", json={"password": "other"})

    said = f"{caplog.text} {error} {error.vendor_text} {error.__cause__}"
    assert "Nord test: 400 in" in caplog.text
    assert error.vendor_text == "*** is ***"
    assert "token-of-great-value" not in said
    assert "4711" not in said
    assert error.__context__ is None
