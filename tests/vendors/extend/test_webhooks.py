import hashlib
import hmac
import json
from dataclasses import replace

import pytest

from vendors.contracts import (
    BadSignature,
    Notification,
    Topic,
    UnreadableHook,
    WebhookDelivery,
)
from vendors.extend import webhooks

SECRET = "kX3-demo-secret-for-tests-only-0001"
BODY = (
    b'{"Id":"0f1e2d3c4b5a69788796a5b4c3d2e1f0","Attempt":1,'
    b'"Properties":{"NotificationId":"11111111-2222-4333-8444-555555555555"},'
    b'"Notifications":[{"Action":"OrderPicked","Details":{"OrderNumber":"SO-70012"}}]}'
)
HEX = "E0874ED0F6DE42D54FC74248030E6B0B88559149DA9700EB5C15ECE6A53938D7"


@pytest.fixture
def account(extend_account):
    return replace(extend_account, credentials={"webhook_secret": SECRET})


def sign(body: bytes, secret: str = SECRET) -> dict[str, str]:
    digest = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return {"ms-signature": f"sha256={digest}"}


def read(account, data) -> WebhookDelivery:
    body = data if isinstance(data, bytes) else json.dumps(data).encode()
    return webhooks.read(account, sign(body), body)


def notice(action: str, **details) -> dict:
    return {"Action": action, "Details": details}


def hook(*notices: dict, **members) -> dict:
    return {"Id": "a1", "Attempt": 1, "Notifications": list(notices), **members}


# --- the signature ------------------------------------------------------------


def test_a_signed_call_is_read(account):
    delivery = webhooks.read(account, {"ms-signature": f"sha256={HEX}"}, BODY)

    assert delivery == WebhookDelivery(
        id="0f1e2d3c4b5a69788796a5b4c3d2e1f0",
        attempt=1,
        notifications=(
            Notification(
                action="OrderPicked",
                topic=Topic.ORDER,
                number="SO-70012",
                details={"OrderNumber": "SO-70012"},
            ),
        ),
    )


def test_the_vendors_own_sample_is_signed_as_it_says(extend_account):
    account = replace(extend_account, credentials={"webhook_secret": "secret123"})
    headers = {
        "ms-signature": "sha256="
        "25FB6994568A75CD233E04BA1C653AF1BF476041CC543AF04F82CAAC482C201A"
    }

    # Its body has single quotes: signed well, and no JSON.
    with pytest.raises(UnreadableHook):
        webhooks.read(account, headers, b"{'test':'test2'}")
    with pytest.raises(BadSignature):
        webhooks.read(account, headers, b'{"test":"test2"}')


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Ms-Signature", f"sha256={HEX}"),
        ("MS-SIGNATURE", f"SHA256={HEX}"),
        ("ms-signature", f"sha256={HEX.lower()}"),
        ("ms-signature", f" sha256={HEX} "),
    ],
)
def test_letter_case_of_a_signature_does_not_matter(account, name, value):
    assert webhooks.read(account, {name: value}, BODY).attempt == 1


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"ms-signature": ""},
        {"ms-signature": "sha256="},
        {"ms-signature": HEX},
        {"ms-signature": f"sha1={HEX}"},
        {"ms-signature": f"sha256={HEX[:-2]}"},
        {"ms-signature": f"sha256={HEX}00"},
        {"ms-signature": f"sha256={'0' * 64}"},
        {"ms-signature": f"sha256={'é' * 64}"},
        {"other": f"sha256={HEX}"},
    ],
)
def test_a_missing_or_wrong_signature_is_refused(account, headers):
    with pytest.raises(BadSignature):
        webhooks.read(account, headers, BODY)


def test_a_body_changed_by_one_blank_is_refused(account):
    with pytest.raises(BadSignature):
        webhooks.read(account, {"ms-signature": f"sha256={HEX}"}, BODY + b" ")


def test_while_a_secret_is_changed_both_are_good(extend_account):
    credentials = {"webhook_secret": "new", "webhook_secret_previous": SECRET}
    account = replace(extend_account, credentials=credentials)

    assert webhooks.read(account, sign(BODY, SECRET), BODY).id
    assert webhooks.read(account, sign(BODY, "new"), BODY).id
    with pytest.raises(BadSignature):
        webhooks.read(account, sign(BODY, "older"), BODY)


