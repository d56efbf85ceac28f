"""What is too large is refused before it is read."""

import pytest
from django.core.files.uploadhandler import TemporaryFileUploadHandler
from django.test import Client

from procurement.bodies import MAX_FORM_BYTES

pytestmark = pytest.mark.django_db
FORM = "multipart/form-data; boundary=x"


class Unread:
    """A body that nobody may read."""

    def read(self, size: int = -1) -> bytes:
        raise AssertionError("The body was read.")

    readline = read


@pytest.mark.parametrize(
    "address",
    ["/admin/login/", "/admin/imports/orderimport/add/", "/approve/x/", "/nowhere/"],
)
def test_form_that_is_too_large_is_refused_unread(address: str) -> None:
    response = Client().generic(
        "POST",
        address,
        content_type=FORM,
        CONTENT_LENGTH=str(MAX_FORM_BYTES + 1),
        **{"wsgi.input": Unread()},
    )

    assert response.status_code == 413
    assert "6,000,000 bytes" in response.content.decode()
    assert "nothing of it was read" in response.content.decode()


def test_price_files_may_be_as_large_as_the_setting_says(settings) -> None:
    address = "/admin/catalogue/pricefile/add/"
    settings.PRICE_FILE_MAX_BYTES = 7_000_000
    post = {"content_type": FORM, "CONTENT_LENGTH": "7000001"}

    assert Client().generic("POST", address, **post).status_code == 302
    too_large = {**post, "CONTENT_LENGTH": "7100001"}
    assert Client().generic("POST", address, **too_large).status_code == 413


def test_a_stranger_puts_nothing_large_onto_the_disk(monkeypatch) -> None:
    begun: list[str] = []
    monkeypatch.setattr(
        TemporaryFileUploadHandler,
        "new_file",
        lambda self, *args, **kwargs: begun.append("a file"),
    )
    part = b'--x\r\nContent-Disposition: form-data; name="f"; filename="f"\r\n\r\n'
    body = part + b"0" * MAX_FORM_BYTES + b"\r\n--x--\r\n"

    Client(enforce_csrf_checks=True).generic(
        "POST", "/admin/login/", body, content_type=FORM
    )

    assert begun == []
