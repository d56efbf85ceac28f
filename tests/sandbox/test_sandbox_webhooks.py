"""Extend's webhooks from the sandbox: what is told, signed, repeated, and spoilt."""

import socket

import pytest
import requests

from tests.sandbox.receiver import SECRET, receiving, wait_a_few_turns, wait_until
from vendors.sandbox import Sandbox
from vendors.sandbox.errors import BadInput
from vendors.sandbox.extend.hooks import hook_message, signature_of

ORDER_STEPS = ("OrderCreated", "OrderReserved", "OrderPicked", "OrderCancelled")


@pytest.fixture
def receiver(sandbox):
    with receiving() as receiver:
        yield receiver
        sandbox.clear_webhooks()


@pytest.fixture
def hook(sandbox, receiver):
    def put(*triggers, url=receiver.url):
        return sandbox.set_webhook("extend", url, SECRET, triggers or ORDER_STEPS)

    return put


def wait_for_answer(sandbox, status):
    """Wait until the sandbox has heard it: the next call is planned from then on."""
    wait_until(lambda: [call["status"] for call in sandbox.webhook_calls()] == [status])


def all_actions(receiver):
    return [action for taken in receiver.taken for action in taken.actions]


def test_each_step_of_an_order_is_told_signed_and_in_the_vendors_form(
    sandbox, extend, receiver, hook
):
    hook()
    number = extend.place_number()
    receiver.wait_for(1)
    sandbox.advance(12)
    receiver.wait_for(2)
    sandbox.advance(8)
    taken = receiver.wait_for(4)

    assert [call.actions for call in taken] == [
        ["OrderCreated"],
        ["OrderReserved"],
        ["OrderPicked"],  # a first part
        ["OrderPicked"],  # the rest
    ]
    assert all(call.is_signed for call in taken)
    assert taken[0].content_type == "application/json; charset=utf-8"
    first = taken[0].document
    assert first.keys() == {"Id", "Attempt", "Properties", "Notifications"}
    assert len(first["Id"]) == 32
    assert first["Attempt"] == 1
    assert first["Properties"].keys() == {"NotificationId"}
    assert first["Notifications"][0]["Details"] == {"OrderNumber": number}
    assert len({call.document["Id"] for call in taken}) == 4


def test_the_signature_is_the_hmac_of_the_body_to_the_letter():
    sample = (
        b'{"Id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","Attempt":1,"Properties":'
        b'{"NotificationId":"11111111-2222-4333-8444-555555555555"},'
        b'"Notifications":[{"Action":"OrderPicked","Details":'
        b'{"OrderNumber":"SO-70012"}}]}'
    )
    body, headers = hook_message(SECRET, {"Id": "0f1e", "Attempt": 1})

    assert signature_of(SECRET, sample) == (
        "sha256=E0874ED0F6DE42D54FC74248030E6B0B88559149DA9700EB5C15ECE6A53938D7"
    )
    assert body == b'{\n  "Id": "0f1e",\n  "Attempt": 1\n}'
    assert dict(headers)["ms-signature"] == (
        "sha256=73CBBAA3B407A9E1C7BE64F39EEEA1CDA73EA5DE9832D278C144223A90AC5ABB"
    )


def test_a_cancelled_order_is_told_once(sandbox, extend, receiver, hook):
    hook()
    number = extend.place_number()
    extend.call("DELETE", f"/CustomerOrders/{number}")
    receiver.wait_for(2)
    sandbox.advance(60)
    wait_a_few_turns()

    assert all_actions(receiver) == ["OrderCreated", "OrderCancelled"]


def test_things_that_happen_at_once_are_told_in_one_call(
    sandbox, extend, receiver, hook
):
    hook("OrderPicked", "BalanceChanged", "CustomerInvoiceCreated")
    number = extend.place_number(extend.row(quantity=1))
    sandbox.advance(16)

    [call] = receiver.wait_for(1)

    assert call.actions == ["OrderPicked", "BalanceChanged", "CustomerInvoiceCreated"]
    picked, balance, invoice = (
        told["Details"] for told in call.document["Notifications"]
    )
    assert picked == {"OrderNumber": number}
    assert balance == {
        "ProductNumber": "SKU-4410",
        "Warehouse": "WH-SYD",
        "Balance": 239,
    }
    assert invoice["OrderNumber"] == number


def test_customers_and_changed_orders_are_told_too(extend, receiver, hook):
    hook("CustomerCreated", "CustomerChanged", "OrderDeliveryDataChanged")
    body = {"name": "Ny AB", "customerNumber": "K-9", "postTemplate": "B2B"}
    extend.call("POST", "/Customers", json=body)
    extend.call("PUT", "/Customers/K-9", json={"name": "Nyare AB"})
    number = extend.place_number()
    row = extend.row(quantity=8, position=10)
    extend.call(
        "PUT",
        f"/CustomerOrders/{number}",
        json={"orderHeader": {}, "orderRows": [row]},
    )

    wait_until(lambda: len(all_actions(receiver)) == 3)

    assert all_actions(receiver) == [
        "CustomerCreated",
        "CustomerChanged",
        "OrderDeliveryDataChanged",
    ]


