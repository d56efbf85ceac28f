"""The server stands rubbish, keeps connections, and goes when told to."""

import http.client
import socket
import threading
import time
from urllib.parse import urlsplit

import pytest
import requests

from vendors.sandbox import Sandbox


def send_raw(sandbox, text):
    """Send bytes and return all that comes back until the connection ends."""
    address = urlsplit(sandbox.url)
    with socket.create_connection((address.hostname, address.port), 5) as connection:
        connection.sendall(text.encode("latin-1"))
        connection.shutdown(socket.SHUT_WR)
        return connection.makefile("rb").read()


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("POST /eet/order HTTP/1.1\r\nHost: x\r\n\r\n", b"411"),
        ("POST /eet/order HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"411"),
        ("POST /eet/order HTTP/1.1\r\nContent-Length: -1\r\n\r\n", b"400"),
        ("POST /eet/order HTTP/1.1\r\nContent-Length: ten\r\n\r\n", b"400"),
        ("POST /eet/order HTTP/1.1\r\nContent-Length: 9\r\n\r\n{}", b"400"),
        ("POST /eet/order HTTP/1.1\r\nContent-Length: 5000000\r\n\r\n", b"413"),
        ("GET http://[::1/x HTTP/1.1\r\n\r\n", b"400"),
        ("BREW /eet/order HTTP/1.1\r\n\r\n", b"501"),
        ("what?\r\n\r\n", b"400"),
    ],
)
def test_rubbish_on_the_wire_gets_a_plain_refusal(sandbox, capfd, text, status):
    assert status in send_raw(sandbox, text)
    assert capfd.readouterr().err == ""


def test_a_huge_body_is_refused_and_the_answer_arrives(eet, capfd):
    answer = eet.post("/order", data=b"x" * 5_000_000)

    assert answer.status_code == 413
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'"\\ud800"',
        b"[" * 100_000,
        b'{"Items": NaN}',
        b'{"Items": 1e999999999}',
        b'{"Items": [{"ItemId": "\\ud800", "Quantity": 1}], "CustomerOrderNo": "x"}',
        b'{"orderHeader": [], "orderRows": {}}',
        b'{"orderHeader": {"customerNumber": {}}, "orderRows": [7]}',
    ],
)
def test_rubbish_in_the_body_gets_the_vendors_400(sandbox, eet, extend, capfd, body):
    headers = {"Content-Type": "application/json"}

    at_eet = eet.post("/order", data=body, headers=headers)
    at_extend = extend.call("POST", "/CustomerOrders", data=body, headers=headers)

    assert at_eet.status_code == 400
    assert "errors" in at_eet.json()
    assert at_extend.status_code == 400
    assert "Message" in at_extend.json()
    assert sandbox.orders("eet") == sandbox.orders("extend") == []
    assert capfd.readouterr().err == ""


def test_unknown_paths_are_404(sandbox):
    for path in (
        "/",
        "/nowhere",
        "/eet",
        "/eet/nothing",
        "/extend/RESTAPI/v1_0/NORD/X",
    ):
        assert requests.get(sandbox.url + path, timeout=5).status_code == 404


def test_many_calls_go_over_one_connection(sandbox):
    address = urlsplit(sandbox.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
    connection.connect()
    first = connection.sock
    for _ in range(50):
        connection.request("GET", "/nowhere")
        connection.getresponse().read()

    assert connection.sock is first
    connection.close()


def test_orders_sent_at_once_are_all_taken_under_different_numbers(sandbox, extend):
    def place():
        for _ in range(25):
            extend.place()

    threads = [threading.Thread(target=place) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    numbers = [order["number"] for order in sandbox.orders("extend")]
    assert len(numbers) == len(set(numbers)) == 200


def test_closing_cuts_held_answers_and_frees_the_port():
    with Sandbox() as sandbox:
        port = urlsplit(sandbox.url).port
        sandbox.add_fault("eet", fault="hold", seconds=60)
        failed = threading.Event()

        def wait_for_answer():
            try:
                requests.post(sandbox.base_url("eet") + "/login", json={}, timeout=30)
            except requests.ConnectionError:
                failed.set()

        thread = threading.Thread(target=wait_for_answer)
        thread.start()
        while not sandbox.state()["held"]:
            time.sleep(0.01)
    thread.join(3)
    assert failed.is_set()
    with Sandbox(port=port) as again:
        assert again.url.endswith(f":{port}")
