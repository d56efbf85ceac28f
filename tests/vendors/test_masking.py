import base64
import html
import json
from dataclasses import asdict
from urllib.parse import quote, quote_plus

import pytest
import responses
from hypothesis import given
from hypothesis import strategies as st

from tests.vendors.clients import open_at
from vendors.errors import VendorError
from vendors.masking import CLIP, MASK, Masker, pair

SECRETS = st.text(
    st.characters(
        codec="utf-8", exclude_characters="*", exclude_categories=["Cc", "Cs"]
    ),
    min_size=6,
    max_size=40,
).filter(lambda text: text.strip() == text)


def spellings(secret: str) -> list[str]:
    """The secret as the encoders of other systems write it."""
    data = secret.encode()
    return [
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(secret)[1:-1].replace("/", "\\/"),
        "".join(f"\\u{ord(c):04X}" if c in "&'+<>`\"" else c for c in secret),
        quote(secret),
        quote(secret, safe=""),
        quote_plus(secret),
        quote(secret, safe="").lower() if secret.islower() else secret,
        html.escape(secret),
        base64.b64encode(data).decode(),
        base64.urlsafe_b64encode(data).decode(),
        quote_plus(base64.b64encode(data).decode()),
        json.dumps(json.dumps(secret))[3:-3],
        quote(quote(secret, safe=""), safe=""),
    ]


@given(SECRETS)
def test_a_secret_is_known_in_every_spelling(secret):
    masker = Masker([secret])

    for spelling in spellings(secret):
        masked = masker.text(f"before {spelling} after")
        assert masked.startswith("before ***")
        assert masked.endswith(" after")
        assert spelling not in masked.removeprefix("before ").removesuffix(" after")


@given(SECRETS, SECRETS)
def test_no_secret_is_in_an_exchange(user, password):
    exchanges = []
    client = open_at(
        "https://nord.test",
        exchanges,
        credentials={"username": user, "password": "fits-a-header", "other": password},
    )
    client.keep_secret(f"{user}:{password}")
    with responses.RequestsMock() as mocked:
        mocked.post(
            "https://nord.test/x",
            body=f"{user} {quote(password)} {pair(user, password)}",
            status=400,
            headers={"X-Echo": quote(password), "Set-Cookie": "session=abc"},
        )
        with pytest.raises(VendorError) as caught:
            client.act(
                "POST", "/x", purpose="p", params={"q": password}, json={"n": [user]}
            )

    kept = asdict(exchanges[0])
    shown = [kept["url"], kept["request_body"], kept["response_body"]]
    shown += [*kept["request_headers"].values(), *kept["response_headers"].values()]
    shown += [caught.value.vendor_text, str(caught.value)]
    # What is left without the secrets is known, so nothing of them is in it.
    assert kept["url"] == f"https://nord.test/x?q={MASK}"
    assert kept["request_body"] == f'{{"n": ["{MASK}"]}}'
    assert set(kept["response_body"]) <= {"*", " ", "="}
    assert kept["response_headers"]["X-Echo"] == MASK
    assert kept["response_headers"]["Set-Cookie"] == MASK
    assert not any("fits-a-header" in text for text in shown)


@pytest.mark.parametrize(
    "name",
    [
        "Authorization",
        "ExtendBasicAuthorization",
        "X-Authorisation",
        "Proxy-Authorization",
        "Set-Cookie",
        "Cookie",
        "X-Api-Key",
        "api_key",
        "X-Auth-Token",
    ],
)
def test_a_header_is_masked_by_its_name(name):
    assert Masker().headers({name: "abc", "Accept": "x"}) == {name: MASK, "Accept": "x"}


@pytest.mark.parametrize(
    ("body", "masked"),
    [
        ('{"Password": "abc", "n": 1}', '{"Password": "***", "n": 1}'),
        ('{"UserName": "abc"}', '{"UserName": "***"}'),
        ('{"Token":"a\\"b","x":2}', '{"Token":"***","x":2}'),
        ('{"client_secret": 12345}', '{"client_secret": "***"}'),
        ('{"access_token": {"v": "x"}, "n": 1}', '{"access_token": "***", "n": 1}'),
        ('{"tokens": ["x", "y"]}', '{"tokens": "***"}'),
        ('{"password": "cut in the mid', '{"password": "***"'),
        ("grant_type=x&client_secret=abc&n=1", "grant_type=x&client_secret=***&n=1"),
        (
            r'{"x": "{\"Password\": \"abc\", \"n\": 1}"}',
            r'{"x": "{\"Password\": "***", \"n\": 1}"}',
        ),
        ('{"note": "a plain word"}', '{"note": "a plain word"}'),
    ],
)
def test_a_member_of_a_body_is_masked_by_its_name(body, masked):
    assert Masker().body(body.encode()) == masked


def test_a_parameter_is_masked_by_its_name():
    masker = Masker()

    assert masker.url("https://x.test/a?token=abc&n=1") == (
        "https://x.test/a?token=***&n=1"
    )


def test_a_very_short_value_is_masked_by_name_alone():
    masker = Masker(["abc"])

    assert masker.body(b'{"password": "abc", "text": "abcd"}') == (
        '{"password": "***", "text": "abcd"}'
    )


def test_a_secret_inside_another_leaves_nothing_of_it():
    masker = Masker(["abcd", "abcd+efgh", "xabcd+efghx"])

    assert masker.text("abcd+efgh xabcd+efghx abcd") == "*** *** ***"


def test_a_long_body_is_clipped_and_says_so():
    shown = Masker().body(b"x" * (CLIP + 5))

    assert shown == "x" * CLIP + f"\n[clipped: {CLIP + 5} characters in all]"


@pytest.mark.parametrize("shift", range(-40, 5, 4))
def test_no_half_of_a_secret_is_left_where_a_body_is_clipped(shift):
    secret = "s3cr3t+w0rd/long-enough-to-be-cut"
    start = CLIP + shift
    body = "x" * start + secret + "y" * 1000

    shown = Masker([secret]).body(body.encode())

    assert "s3cr" not in shown
    assert "0rd" not in shown


def test_clipping_keeps_its_word_when_masks_shorten_the_text():
    secret = "s3cr3t-w0rd-that-is-long"
    body = (secret + " ") * 6000

    assert "s3cr" not in Masker([secret]).body(body.encode())


@pytest.mark.parametrize("body", [b"\xff\xfe\x00\x01", b"GIF89a\x01\x00\xff", b"\x00"])
def test_what_is_no_text_is_shown_as_a_size(body):
    assert Masker().body(body) == f"[{len(body)} bytes, not text]"


def test_latin_1_is_text_too():
    assert Masker().body("Umeå".encode("latin-1")) == "Umeå"


def test_basic_credentials_are_those_of_the_standard():
    # RFC 7617, section 2.
    assert pair("Aladdin", "open sesame") == "QWxhZGRpbjpvcGVuIHNlc2FtZQ=="
