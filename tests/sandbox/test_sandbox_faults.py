"""Each fault does what its name says, to the calls it is meant for and no others."""

import threading
import time

import pytest
import requests

from vendors.sandbox.errors import BadInput


def fault(sandbox, name, **details):
    details = {"endpoint": "place_order", "times": 1} | details
    return sandbox.add_fault("eet", fault=name, **details)


def test_a_lost_answer_leaves_the_order_in_the_books(sandbox, eet):
    fault(sandbox, "lost_answer")

    with pytest.raises(requests.ConnectionError):
        eet.order()

    assert len(sandbox.orders("eet")) == 1
    assert sandbox.calls("eet")[-1].status is None
    assert sandbox.calls("eet")[-1].fault == "lost_answer"


def test_a_cut_before_processing_leaves_nothing(sandbox, eet):
    fault(sandbox, "cut_before")

    with pytest.raises(requests.ConnectionError):
        eet.order()

    assert sandbox.orders("eet") == []


def test_half_an_answer_is_less_than_its_length_says(sandbox, eet):
    fault(sandbox, "half_answer")

    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        eet.order()

    assert len(sandbox.orders("eet")) == 1


@pytest.mark.parametrize(
    ("name", "status", "orders"),
    [
        ("error_before", 503, 0),
        ("error_after", 500, 1),
        ("refused", 400, 0),
        ("html", 200, 1),
    ],
)
def test_an_error_says_nothing_of_whether_the_order_was_taken(
    sandbox, eet, name, status, orders
):
    fault(sandbox, name)

    assert eet.order().status_code == status
    assert len(sandbox.orders("eet")) == orders


def test_throttled_may_advise_when_to_come_back(sandbox, eet):
    fault(sandbox, "throttled")
    fault(sandbox, "throttled", retry_after=7)

    silent, advising = eet.order(), eet.order()

    assert (silent.status_code, advising.status_code) == (429, 429)
    assert "Retry-After" not in silent.headers
    assert advising.headers["Retry-After"] == "7"
    assert sandbox.orders("eet") == []


def test_throttled_at_extend_carries_its_three_headers(sandbox, extend):
    sandbox.add_fault("extend", fault="throttled", times=1)

    answer = extend.place()

    assert answer.status_code == 429
    assert answer.headers["x-ratelimit-limit"] == "300"
    assert answer.headers["x-ratelimit-remaining"] == "0"
    assert int(answer.headers["x-ratelimit-reset"]) > time.time() - 1


def test_slow_waits_then_answers(sandbox, eet):
    fault(sandbox, "slow", seconds=0.2)
    started = time.monotonic()

    assert eet.order().status_code == 200
    assert time.monotonic() - started >= 0.2


def test_slow_drip_keeps_a_careless_time_limit_from_striking(sandbox, eet):
    fault(sandbox, "slow_drip", seconds=0.4)
    started = time.monotonic()

    answer = eet.session.post(
        f"{eet.base_url}/order",
        json={
            "CustomerOrderNo": "PO-1",
            "Items": [{"ItemId": "KAB20417", "Quantity": 1}],
        },
        timeout=0.2,  # between two bytes, not for the whole
    )

    assert answer.json()["CustomerOrderNo"] == "PO-1"
    assert time.monotonic() - started >= 0.4


@pytest.mark.parametrize("status", [302, 307])
def test_a_redirect_leads_to_a_stranger_before_anything_is_processed(
    sandbox, eet, status
):
    fault(sandbox, "redirect", status=status)

    answer = eet.session.post(
        f"{eet.base_url}/order", json={}, allow_redirects=False, timeout=5
    )

    assert answer.status_code == status
    assert answer.headers["Location"].startswith("http://localhost:")
    assert sandbox.orders("eet") == []
    requests.post(answer.headers["Location"], json={}, timeout=5)
    assert sandbox.calls("elsewhere")[0].path == "/elsewhere/eet/order"


def test_rubbish_json_comes_after_processing(sandbox, eet):
    fault(sandbox, "rubbish_json")

    answer = eet.order()

    assert answer.status_code == 200
    with pytest.raises(requests.JSONDecodeError):
        answer.json()
    assert len(sandbox.orders("eet")) == 1


def test_a_gzip_bomb_is_small_on_the_wire_and_huge_unpacked(sandbox, eet):
    fault(sandbox, "gzip_bomb")

    answer = eet.session.post(
        f"{eet.base_url}/order?isTest=true",
        json={
            "CustomerOrderNo": "PO-1",
            "Items": [{"ItemId": "KAB20417", "Quantity": 1}],
        },
        stream=True,
        timeout=5,
    )

    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) < 2_000_000
    unpacked = 0
    for piece in answer.iter_content(2**20):
        unpacked += len(piece)
        if unpacked > 100_000_000:
            break
    answer.close()
    assert unpacked > 100_000_000
    assert len(sandbox.orders("eet")) == 1