def test_without_a_list_every_trigger_is_told(sandbox, receiver):
    sandbox.set_webhook("extend", receiver.url, SECRET)

    [hook] = sandbox.webhooks()
    assert "OrderCreated" in hook["triggers"]
    assert "AvailableBalanceChanged" in hook["triggers"]


def test_a_failed_call_is_repeated_after_one_minute_and_after_four(
    sandbox, extend, receiver, hook
):
    hook("OrderCreated")
    receiver.statuses = [500, 503, 500]
    extend.place()
    wait_for_answer(sandbox, 500)
    sandbox.advance(55)
    wait_a_few_turns()
    assert len(receiver.taken) == 1

    sandbox.advance(5)
    wait_for_answer(sandbox, 503)
    sandbox.advance(235)
    wait_a_few_turns()
    assert len(receiver.taken) == 2
    sandbox.advance(5)
    receiver.wait_for(3)
    sandbox.advance(3600)
    wait_a_few_turns()

    assert [call.document["Attempt"] for call in receiver.taken] == [1, 2, 3]
    assert len({call.document["Id"] for call in receiver.taken}) == 1
    assert all(call.is_signed for call in receiver.taken)
    [call] = sandbox.webhook_calls()
    assert (call["state"], call["attempt"], call["status"]) == ("given_up", 3, 500)


def test_the_pause_before_a_repeat_is_a_setting(sandbox, extend, receiver, hook):
    sandbox.change_settings(hook_retry_seconds=0.01)
    hook("OrderCreated")
    receiver.statuses = [500]
    extend.place()

    assert len(receiver.wait_for(2)) == 2
    wait_until(lambda: sandbox.webhook_calls()[0]["state"] == "delivered")


