import pytest
import requests

from vendors.contracts import Fulfilment
from vendors.errors import Kind, NotSent, OutcomeUnknown, Refused, VendorError
from vendors.extend import cancel

URL = "https://extend.test/RESTAPI/v1_0/NORDLAGER/CustomerOrders/SO-1"
DONE = {"Message": "Order deleted", "Information": "by api-user"}


@pytest.fixture
def extend(responses_on):
    """Extend with one order; each call adds its state at the next reading."""

    def add(*states: str | int) -> None:
        for state in states:
            if isinstance(state, int):
                responses_on.get(URL, status=state)
            else:
                header = {"orderNumber": "SO-1", "orderStatus": state}
                responses_on.get(URL, json={"orderHeader": header})

    return add


def failing(client, number: str = "SO-1") -> VendorError:
    with pytest.raises(VendorError) as caught:
        cancel.cancel_order(client, number)
    return caught.value


def methods(responses_on) -> list[str]:
    return [call.request.method for call in responses_on.calls]


def test_an_order_is_read_deleted_and_read_again(responses_on, extend, client):
    extend("Incoming", "Annulled")
    responses_on.delete(URL, json=DONE)

    accepted = cancel.cancel_order(client, "SO-1")

    assert methods(responses_on) == ["GET", "DELETE", "GET"]
    assert responses_on.calls[1].request.body is None
    assert accepted.number == "SO-1"
    assert accepted.note == "Order deleted, by api-user"
    assert accepted.order.fulfilment is Fulfilment.CANCELLED


def test_an_order_that_is_gone_afterwards_is_cancelled(responses_on, extend, client):
    extend("Incoming", 404)
    responses_on.delete(URL, status=204)

    assert cancel.cancel_order(client, "SO-1").note == "It was erased."


@pytest.mark.parametrize("answer", [{"status": 404}, {"body": "<html>ok</html>"}])
def test_what_counts_is_what_is_read_afterwards(responses_on, extend, client, answer):
    extend("Incoming", "Annulled")
    responses_on.delete(URL, **answer)

    accepted = cancel.cancel_order(client, "SO-1")

    assert accepted.order.fulfilment is Fulfilment.CANCELLED


def test_an_annulled_order_is_not_cancelled_again(responses_on, extend, client):
    extend("Annulled")

    assert cancel.cancel_order(client, "SO-1").note == "It was annulled before."
    assert not client.has_written


@pytest.mark.parametrize("state", ["Reserved", "PartiallyDelivered", "Terminated"])
def test_once_picking_has_begun_it_is_too_late(responses_on, extend, client, state):
    extend(state)

    error = failing(client)

    assert (type(error), error.kind) == (Refused, Kind.NOT_ALLOWED)
    assert error.text == (
        f"Extend Nord has begun to pick order SO-1 ({state}); it can't be cancelled "
        "any more. Call them."
    )
    assert methods(responses_on) == ["GET"]


def test_picking_that_begins_meanwhile_is_too_late_too(responses_on, extend, client):
    extend("Incoming", "Reserved")
    responses_on.delete(URL, status=400, json={"Message": "Not possible"})

    assert failing(client).kind is Kind.NOT_ALLOWED


def test_another_refusal_keeps_the_vendors_words(responses_on, extend, client):
    extend("Incoming")
    responses_on.delete(URL, status=400, json={"Message": "Not by this user"})

    error = failing(client)

    assert (type(error), error.kind) == (Refused, Kind.DATA)
    assert error.vendor_text == "Not by this user"


@pytest.mark.parametrize(
    ("answer", "error_type", "kind"),
    [
        ({"status": 403}, NotSent, Kind.CREDENTIALS),
        ({"status": 429}, NotSent, Kind.THROTTLED),
        ({"status": 500}, OutcomeUnknown, Kind.SERVER),
        ({"body": requests.ReadTimeout()}, OutcomeUnknown, Kind.TIMEOUT),
        ({"body": requests.ConnectTimeout()}, NotSent, Kind.CONNECTION),
    ],
)
def test_each_trouble_is_one_of_the_three_errors(
    responses_on, extend, client, answer, error_type, kind
):
    extend("Incoming")
    responses_on.delete(URL, **answer)

    error = failing(client)

    assert (type(error), error.kind) == (error_type, kind)


@pytest.mark.parametrize(
    ("state", "kind"),
    [("Incoming", Kind.UNREADABLE), (500, Kind.SERVER), (400, Kind.DATA)],
)
def test_a_cancellation_that_can_not_be_seen_is_unknown(
    responses_on, extend, client, state, kind
):
    extend("Incoming", state)
    responses_on.delete(URL, json=DONE)

    error = failing(client)

    assert (type(error), error.kind) == (OutcomeUnknown, kind)


def test_an_order_nobody_knows_is_not_cancelled(extend, client):
    extend(404)

    error = failing(client)

    assert (type(error), error.kind) == (Refused, Kind.NOT_FOUND)


def test_a_supplier_set_to_read_only_cancels_nothing(responses_on, open_client):
    error = failing(open_client(read_only=True))

    assert (type(error), error.kind) == (Refused, Kind.GUARD)
    assert len(responses_on.calls) == 0
