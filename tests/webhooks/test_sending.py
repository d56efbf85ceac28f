"""What a receiver gets, and what becomes of a delivery by what it answers."""

import base64
import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone

from procurement.orders.models import PurchaseOrder
from procurement.webhooks import operations, receivers
from procurement.webhooks.models import Delivery, DeliveryAttempt, Endpoint
from tests.factories import make_order
from tests.vendors.servers import closed_port
from tests.webhooks.receiver import Receiver, answer, receiving
from tests.webhooks.sending import (
    happen,
    make_endpoint,
    make_owner,
    only_delivery,
    take_turns,
)
from vendors.destinations import networks
from vendors.transport import TimeLimits

pytestmark = pytest.mark.django_db

START = datetime(2031, 4, 9, 8, tzinfo=UTC)


@pytest.fixture
def receiver() -> Any:
    with receiving() as receiver:
        yield receiver


@pytest.fixture
def order() -> PurchaseOrder:
    return make_order()


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """The time limit in tenths of a second rather than in seconds."""
    limits = TimeLimits(connect=0.5, read=0.5, total=0.5)
    monkeypatch.setattr(receivers, "LIMITS", limits)


def fail_from(receiver: Receiver, *statuses: int) -> None:
    receiver.steps = list(statuses)


def endpoint_now(endpoint: Endpoint) -> Endpoint:
    endpoint.refresh_from_db()
    return endpoint


def test_a_message_is_as_the_convention_says(
    receiver: Receiver, order: PurchaseOrder
) -> None:
    endpoint = make_endpoint(receiver.url)
    event_id = happen(order, "approved", note="å")

    take_turns()

    (taken,) = receiver.taken
    message = taken.verified_with(endpoint.secret)
    assert taken.id == event_id
    assert taken.headers["content-type"] == "application/json"
    assert abs(int(taken.headers["webhook-timestamp"]) - time.time()) < 5
    assert message == taken.message
    assert list(message) == ["type", "timestamp", "data"]
    assert message["type"] == "order.approved"
    assert message["timestamp"] == message["data"]["at"]
    assert message["data"]["id"] == event_id
    assert message["data"]["order"] == order.number
    assert message["data"]["data"] == {"note": "å"}
    delivery = only_delivery()
    assert (delivery.state, delivery.attempt_count) == ("delivered", 1)
    assert delivery.text == "HTTP 204"
    assert delivery.delivered_at is not None


def test_a_secret_has_its_prefix_and_more_than_24_bytes_and_is_stored_encrypted(
    receiver: Receiver,
) -> None:
    from django.db import connection

    endpoint = make_endpoint(receiver.url)

    prefix, _, rest = endpoint.secret.partition("_")
    assert prefix == "whsec"
    assert len(base64.b64decode(rest)) == 32
    with connection.cursor() as cursor:
        cursor.execute("SELECT secret FROM webhooks_endpoint")
        assert rest not in cursor.fetchone()[0]


def test_it_begins_with_now_and_goes_on_from_there(
    receiver: Receiver, order: PurchaseOrder
) -> None:
    make_endpoint(receiver.url)
    first, second = happen(order), happen(order)

    take_turns()
    third = happen(order)
    take_turns()
    take_turns()

    assert receiver.ids == [first, second, third]


def test_it_begins_earlier_where_that_is_wanted(receiver: Receiver) -> None:
    owner, order = make_owner(), make_order()
    before = happen(order)

    def told_by(**beginning: Any) -> bool:
        data = {"url": receiver.url}
        endpoint = operations.create_endpoint(actor=owner, data=data, **beginning)
        take_turns()
        return endpoint.deliveries.filter(message_id=before).exists()

    assert not told_by()
    assert not told_by(since=timezone.now() + timedelta(seconds=1))
    assert told_by(since=timezone.now() - timedelta(hours=1))
    assert told_by(after="o0")