@pytest.mark.parametrize(
    "credentials",
    [{}, {"webhook_secret": ""}, {"webhook_secret": "", "webhook_secret_previous": ""}],
)
def test_without_a_secret_nothing_is_believed(extend_account, credentials):
    account = replace(extend_account, credentials=credentials)

    with pytest.raises(BadSignature, match="No webhook secret"):
        webhooks.read(account, sign(BODY, ""), BODY)


def test_no_refusal_tells_the_secret_or_what_was_expected(account):
    with pytest.raises(BadSignature) as caught:
        webhooks.read(account, {"ms-signature": f"sha256={'0' * 64}"}, BODY)

    assert SECRET not in str(caught.value)
    assert HEX.lower() not in str(caught.value).lower()


# --- what it tells ------------------------------------------------------------


@pytest.mark.parametrize(
    ("action", "details", "topic", "number"),
    [
        ("OrderCreated", {"OrderNumber": "1"}, Topic.ORDER, "1"),
        ("OrderReserved", {"orderNumber": 70012}, Topic.ORDER, "70012"),
        ("OrderPicked", {"Number": "00070012"}, Topic.ORDER, "00070012"),
        ("OrderCancelled", {"ORDERNUMBER": "1"}, Topic.ORDER, "1"),
        ("OrderDeliveryDataChanged", {}, Topic.ORDER, ""),
        ("AvailableBalanceChanged", {"ProductNumber": "A"}, Topic.STOCK, "A"),
        ("AvaiableBalanceChanged", {"ItemNumber": "A"}, Topic.STOCK, "A"),
        ("availablebalancechanged", {"ProductNumber": "A"}, Topic.STOCK, "A"),
        ("BalanceChanged", {"ProductNumber": "A"}, Topic.OTHER, ""),
        ("ProductCreated", {"ProductNumber": "A"}, Topic.PRODUCT, "A"),
        ("ProductChanged", {"ProductNumber": "A"}, Topic.PRODUCT, "A"),
        ("CustomerCreated", {"CustomerNumber": "K-1"}, Topic.CUSTOMER, "K-1"),
        ("CustomerChanged", {"CustomerNumber": "K-1"}, Topic.CUSTOMER, "K-1"),
        ("CustomerInvoiceCreated", {"OrderNumber": "1"}, Topic.ORDER, "1"),
        ("CustomerInvoiceChanged", {"InvoiceNumber": "9"}, Topic.ORDER, ""),
        ("OfferCreated", {"Number": "1"}, Topic.OTHER, ""),
        ("OfferChanged", {"Number": "1"}, Topic.OTHER, ""),
        ("PurchasePartiallyDelivered", {"OrderNumber": "RP-9"}, Topic.OTHER, ""),
        ("PurchaseDelivered", {"OrderNumber": "RP-9"}, Topic.OTHER, ""),
        ("PurchaseCancelled", {"OrderNumber": "RP-9"}, Topic.OTHER, ""),
        ("PlanetsAligned", {"OrderNumber": "1"}, Topic.UNKNOWN, ""),
        ("", {}, Topic.UNKNOWN, ""),
    ],
)
def test_each_trigger_has_a_topic_and_the_number_to_read(
    account, action, details, topic, number
):
    [found] = read(account, hook(notice(action, **details))).notifications

    assert (found.action, found.topic, found.number) == (action, topic, number)
    assert found.details == details


def test_a_trigger_may_be_explained_by_the_mapping_of_a_supplier(account):
    mapping = {"trigger.PlanetsAligned": "order", "details.order": "Ref"}
    told = hook(notice("PlanetsAligned", Ref="SO-1"))

    [found] = read(replace(account, mapping=mapping), told).notifications

    assert (found.topic, found.number) == (Topic.ORDER, "SO-1")


def test_a_topic_nobody_has_is_unknown(account):
    mapping = {"trigger.OrderPicked": "nonsense"}

    [found] = read(replace(account, mapping=mapping), BODY).notifications

    assert found.topic is Topic.UNKNOWN