def test_410_is_not_repeated(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    receiver.statuses = [410]
    extend.place()
    wait_until(lambda: sandbox.webhook_calls()[0:1])
    wait_until(lambda: sandbox.webhook_calls()[0]["state"] == "given_up")
    sandbox.advance(3600)
    wait_a_few_turns()

    assert len(receiver.taken) == 1


def test_nobody_there_is_a_failed_call_like_any_other(sandbox, extend, hook):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
    hook("OrderCreated", url=f"http://127.0.0.1:{port}/")
    extend.place()

    wait_until(lambda: [each["attempt"] for each in sandbox.webhook_calls()] == [1])
    wait_until(lambda: sandbox.webhooks()[0]["echo"] == "failed")
    [call] = sandbox.webhook_calls()
    assert (call["state"], call["status"]) == ("waiting", None)


def test_a_new_address_is_asked_to_echo_a_word(sandbox, receiver, hook):
    hook()
    wait_until(lambda: sandbox.webhooks()[0]["echo"] == "passed")
    assert len(receiver.echoes[0]) == 32
    assert receiver.echoes[0].isalnum()

    receiver.echo_answer = "something else"
    hook()
    wait_until(lambda: sandbox.webhooks()[0]["echo"] == "failed")

    hook(url=f"{receiver.url}?noecho")
    wait_until(lambda: sandbox.webhooks()[1]["echo"] == "skipped")
    assert len(receiver.echoes) == 2


def outgoing(sandbox, name, **details):
    details = {"times": 1} | details
    return sandbox.add_fault("extend", endpoint="webhook", fault=name, **details)


def test_a_duplicate_comes_twice_under_one_id(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "duplicate")
    extend.place()

    first, second = receiver.wait_for(2)

    assert first.body == second.body
    assert first.is_signed


def test_a_reordered_call_comes_after_the_next(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "reordered")
    first = extend.place_number()
    wait_a_few_turns()
    assert receiver.taken == []
    second = extend.place_number()

    numbers = [
        call.document["Notifications"][0]["Details"]["OrderNumber"]
        for call in receiver.wait_for(2)
    ]
    assert numbers == [second, first]


def test_a_call_kept_for_the_next_is_not_kept_for_ever(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "reordered")
    extend.place()
    wait_until(lambda: [each["state"] for each in sandbox.webhook_calls()] == ["kept"])

    sandbox.advance(60)

    assert receiver.wait_for(1)[0].actions == ["OrderCreated"]


def test_a_batched_call_is_told_together_with_the_next(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "batched")
    numbers = [extend.place_number()]
    wait_a_few_turns()
    numbers.append(extend.place_number())

    [call] = receiver.wait_for(1)

    told = [each["Details"]["OrderNumber"] for each in call.document["Notifications"]]
    assert told == numbers


def test_a_bad_signature_is_that_of_another_secret(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "bad_signature")
    extend.place()

    [call] = receiver.wait_for(1)

    assert not call.is_signed
    assert call.signature.startswith("sha256=")


def test_an_unknown_trigger_is_signed_all_the_same(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "unknown_trigger")
    extend.place()

    [call] = receiver.wait_for(1)

    assert call.actions == ["OrderTeleported"]
    assert call.is_signed


def test_a_lost_call_is_never_sent(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    outgoing(sandbox, "lost")
    extend.place()
    wait_until(lambda: [each["state"] for each in sandbox.webhook_calls()] == ["lost"])
    second = extend.place_number()
    sandbox.advance(3600)

    [call] = receiver.wait_for(1)
    wait_a_few_turns()

    assert call.document["Notifications"][0]["Details"]["OrderNumber"] == second
    assert len(receiver.taken) == 1


def test_faults_of_calls_in_do_not_befall_calls_out(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    sandbox.add_fault("extend", endpoint="*", fault="slow", seconds=0)
    sandbox.add_fault("extend", endpoint="*", fault="unknown_trigger", times=1)
    extend.place()

    assert receiver.wait_for(1)[0].actions == ["OrderTeleported"]
    assert sandbox.calls("extend")[0].fault == "slow"


def test_a_removed_hook_is_told_nothing_more(sandbox, extend, receiver, hook):
    hook_id = hook("OrderCreated")
    receiver.statuses = [500]
    extend.place()
    receiver.wait_for(1)

    sandbox.clear_webhooks(hook_id)
    extend.place()
    sandbox.advance(3600)
    wait_a_few_turns()

    assert sandbox.webhooks() == []
    assert len(receiver.taken) == 1


def test_a_hook_with_the_same_address_takes_the_place_of_the_old(sandbox, hook):
    old, new = hook("OrderCreated"), hook("OrderPicked")

    assert [each["id"] for each in sandbox.webhooks()] == [new]
    assert old != new


def test_a_reset_forgets_hooks_and_calls(sandbox, extend, receiver, hook):
    hook("OrderCreated")
    extend.place()
    receiver.wait_for(1)

    sandbox.reset()

    assert sandbox.webhooks() == sandbox.webhook_calls() == []


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"vendor": "eet"}, "vendor"),
        ({"vendor": "nobody"}, "vendor"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "http://10.0.0.1/"}, "url"),
        ({"url": "http://127.0.0.1.example/"}, "url"),
        ({"url": "http://user@127.0.0.1/"}, "url"),
        ({"url": "http://127.0.0.1:99999/"}, "url"),
        ({"url": "http://127.0.0.1/a b"}, "url"),
        ({"url": "http://127.0.0.1/\r\nX: y"}, "url"),
        ({"url": 7}, "url"),
        ({"secret": ""}, "secret"),
        ({"secret": 7}, "secret"),
        ({"triggers": ["OrderEaten"]}, "triggers"),
        ({"triggers": []}, "triggers"),
        ({"triggers": {"a": 1}}, "triggers"),
    ],
)
def test_a_hook_that_will_not_do_is_refused(sandbox, change, field):
    wanted = {
        "vendor": "extend",
        "url": "http://127.0.0.1:1/",
        "secret": SECRET,
        "triggers": ["OrderCreated"],
    }

    with pytest.raises(BadInput) as refusal:
        sandbox.set_webhook(**(wanted | change))

    assert refusal.value.field == field
    assert sandbox.webhooks() == []


def test_hooks_are_set_listed_and_removed_over_http(sandbox, extend, receiver):
    address = f"{sandbox.url}/_sandbox/webhooks"
    wanted = {"vendor": "extend", "url": receiver.url, "secret": SECRET}

    hook_id = requests.post(address, json=wanted, timeout=5).json()["id"]
    extend.place()
    receiver.wait_for(1)
    wait_until(
        lambda: (
            requests.get(address, timeout=5).json()["calls"][0]["state"] == "delivered"
        )
    )

    listed = requests.get(address, timeout=5)
    assert [each["id"] for each in listed.json()["webhooks"]] == [hook_id]
    assert listed.json()["calls"][0]["actions"][0] == "OrderCreated"
    assert SECRET not in listed.text
    assert SECRET not in requests.get(f"{sandbox.url}/_sandbox/state", timeout=5).text
    requests.delete(address, params={"id": hook_id}, timeout=5)
    assert sandbox.webhooks() == []


def test_a_closed_sandbox_calls_nobody(receiver):
    with Sandbox() as own:
        own.set_webhook("extend", receiver.url, SECRET)
        wait_until(lambda: receiver.echoes)
        thread = own._webhooks._thread
    thread.join(3)

    assert not thread.is_alive()
