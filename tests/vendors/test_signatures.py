import pytest

from vendors.signatures import header, is_hmac_sha256

BODY = b"{'test':'test2'}"
SIGNATURE = bytes.fromhex(
    "25FB6994568A75CD233E04BA1C653AF1BF476041CC543AF04F82CAAC482C201A"
)


@pytest.mark.parametrize(
    ("secrets", "is_ours"),
    [
        (["secret123"], True),
        (["new", "secret123"], True),
        (["secret123", ""], True),
        (["secret1234"], False),
        (["Secret123"], False),
        (["", " "], False),
        ([], False),
    ],
)
def test_any_of_the_secrets_may_have_signed(secrets, is_ours):
    assert is_hmac_sha256(BODY, SIGNATURE, secrets) is is_ours


def test_an_empty_secret_proves_nothing():
    # HMAC-SHA256 of no bytes under an empty key, which anybody can work out.
    signature = bytes.fromhex(
        "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"
    )

    assert not is_hmac_sha256(b"", signature, [""])


@pytest.mark.parametrize("signature", [b"", SIGNATURE[:-1], SIGNATURE + b"\0"])
def test_a_signature_of_another_length_is_wrong(signature):
    assert not is_hmac_sha256(BODY, signature, ["secret123"])


def test_a_header_is_found_in_any_letter_case():
    assert header({"X": "1", "Ms-Signature": "2"}, "ms-signature") == "2"
    assert header({"X": "1"}, "ms-signature") == ""