def test_only_wanted_types_are_told(receiver: Receiver, order: PurchaseOrder) -> None:
    make_endpoint(receiver.url, types=["order.approved", "shop.*"])
    happen(order, "commented")
    wanted = happen(order, "approved")

    take_turns()

    assert receiver.ids == [wanted]


def test_a_failure_is_tried_again_with_the_same_id_and_body_and_later_each_time(
    receiver: Receiver, order: PurchaseOrder, time_machine: Any, settings: Any
) -> None:
    settings.WEBHOOK_RETRY_WAITS = [5, 300]
    endpoint = make_endpoint(receiver.url)
    fail_from(receiver, 500, 503)
    happen(order)
    now = timezone.now()
    time_machine.move_to(now, tick=False)

    take_turns()
    waits = only_delivery().next_attempt_at - now
    assert timedelta(seconds=5) <= waits <= timedelta(seconds=6)
    assert endpoint_now(endpoint).failing_since == now
    take_turns()
    assert len(receiver.taken) == 1, "not before its time"

    time_machine.move_to(now + timedelta(seconds=7), tick=False)
    take_turns()
    waits = only_delivery().next_attempt_at - timezone.now()
    assert timedelta(seconds=300) <= waits <= timedelta(seconds=360)

    time_machine.move_to(now + timedelta(seconds=400), tick=False)
    take_turns()

    first, second, third = receiver.taken
    assert first.id == second.id == third.id
    assert first.body == second.body == third.body
    stamps = {each.headers["webhook-timestamp"] for each in receiver.taken}
    assert len(stamps) == 3
    assert only_delivery().state == "delivered"
    endpoint_now(endpoint)
    assert (endpoint.failing_since, endpoint.failures) == (None, 0)
    attempts = DeliveryAttempt.objects.values_list("number", "status", "text")
    assert list(attempts) == [
        (1, 500, "HTTP 500"),
        (2, 503, "HTTP 503"),
        (3, 204, "HTTP 204"),
    ]


def test_after_the_last_try_it_has_failed_and_the_endpoint_shows_it(
    receiver: Receiver, order: PurchaseOrder, settings: Any, time_machine: Any
) -> None:
    settings.WEBHOOK_RETRY_WAITS = [5]
    endpoint = make_endpoint(receiver.url)
    receiver.always = 500
    happen(order)
    take_turns()
    time_machine.move_to(timezone.now() + timedelta(seconds=10))
    take_turns()
    time_machine.move_to(timezone.now() + timedelta(days=1))
    take_turns()

    assert len(receiver.taken) == 2
    delivery = only_delivery()
    assert (delivery.state, delivery.text) == ("failed", "HTTP 500")
    assert endpoint in Endpoint.objects.in_trouble()


def test_a_wait_that_is_asked_for_is_kept_and_holds_the_whole_endpoint(
    receiver: Receiver, order: PurchaseOrder
) -> None:
    receiver.steps = [lambda h: answer(h, 429, Retry_After="1000")]
    endpoint = make_endpoint(receiver.url)
    happen(order)
    happen(order)

    take_turns()
    take_turns()

    assert len(receiver.taken) == 1
    held_for = endpoint_now(endpoint).not_before - timezone.now()
    assert timedelta(seconds=990) < held_for <= timedelta(seconds=1000)
    first = Delivery.objects.order_by("pk").first()
    assert first.next_attempt_at - timezone.now() > timedelta(seconds=990)


def test_one_that_fails_again_and_again_is_tried_now_and_then_only(
    receiver: Receiver, order: PurchaseOrder, time_machine: Any
) -> None:
    receiver.always = 500
    make_endpoint(receiver.url)
    for _ in range(20):
        happen(order)

    take_turns()
    assert len(receiver.taken) == 5

    time_machine.move_to(timezone.now() + timedelta(seconds=11))
    take_turns()
    assert len(receiver.taken) == 6

    receiver.always = 200
    time_machine.move_to(timezone.now() + timedelta(minutes=10))
    take_turns()
    assert set(receiver.ids) == {each.message_id for each in Delivery.objects.all()}
    assert not Delivery.objects.exclude(state="delivered").exists()