def test_a_missing_number_is_left_out_of_an_otherwise_good_answer(sandbox, eet, extend):
    fault(sandbox, "missing_number")
    sandbox.add_fault("extend", fault="missing_number", times=1)

    assert eet.order().json() == {"CustomerOrderNo": "PO-2031-00042"}
    header = extend.place().json()["orderHeader"]
    assert "orderNumber" not in header
    assert header["orderNumberExternal"] == "PB-2031-0007"
    assert len(sandbox.orders("eet")) == len(sandbox.orders("extend")) == 1


def test_a_token_dies_before_it_is_checked(sandbox, eet):
    fault(sandbox, "token_dies")

    assert eet.order().status_code == 401
    assert eet.order().status_code == 401  # dead for good, not for one call
    eet.login()
    assert eet.order().status_code == 200
    assert len(sandbox.orders("eet")) == 1


def test_a_held_answer_waits_with_the_order_already_in_the_books(sandbox, eet):
    fault(sandbox, "hold", seconds=30)
    answers = []
    thread = threading.Thread(target=lambda: answers.append(eet.order()))
    thread.start()
    until = time.monotonic() + 3
    while not sandbox.state()["held"] and time.monotonic() < until:
        time.sleep(0.01)

    assert len(sandbox.orders("eet")) == 1
    assert answers == []

    assert sandbox.release() == 1
    thread.join(3)
    assert answers[0].status_code == 200


def test_a_hold_ends_by_itself(sandbox, eet):
    fault(sandbox, "hold", seconds=0.1)

    assert eet.order().status_code == 200


def test_a_fault_strikes_as_often_as_told(sandbox, eet):
    fault(sandbox, "refused", times=2)

    assert [eet.order().status_code for _ in range(3)] == [400, 400, 200]


def test_a_fault_spares_other_endpoints_and_vendors(sandbox, eet, extend):
    fault(sandbox, "refused", times=None)

    assert eet.post("/product", {"Items": []}).status_code == 200
    assert extend.place().status_code == 200


def test_a_fault_for_any_endpoint_strikes_all(sandbox, eet):
    sandbox.add_fault("eet", fault="error_before", endpoint="*")

    assert eet.login().status_code == 503
    assert eet.order().status_code == 503


def test_a_seeded_probability_repeats_itself(sandbox, eet):
    def run():
        sandbox.reset()
        eet.login()
        fault(sandbox, "refused", times=None, probability=0.5, seed=7)
        return [eet.order().status_code for _ in range(20)]

    first = run()

    assert set(first) == {200, 400}
    assert run() == first


def test_lifted_faults_strike_no_more(sandbox, eet):
    first = fault(sandbox, "refused", times=None)
    second = fault(sandbox, "error_before", times=None)

    sandbox.clear_faults(first)
    assert [each["id"] for each in sandbox.faults()] == [second]
    sandbox.clear_faults()
    assert eet.order().status_code == 200


@pytest.mark.parametrize(
    ("details", "field"),
    [
        ({"fault": "earthquake"}, "fault"),
        ({"endpoint": "fax"}, "endpoint"),
        ({"times": 0}, "times"),
        ({"probability": 2}, "probability"),
        ({"probability": "often"}, "probability"),
        ({"seconds": -1}, "seconds"),
        ({"retry_after": "soon"}, "retry_after"),
        ({"status": 200}, "status"),
        ({"colour": "red"}, "colour"),
    ],
)
def test_a_fault_that_will_not_do_is_refused(sandbox, details, field):
    with pytest.raises(BadInput) as refusal:
        sandbox.add_fault("eet", **({"fault": "slow"} | details))

    assert refusal.value.field == field
    assert sandbox.faults() == []


def test_a_huge_answer_says_what_it_always_says(sandbox, eet):
    fault(sandbox, "huge")

    answer = eet.order()

    assert len(answer.content) > 5_000_000
    assert answer.json()["OrderNumber"] == sandbox.orders("eet")[0]["number"]


@pytest.mark.parametrize(
    ("name", "added"),
    [("hostile_texts", "\x00\r\n=HYPERLINK"), ("long_texts", "x" * 4000)],
)
def test_every_text_of_an_answer_can_be_made_hard_to_take(sandbox, eet, name, added):
    fault(sandbox, name)

    answer = eet.order().json()

    assert all(added in text for text in answer.values())
    assert answer["OrderNumber"].startswith(sandbox.orders("eet")[0]["number"])


def test_texts_inside_a_compressed_answer_change_too(sandbox):
    sandbox.add_fault("kvik", endpoint="products", fault="hostile_texts", times=1)
    base, headers = sandbox.base_url("kvik"), {"Accept-Encoding": "gzip"}
    token = requests.post(
        f"{base}/api/customer/oauth/access-token",
        data={
            "grant_type": "client_credentials",
            "client_id": "sandbox-kvik",
            "client_secret": "sandbox-kvik-secret",
            "scope": "all",
        },
        headers=headers,
        timeout=5,
    ).json()["access_token"]

    answer = requests.get(
        f"{base}/api/customer/products",
        params={"code": "TX-4410"},
        headers=headers | {"Authorization": f"Bearer {token}"},
        timeout=5,
    )

    assert answer.headers["Content-Encoding"] == "gzip"
    assert "<script>" in answer.json()["items"][0]["name"]
