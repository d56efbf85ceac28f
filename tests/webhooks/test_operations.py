"""Who is told what, and what is refused."""

import base64
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.utils import timezone

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.reach.models import Orders, Reach
from procurement.retention.tasks import purge_outgoing_webhooks
from procurement.runs.models import Run
from procurement.runs.working import work_off
from procurement.webhooks import operations, working
from procurement.webhooks.models import Delivery, Endpoint
from procurement.webhooks.queries import health
from procurement.webhooks.redelivering import redeliver_all
from tests.factories import make_order, make_user
from tests.parties import make_shop
from tests.webhooks.receiver import Receiver, receiving
from tests.webhooks.sending import (
    happen,
    make_endpoint,
    make_owner,
    only_delivery,
    take_turns,
)

pytestmark = pytest.mark.django_db

URL = "https://shop.example/hooks"


@pytest.fixture
def receiver() -> Any:
    with receiving() as receiver:
        yield receiver


# --- addresses --------------------------------------------------------------------


@pytest.mark.parametrize(
    "url",
    [
        "https://shop.example/hooks?key=1&b=%C3%A5",
        "https://shop.example:8443/",
        "https://93.184.216.34/x",
        "http://127.0.0.1:8000/hooks",
        "http://localhost/hooks",
    ],
)
def test_addresses_that_are_taken(url: str) -> None:
    assert make_endpoint(url).url == url


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("", "plain ASCII"),
        ("shop.example", "look like https://"),
        ("ftp://shop.example/", "look like https://"),
        ("https:///hooks", "look like https://"),
        ("http://shop.example/", "begin with https://"),
        ("http://10.0.0.1/", "begin with https://"),
        ("http://127.0.0.2/", "begin with https://"),
        ("https://user:secret@shop.example/", "user name"),
        ("https://shop.example/#part", "fragment"),
        ("https://shop.example:22/", "port 443"),
        ("https://10.0.0.1/hooks", "may not be called"),
        ("https://169.254.169.254/latest/", "may not be called"),
        ("https://[fd00::1]/hooks", "may not be called"),
        ("https://shop.example:0x50/", "no address"),
        ("https://shop.example:99999/", "no address"),
        ("https://shöp.example/", "plain ASCII"),
        ("https://shop.example\\@127.0.0.1/", "plain ASCII"),
        ("https://shop.example/a b", "plain ASCII"),
        ("https://[::1/", "no address"),
        ("https://shop.example/" + "x" * 1000, "1000 characters"),
    ],
)
def test_addresses_that_are_refused(url: str, why: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        make_endpoint(url)

    assert why in refused.value.errors["url"]
    assert not Endpoint.objects.exists()


def test_http_is_refused_without_the_setting(settings: Any) -> None:
    settings.ALLOW_INSECURE_LOOPBACK = False

    with pytest.raises(InvalidInput):
        make_endpoint("http://127.0.0.1:8000/hooks")


# --- what is refused --------------------------------------------------------------


def test_types_there_are_not_are_refused() -> None:
    for wrong in ("orders.approved", "order", "order.", "*", "order.x", "Order.sent"):
        with pytest.raises(InvalidInput) as refused:
            make_endpoint(URL, types=["order.sent", wrong])
        assert wrong in refused.value.errors["types"]


def test_a_cursor_beyond_the_end_comes_back_to_it(receiver: Receiver) -> None:
    owner, order = make_owner(), make_order()
    operations.create_endpoint(
        actor=owner, data={"url": receiver.url}, after="o999999999"
    )
    take_turns(2)
    assert take_turns() == 0, "there is nothing to read"

    event_id = happen(order)
    take_turns()

    assert receiver.ids == [event_id]


def test_no_address_two_beginnings_and_a_wrong_cursor_are_refused() -> None:
    owner = make_owner()
    with pytest.raises(InvalidInput):
        operations.create_endpoint(actor=owner, data={})
    for beginning in (
        {"after": "o1", "since": timezone.now()},
        {"after": "nonsense"},
    ):
        with pytest.raises(InvalidInput) as refused:
            operations.create_endpoint(actor=owner, data={"url": URL}, **beginning)
        assert "after" in refused.value.errors


def test_one_owner_may_not_have_any_number(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(operations, "MOST_ENDPOINTS", 1)
    make_endpoint(URL)

    with pytest.raises(OperationNotAllowed) as refused:
        make_endpoint(URL)

    assert refused.value.code == "too_many"
    assert Endpoint.objects.count() == 1


def test_an_overlap_has_limits() -> None:
    endpoint = make_endpoint(URL)
    for overlap in (timedelta(hours=-1), timedelta(days=8)):
        with pytest.raises(InvalidInput):
            operations.rotate_secret(
                endpoint_id=endpoint.pk, actor=endpoint.owner, overlap=overlap
            )
    endpoint.refresh_from_db()
    assert endpoint.old_secret == ""


def test_a_version_that_is_not_the_present_one_is_refused() -> None:
    endpoint = make_endpoint(URL)
    names = {"endpoint_id": endpoint.pk, "actor": endpoint.owner}
    operations.change_endpoint(**names, data={"description": "A"}, version=1)

    with pytest.raises(OperationNotAllowed) as refused:
        operations.change_endpoint(**names, data={"description": "B"}, version=1)

    assert refused.value.code == "version_conflict"
    endpoint.refresh_from_db()
    assert (endpoint.description, endpoint.version) == ("A", 2)


# --- enabling and disabling -------------------------------------------------------


def test_disabled_it_is_sent_nothing_and_enabled_it_goes_on_where_it_stopped(
    receiver: Receiver,
) -> None:
    endpoint, order = make_endpoint(receiver.url), make_order()
    names = {"endpoint_id": endpoint.pk, "actor": endpoint.owner}
    operations.disable_endpoint(**names)
    missed = happen(order)
    take_turns()
    assert receiver.taken == []
    endpoint.refresh_from_db()
    assert endpoint.disabled_reason == "Disabled by shop."
    assert health(endpoint) == "disabled"
    assert endpoint not in Endpoint.objects.in_trouble(), "somebody wanted it so"

    operations.enable_endpoint(**names)
    take_turns()

    assert missed in receiver.ids
    endpoint.refresh_from_db()
    assert (endpoint.disabled_at, endpoint.disabled_reason) == (None, "")


def test_enabled_it_may_leave_out_what_it_missed(receiver: Receiver) -> None:
    endpoint, order = make_endpoint(receiver.url), make_order()
    names = {"endpoint_id": endpoint.pk, "actor": endpoint.owner}
    receiver.always = 500
    happen(order)
    take_turns()
    operations.disable_endpoint(**names)
    happen(order)
    receiver.taken.clear()

    operations.enable_endpoint(**names, skip=True)
    receiver.always = 200
    wanted = happen(order)
    take_turns()

    assert receiver.ids == [wanted]
    left_out = Delivery.objects.exclude(message_id=wanted)
    assert {each.state for each in left_out} == {"withheld"}
    assert {each.text for each in left_out} == {"Left out by shop."}


def test_what_is_so_already_is_refused() -> None:
    endpoint = make_endpoint(URL)
    names = {"endpoint_id": endpoint.pk, "actor": endpoint.owner}
    with pytest.raises(OperationNotAllowed):
        operations.enable_endpoint(**names)
    operations.change_endpoint(**names, data={}, is_active=False)
    with pytest.raises(OperationNotAllowed):
        operations.disable_endpoint(**names)
    with pytest.raises(OperationNotAllowed):
        operations.send_test(**names)
    with pytest.raises(OperationNotAllowed):
        redeliver_all(**names)
    operations.change_endpoint(**names, data={}, is_active=True)
    assert Endpoint.objects.get().is_active


def test_deleted_it_is_gone_for_everybody_and_has_lost_its_secret() -> None:
    endpoint = make_endpoint(URL)
    names = {"endpoint_id": endpoint.pk, "actor": endpoint.owner}

    operations.delete_endpoint(**names)

    row = Endpoint.objects.get()
    assert not row.is_active
    assert row.disabled_reason == "Deleted by shop."
    assert row.secret != endpoint.secret
    assert not Endpoint.objects.visible_to(endpoint.owner).exists()
    for operation in (operations.delete_endpoint, operations.rotate_secret):
        with pytest.raises(OperationNotAllowed):
            operation(**names)


def test_an_owner_who_is_made_inactive_pauses_their_endpoints(
    receiver: Receiver,
) -> None:
    endpoint, order = make_endpoint(receiver.url), make_order()
    User.objects.filter(pk=endpoint.owner_id).update(is_active=False)
    missed = happen(order)
    take_turns()
    assert receiver.taken == []
    assert health(Endpoint.objects.get()) == "paused"

    User.objects.filter(pk=endpoint.owner_id).update(is_active=True)
    take_turns()

    assert missed in receiver.ids


# --- who is told what -------------------------------------------------------------


def test_an_endpoint_of_a_shop_is_told_of_that_shop_alone(receiver: Receiver) -> None:
    north, south = make_shop("north"), make_shop("south")
    make_endpoint(receiver.url, shop=north)
    ours = make_order(shop=north)
    supplier = ours.supplier
    theirs, nobodys = make_order(supplier, shop=south), make_order(supplier)
    take_turns()
    receiver.taken.clear()
    wanted = happen(ours)
    happen(theirs)
    happen(nobodys)

    take_turns()

    assert receiver.ids == [wanted]


def test_a_bound_key_makes_endpoints_of_its_shop_and_of_no_other() -> None:
    north, south = make_shop("north"), make_shop("south")
    owner = make_owner()
    owner.key_shop_id = north.pk  # type: ignore[attr-defined]

    made = operations.create_endpoint(actor=owner, data={"url": URL})
    assert made.shop == north

    for shop in (south, None):
        with pytest.raises(InvalidInput) as refused:
            operations.create_endpoint(actor=owner, data={"url": URL, "shop": shop})
        assert "shop" in refused.value.errors


def test_a_bound_key_sees_the_endpoints_of_its_shop_alone() -> None:
    north, south = make_shop("north"), make_shop("south")
    owner = make_owner()
    ours = make_endpoint(URL, owner, shop=north)
    make_endpoint(URL, owner, shop=south)
    make_endpoint(URL, owner)
    owner.key_shop_id = north.pk  # type: ignore[attr-defined]

    assert list(Endpoint.objects.visible_to(owner)) == [ours]


def test_others_endpoints_are_seen_by_those_who_may_with_an_unlimited_reach() -> None:
    endpoint = make_endpoint(URL)
    other, overseer = make_owner("other"), make_owner("overseer")
    permission = "webhooks.view_all_endpoints"
    from tests.api.clients import permit

    overseer = permit(overseer, permission)
    bound = permit(make_user("bound"), permission)
    Reach.objects.create(user=bound, orders=Orders.OWN)

    assert list(Endpoint.objects.visible_to(overseer)) == [endpoint]
    assert not Endpoint.objects.visible_to(other).exists()
    assert not Endpoint.objects.visible_to(User.objects.get(pk=bound.pk)).exists()


def test_what_the_owner_may_not_see_any_more_is_withheld_even_if_it_waited(
    receiver: Receiver, time_machine: Any
) -> None:
    order, endpoint = make_order(), make_endpoint(receiver.url)
    receiver.steps = [500]
    happen(order)
    take_turns()
    Reach.objects.create(user=endpoint.owner, orders=Orders.OWN)
    time_machine.move_to(timezone.now() + timedelta(minutes=1))

    take_turns()

    assert len(receiver.taken) == 1
    delivery = Delivery.objects.order_by("pk").first()
    assert delivery.state == "withheld"
    assert delivery.text == "Its owner may not see this any more."


def test_a_right_that_is_taken_away_ends_what_is_told(receiver: Receiver) -> None:
    endpoint, order = make_endpoint(receiver.url), make_order()
    endpoint.owner.user_permissions.clear()
    happen(order)

    take_turns()

    assert receiver.taken == []


# --- sending again ----------------------------------------------------------------


def test_a_test_message_is_signed_and_sent(receiver: Receiver) -> None:
    endpoint = make_endpoint(receiver.url, types=["shop.*"])

    delivery = operations.send_test(endpoint_id=endpoint.pk, actor=endpoint.owner)
    take_turns()

    (taken,) = receiver.taken
    message = taken.verified_with(endpoint.secret)
    assert taken.id == delivery.message_id == message["data"]["id"]
    assert message["type"] == "webhook.test"
    assert message["data"]["asked_by"] == "shop"


def test_one_delivery_is_sent_again_with_its_id_and_all_its_tries(
    receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_RETRY_WAITS = []
    endpoint, order = make_endpoint(receiver.url), make_order()
    take_turns()
    receiver.taken.clear()
    receiver.steps = [500]
    event_id = happen(order)
    take_turns()
    delivery = Delivery.objects.get(message_id=event_id)
    assert delivery.state == "failed"

    again = operations.redeliver(delivery_id=delivery.pk, actor=endpoint.owner)
    assert (again.state, again.tries) == ("waiting", 0)
    take_turns()

    assert receiver.ids == [event_id, event_id]
    delivery.refresh_from_db()
    assert (delivery.state, delivery.attempt_count) == ("delivered", 2)


def deliveries_that_failed(receiver: Receiver, endpoint: Endpoint) -> list[str]:
    order = make_order()
    take_turns()
    receiver.always = 500
    ids = [happen(order) for _ in range(3)]
    take_turns()
    receiver.always = 200
    receiver.taken.clear()
    return ids


def test_all_that_failed_is_sent_again_in_the_background(
    receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_RETRY_WAITS = []
    endpoint = make_endpoint(receiver.url)
    ids = deliveries_that_failed(receiver, endpoint)

    run = redeliver_all(endpoint_id=endpoint.pk, actor=endpoint.owner)
    work_off(run_id=run.pk)
    take_turns()

    assert receiver.ids == ids
    run.refresh_from_db()
    assert (run.state, run.total, run.done) == ("done", 3, 3)


def test_a_span_of_time_is_sent_again_what_was_delivered_too(
    receiver: Receiver, settings: Any
) -> None:
    settings.WEBHOOK_RETRY_WAITS = []
    endpoint = make_endpoint(receiver.url)
    ids = deliveries_that_failed(receiver, endpoint)
    first, second, third = Delivery.objects.filter(message_id__in=ids).order_by("pk")
    Delivery.objects.filter(pk=second.pk).update(state="delivered")
    hour = timedelta(hours=1)
    for n, each in enumerate((first, second, third)):
        moment = timezone.now() - 10 * hour + n * hour
        Delivery.objects.filter(pk=each.pk).update(created_at=moment)
    second.refresh_from_db()

    run = redeliver_all(
        endpoint_id=endpoint.pk,
        actor=endpoint.owner,
        since=second.created_at,
        until=second.created_at,
        only_failed=False,
    )
    work_off(run_id=run.pk)
    take_turns()

    assert receiver.ids == [second.message_id]


def test_a_span_that_ends_before_it_begins_is_refused() -> None:
    endpoint = make_endpoint(URL)
    now = timezone.now()

    with pytest.raises(InvalidInput):
        redeliver_all(
            endpoint_id=endpoint.pk,
            actor=endpoint.owner,
            since=now,
            until=now - timedelta(hours=1),
        )

    assert not Run.objects.exists()


def test_whoever_may_not_change_it_any_more_sends_nothing_again() -> None:
    endpoint = make_endpoint(URL)
    run = redeliver_all(endpoint_id=endpoint.pk, actor=endpoint.owner)
    operations.delete_endpoint(endpoint_id=endpoint.pk, actor=endpoint.owner)

    assert work_off(run_id=run.pk) == "stopped"


# --- the worker -------------------------------------------------------------------


def test_old_deliveries_are_purged_but_not_what_waits(settings: Any) -> None:
    endpoint = make_endpoint(URL)
    names = {"endpoint_id": endpoint.pk, "actor": endpoint.owner}
    ended, waiting, new = (operations.send_test(**names) for _ in range(3))
    Delivery.objects.filter(pk=ended.pk).update(state="failed")
    old = timezone.now() - timedelta(days=31)
    Delivery.objects.filter(pk__in=[ended.pk, waiting.pk]).update(created_at=old)

    purge_outgoing_webhooks()
    assert set(Delivery.objects.all()) == {waiting, new}

    operations.disable_endpoint(**names)
    purge_outgoing_webhooks()
    assert set(Delivery.objects.all()) == {new}


def test_couriers_are_woken_once_for_what_is_to_be_served(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[str] = []
    monkeypatch.setattr(
        working, "async_task", lambda task, cluster: asked.append(f"{task}@{cluster}")
    )
    working.wake_couriers()
    endpoint = make_endpoint(URL)
    working.wake_couriers()
    assert asked == []

    operations.send_test(endpoint_id=endpoint.pk, actor=endpoint.owner)
    working.wake_couriers()

    assert asked == ["procurement.webhooks.tasks.deliver@procurement-test-couriers"]


def test_a_signature_is_what_the_convention_gives_as_its_example() -> None:
    """Source: the example of the Standard Webhooks specification."""
    from procurement.webhooks import signing

    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signing.headers(
        message_id="msg_p5jXN8AQM9LWM0D4loKWxJek",
        timestamp=1614265330,
        body=b'{"test": 2432232314}',
        signed_with=[secret],
    )

    assert headers["webhook-signature"] == (
        "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    )
    assert base64.b64decode(secret.partition("_")[2])


def test_nothing_waits_after_a_delivery(receiver: Receiver) -> None:
    order = make_order()
    make_endpoint(receiver.url)
    happen(order)
    take_turns()

    assert take_turns() == 0
    assert only_delivery().state == "delivered"