def test_gone_disables_at_once(receiver: Receiver, order: PurchaseOrder) -> None:
    endpoint = make_endpoint(receiver.url)
    fail_from(receiver, 410)
    happen(order)
    happen(order)

    take_turns()
    take_turns()

    assert len(receiver.taken) == 1
    assert not endpoint_now(endpoint).is_active
    assert endpoint.disabled_reason == "It answered that it is gone (HTTP 410)."
    assert endpoint.disabled_by is None
    assert endpoint in Endpoint.objects.in_trouble()


def test_dead_for_days_it_is_disabled_and_what_waits_is_kept(
    receiver: Receiver, order: PurchaseOrder, time_machine: Any
) -> None:
    endpoint = make_endpoint(receiver.url)
    receiver.always = 500
    happen(order)
    take_turns()
    time_machine.move_to(timezone.now() + timedelta(days=5, seconds=1))

    take_turns()

    assert not endpoint_now(endpoint).is_active
    assert (
        endpoint.disabled_reason == "Nothing was taken for 5 days; at last: HTTP 500."
    )
    assert only_delivery().state == "waiting"


def test_no_redirect_is_followed(receiver: Receiver, order: PurchaseOrder) -> None:
    receiver.steps = [lambda h: answer(h, 302, Location=receiver.url)]
    make_endpoint(receiver.url)
    happen(order)

    take_turns()

    assert len(receiver.taken) == 1
    assert only_delivery().text == "HTTP 302: redirects are not followed"


def test_of_the_answer_little_is_kept_and_no_secret(
    receiver: Receiver, order: PurchaseOrder
) -> None:
    endpoint = make_endpoint(receiver.url)
    body = f"Bad key {endpoint.secret}\0".encode() + b"x" * 100_000
    receiver.steps = [lambda h: answer(h, 400, body)]
    happen(order)

    take_turns()

    attempt = DeliveryAttempt.objects.get()
    assert attempt.status == 400
    assert attempt.excerpt.startswith("Bad key ***")
    assert len(attempt.excerpt) == 2000
    assert endpoint.secret.removeprefix("whsec_") not in attempt.excerpt


def test_an_answer_that_is_too_large_is_cut_and_its_status_counts(
    receiver: Receiver, order: PurchaseOrder
) -> None:
    receiver.steps = [lambda h: answer(h, 200, b"x" * 10_000_000)]
    make_endpoint(receiver.url)
    happen(order)

    take_turns()

    assert only_delivery().state == "delivered"


def drip(handler: Any) -> None:
    for _ in range(50):
        handler.wfile.write(b"H")
        handler.wfile.flush()
        time.sleep(0.05)


def test_a_dripping_answer_ends_with_the_time_limit(
    receiver: Receiver, order: PurchaseOrder, short: None
) -> None:
    receiver.steps = [drip]
    make_endpoint(receiver.url)
    happen(order)

    began = time.monotonic()
    take_turns()

    assert time.monotonic() - began < 2
    assert only_delivery().text == "no answer within 0.5 seconds"


def test_nobody_listening_and_names_nobody_knows_are_failures(
    order: PurchaseOrder,
) -> None:
    make_endpoint(f"http://127.0.0.1:{closed_port()}/")
    happen(order)

    take_turns()

    assert only_delivery().text == "no connection (ConnectionError)"
    assert only_delivery().state == "waiting"


def test_machines_of_our_own_network_are_not_called(
    receiver: Receiver, order: PurchaseOrder, settings: Any
) -> None:
    settings.ALLOW_INSECURE_LOOPBACK = True
    endpoint = make_endpoint(receiver.url)
    settings.ALLOW_INSECURE_LOOPBACK = False
    Endpoint.objects.update(url="https://127.0.0.1:9999/metadata")
    happen(order)

    take_turns()

    assert receiver.taken == []
    assert only_delivery().text == ("Its host is of a network that may not be called.")
    assert endpoint_now(endpoint).failing_since is not None


