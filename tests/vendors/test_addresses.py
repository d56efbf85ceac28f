import pytest

from vendors.addresses import checked_base, fill, is_loopback
from vendors.contracts import Account
from vendors.errors import Kind, NotSent, Refused

STRICT = Account(supplier="S", base_url="")
LOOSE = Account(supplier="S", base_url="", allow_insecure_loopback=True)


@pytest.mark.parametrize(
    "url",
    [
        "https://host.example/RESTAPI/",
        "https://host.example:8443",
        "http://127.0.0.1:8000/eet",
        "http://localhost:8000",
        "http://[::1]:8000",
    ],
)
def test_https_and_the_own_machine_may_be_called(url):
    assert checked_base(LOOSE, url) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "",
        "host.example",
        "ftp://host.example",
        "http://host.example",
        "http://10.0.0.1",
        "http://localhost.evil.example",
        "http://127.0.0.1.evil.example",
        "https://user:password@host.example",
        "https://host.example?x=1",
        "https://host.example#x",
        "https://host.example\\@evil.example",
        "https://host.example /",
    ],
)
def test_no_other_address_is_called(url):
    with pytest.raises(NotSent) as caught:
        checked_base(LOOSE, url)

    assert caught.value.kind is Kind.CONFIGURATION


def test_plain_http_needs_a_permission_even_on_the_own_machine():
    with pytest.raises(NotSent):
        checked_base(STRICT, "http://127.0.0.1:8000")


@pytest.mark.parametrize(
    ("url", "answer"),
    [
        ("http://127.8.9.1/", True),
        ("https://LOCALHOST", True),
        ("https://eet.test", False),
        ("nonsense", False),
    ],
)
def test_loopback_is_known(url, answer):
    assert is_loopback(url) is answer


def test_values_in_a_path_are_escaped():
    assert fill("/v1_0/{client}/{number}", {"client": "N", "number": "A/1 ?#"}) == (
        "/v1_0/N/A%2F1%20%3F%23"
    )


@pytest.mark.parametrize("number", ["", " ", ".", "..", " .. "])
def test_a_value_that_would_lead_to_another_path_is_refused(number):
    with pytest.raises(Refused) as caught:
        fill("/orders/{number}", {"number": number})

    assert caught.value.kind is Kind.GUARD