def test_several_notifications_in_one_hook_are_all_read(account):
    delivery = read(
        account,
        hook(
            notice("OrderPicked", OrderNumber="SO-1"),
            notice("AvailableBalanceChanged", ProductNumber="A", Balance=2.5),
        ),
    )

    assert [found.number for found in delivery.notifications] == ["SO-1", "A"]


def test_details_are_plain_json_and_lose_no_digit(account):
    body = b"""{"Id": "a1", "Notifications": [{"Action": "AvailableBalanceChanged",
        "Details": {"ProductNumber": "A", "Balance": 2.50, "Was": 3}}]}"""

    [found] = read(account, body).notifications

    assert json.dumps(dict(found.details)) == (
        '{"ProductNumber": "A", "Balance": "2.50", "Was": 3}'
    )


def test_hooks_that_fire_many_times_for_one_order_differ_by_id(account):
    picked = notice("OrderPicked", OrderNumber="SO-1")
    one, two = (read(account, hook(picked, Id=name)) for name in ("a", "b"))

    assert one.notifications == two.notifications
    assert one.id != two.id


def test_a_repeat_has_the_same_id_and_another_attempt(account):
    first, again = (
        read(account, hook(notice("OrderPicked"), Attempt=n)) for n in (1, 2)
    )

    assert first.id == again.id == "a1"
    assert (first.attempt, again.attempt) == (1, 2)


@pytest.mark.parametrize("identity", [None, "", "x" * 65, "a b", {"x": 1}])
def test_without_a_usable_id_the_body_is_the_id(account, identity):
    body = json.dumps(hook(Id=identity)).encode()

    assert read(account, body).id == hashlib.sha256(body).hexdigest()


@pytest.mark.parametrize("attempt", [None, "", "often", 0, -3, 1.5])
def test_an_attempt_that_can_not_be_read_is_the_first(account, attempt):
    assert read(account, hook(Attempt=attempt)).attempt == 1


@pytest.mark.parametrize(
    "data",
    [
        {"id": "a1", "ATTEMPT": "2", "notifications": [{"action": "OrderPicked"}]},
        [{"Id": "a1", "Attempt": 2, "Notifications": [{"Action": "OrderPicked"}]}],
        {"Id": "a1", "Attempt": 2, "Notifications": {"Action": "OrderPicked"}},
        {
            "Id": "a1",
            "Attempt": 2,
            "New": {"x": []},
            "Notifications": [None, "x", {"Action": "OrderPicked", "Details": None}],
        },
        {"Id": "a1", "Attempt": 2, "Notifications": [notice("OrderPicked"), 5]},
    ],
)
def test_members_are_read_with_tolerance(account, data):
    delivery = read(account, data)

    assert (delivery.id, delivery.attempt) == ("a1", 2)
    [found] = delivery.notifications
    assert (found.topic, found.number) == (Topic.ORDER, "")


def test_a_byte_order_mark_does_no_harm(account):
    assert read(account, b"\xef\xbb\xbf" + BODY).notifications[0].number == "SO-70012"


def test_details_in_a_list_of_one_are_read(account):
    told = {"Action": "OrderPicked", "Details": [{"OrderNumber": "SO-1"}]}

    assert read(account, hook(told)).notifications[0].number == "SO-1"


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html></html>",
        b"\xff\xfe",
        b"[]",
        b"{}",
        b'"text"',
        b"5",
        b'{"Notifications": null}',
        b'{"Notifications": "OrderPicked"}',
        b"[" * 100_000,
    ],
)
def test_signed_and_not_to_be_understood_is_said_so(account, body):
    with pytest.raises(UnreadableHook):
        read(account, body)


# --- echo ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "answer"),
    [
        ({"echo": "7d0a3b1c"}, "7d0a3b1c"),
        ({"echo": "A" * 64}, "A" * 64),
        ({"echo": "A" * 65}, None),
        ({"echo": ""}, None),
        ({"echo": "<script>"}, None),
        ({"echo": "a\nb"}, None),
        ({"echo": "å"}, None),
        ({"echo": "7d0a3b1c", "noecho": ""}, None),
        ({"other": "7d0a3b1c"}, None),
        ({}, None),
    ],
)
def test_only_a_short_plain_token_is_echoed(query, answer):
    assert webhooks.echo(query) == answer