def test_a_network_that_is_allowed_is_called(settings: Any) -> None:
    order = make_order()
    settings.ALLOW_INSECURE_LOOPBACK = False
    settings.WEBHOOK_ALLOWED_NETWORKS = networks(["127.0.0.0/8"])
    url = f"https://127.0.0.1:{closed_port()}/"
    make_endpoint(url)
    happen(order)

    take_turns()

    assert only_delivery().text.startswith("no connection")


def test_during_the_overlap_both_secrets_verify_and_after_it_the_new_one_alone(
    receiver: Receiver, order: PurchaseOrder, time_machine: Any
) -> None:
    from standardwebhooks.webhooks import WebhookVerificationError

    endpoint = make_endpoint(receiver.url)
    old = endpoint.secret
    new = operations.rotate_secret(
        endpoint_id=endpoint.pk, actor=endpoint.owner, overlap=timedelta(hours=1)
    ).secret
    happen(order)
    take_turns()
    both = receiver.taken[-1]
    assert len(both.headers["webhook-signature"].split()) == 2
    assert both.verified_with(old) == both.verified_with(new)

    time_machine.move_to(timezone.now() + timedelta(hours=2))
    happen(order)
    take_turns()

    one = receiver.taken[-1]
    one.verified_with(new)
    with pytest.raises(WebhookVerificationError):
        one.verified_with(old)


def test_without_an_overlap_the_old_secret_is_dead_at_once(
    receiver: Receiver, order: PurchaseOrder
) -> None:
    endpoint = make_endpoint(receiver.url)
    operations.rotate_secret(
        endpoint_id=endpoint.pk, actor=endpoint.owner, overlap=timedelta(0)
    )
    happen(order)

    take_turns()

    assert len(receiver.taken[0].headers["webhook-signature"].split()) == 1


def test_a_worker_that_died_in_the_call_leaves_it_to_be_sent_again_with_its_id(
    receiver: Receiver,
    order: PurchaseOrder,
    time_machine: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Killed(BaseException):
        pass

    def die(*args: Any, **kwargs: Any) -> None:
        raise Killed

    make_endpoint(receiver.url)
    event_id = happen(order)
    with monkeypatch.context() as patch:
        patch.setattr(receivers, "call", die)
        with pytest.raises(Killed):
            take_turns()
    take_turns()
    assert receiver.taken == [], "its claim still holds"

    time_machine.move_to(timezone.now() + timedelta(seconds=46))
    take_turns()

    assert receiver.ids == [event_id]
    numbers = DeliveryAttempt.objects.values_list("number", "status")
    assert list(numbers) == [(1, None), (2, 204)]


def test_with_very_much_waiting_no_more_is_read_until_there_is_room(
    receiver: Receiver, order: PurchaseOrder, monkeypatch: pytest.MonkeyPatch
) -> None:
    from procurement.webhooks import reading, sending

    monkeypatch.setattr(reading, "MOST_WAITING", 4)
    monkeypatch.setattr(reading, "PAGE", 2)
    monkeypatch.setattr(sending, "ROOM_AGAIN", 3)
    endpoint = make_endpoint(receiver.url)
    receiver.steps = [lambda h: answer(h, 503, Retry_After="1000")]
    ids = [happen(order) for _ in range(9)]

    take_turns()
    take_turns()
    assert Delivery.objects.count() == 4
    assert endpoint_now(endpoint).is_full

    Endpoint.objects.update(not_before=None)
    Delivery.objects.update(next_attempt_at=timezone.now())
    take_turns(5)

    assert set(receiver.ids) == set(ids)
    assert not endpoint_now(endpoint).is_full
