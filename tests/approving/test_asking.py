import pytest
from django.test import Client

from procurement.catalogue.models import OrderCheck
from procurement.errors import SupplierUnavailable
from procurement.orders import actions
from procurement.orders.actions import get_action
from tests.admin.conftest import Browser
from tests.admin.pages import said, text_of
from tests.approving.making import screen, waiting
from tests.factories import make_supplier


@pytest.fixture
def approver(browser: Browser) -> Client:
    return browser("anna", "Approver")


def replace_asking(monkeypatch: pytest.MonkeyPatch, refusal: str = "") -> list[int]:
    """Asks nobody; notes of which order."""
    asked: list[int] = []

    def run(*, order_id: int, actor: object) -> None:
        asked.append(order_id)
        if refusal:
            raise SupplierUnavailable(refusal)

    action = get_action("check_lines")
    changed = type(action)(**{**vars(action), "run": run})
    monkeypatch.setitem(actions._actions, "check_lines", changed)
    return asked


def test_button_asks_and_comes_back(
    approver: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = waiting()
    asked = replace_asking(monkeypatch)

    answer = approver.post(f"{screen(order)}ask/", follow=True)

    assert asked == [order.pk]
    assert answer.redirect_chain == [(screen(order), 302)]
    assert "Extend Nord has answered" in said(answer)


def test_get_asks_nobody(approver: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order = waiting()
    asked = replace_asking(monkeypatch)

    approver.get(f"{screen(order)}ask/")

    assert asked == []


def test_no_answer_is_told(approver: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    order = waiting()
    replace_asking(monkeypatch, "No connection.")

    answer = approver.post(f"{screen(order)}ask/", follow=True)

    assert said(answer) == "No connection."
    assert not OrderCheck.objects.exists()


def test_vendor_that_tells_no_prices_is_said_to_tell_none(approver: Client) -> None:
    supplier = make_supplier(
        "simutek", credentials={"client_id": "x", "client_secret": "y"}
    )
    order = waiting(supplier)

    page = approver.get(screen(order))

    assert "tells no prices and no stock" in page.context["why_not_ask"]
    assert "tells no prices and no stock" in text_of(page)
