import json
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from procurement.suppliers.models import Exchange
from tests.conftest import use_fake
from tests.factories import make_supplier
from tests.fakes import FakeClient, FakeVendor
from vendors.contracts import Check, Finding, Samples, Verdict
from vendors.errors import Kind, NotSent

pytestmark = pytest.mark.django_db

FINE = Finding(verdict=Verdict.AS_ASSUMED, text="The token lives an hour.")
WRONG = Finding(
    verdict=Verdict.DIFFERS,
    text="There is no member Price.",
    mapping_keys=("product.price",),
    options=("price_divisor",),
)


def check(name: str, *findings: Finding, writes: bool = False, **more: Any) -> Check:
    def run(client: FakeClient, samples: Samples) -> tuple[Finding, ...]:
        client.said(f"try {name} {','.join(samples.items)}")
        if trouble := more.get("trouble"):
            raise trouble
        return findings

    return Check(name=name, question="Is it so?", run=run, writes=writes)  # type: ignore[arg-type]


@pytest.fixture
def walk(monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[str, int]]:
    def build(*checks: Check, mode: str = "test", **options: Any) -> tuple[str, int]:
        use_fake(monkeypatch, FakeVendor(checklist=checks))
        supplier = make_supplier(mode=mode)
        out = StringIO()
        try:
            call_command("first_contact", supplier.slug, stdout=out, **options)
        except SystemExit as end:
            return out.getvalue(), int(end.code or 0)
        return out.getvalue(), 0

    return build


def test_what_is_as_assumed_is_said_and_ends_well(walk: Any) -> None:
    text, code = walk(check("Login", FINE))

    assert "as assumed   The token lives an hour." in text
    assert code == 0


def test_what_differs_says_what_to_change_and_ends_with_1(walk: Any) -> None:
    text, code = walk(check("Products", WRONG), check("Login", FINE))

    assert "DIFFERS      There is no member Price." in text
    assert "change: product.price, price_divisor" in text
    assert "The token lives an hour." in text, "one finding does not stop the next step"
    assert code == 1


def test_samples_are_handed_on_and_what_was_said_is_kept(walk: Any) -> None:
    walk(check("Products", FINE), item=["A", "B/C"])

    assert Exchange.objects.get().purpose == "try Products A,B/C"


def test_nothing_is_written_unless_asked_for(walk: Any) -> None:
    text, code = walk(check("Create", WRONG, writes=True))

    assert "Not tried: it changes something there." in text
    assert (code, Exchange.objects.count()) == (0, 0)


def test_written_when_asked_for(walk: Any) -> None:
    text, _ = walk(check("Create", FINE, writes=True), write=True)

    assert "The token lives an hour." in text


def test_live_account_is_never_written_to(walk: Any) -> None:
    with pytest.raises(CommandError, match="is live"):
        walk(check("Create", FINE, writes=True), mode="live", write=True)

    assert not Exchange.objects.exists()


def test_failed_step_is_told_and_the_next_one_taken(walk: Any) -> None:
    trouble = NotSent("No answer in time.", kind=Kind.TIMEOUT, vendor_text="busy")
    text, code = walk(check("A", trouble=trouble), check("B", FINE))

    assert "No answer in time. The vendor says: busy" in text
    assert "The token lives an hour." in text
    assert code == 1


def test_refused_password_is_not_tried_again(walk: Any) -> None:
    trouble = NotSent("Password refused.", kind=Kind.CREDENTIALS)
    walk(check("A", trouble=trouble), check("B", FINE))

    assert Exchange.objects.count() == 1


def test_openapi_file_is_compared(walk: Any, tmp_path: Path) -> None:
    file = tmp_path / "swagger.json"
    words = ["Incoming", "Resting"]
    document = {"paths": {}, "x": {"orderStatus": {"enum": words}}}
    file.write_text(json.dumps(document))

    text, code = walk(check("A", FINE), openapi=str(file))

    assert "words that nobody has explained: Resting" in text
    assert "change: order_status.Resting" in text
    assert code == 1


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"openapi: 3.0.1", "is no JSON"),
        (b"[]", "no OpenAPI file"),
        (None, "can't be read"),
    ],
)
def test_file_that_will_not_do_is_named(
    walk: Any, tmp_path: Path, content: bytes | None, text: str
) -> None:
    file = tmp_path / "swagger.json"
    if content is not None:
        file.write_bytes(content)

    with pytest.raises(CommandError, match=text):
        walk(check("A", FINE), openapi=str(file))


def test_supplier_that_is_not_there_is_named_with_those_that_are() -> None:
    make_supplier()

    with pytest.raises(CommandError, match="no supplier nord; there are extend-nord"):
        call_command("first_contact", "nord")
