"""Which machines may be called, and that the checked one is the one that is."""

import socket
import ssl
import time

import pytest
import requests

from tests.vendors.clients import open_at
from tests.vendors.servers import closed_port, reply, serving
from vendors.destinations import (
    PUBLIC,
    DestinationRefused,
    Destinations,
    connect,
    networks,
)
from vendors.errors import Kind, NotSent
from vendors.transport import Answer, Failure, TimeLimits, Transport

SHORT = TimeLimits(connect=2, read=2, total=4)


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0",  # noqa: S104 - not bound to
        "10.1.2.3",
        "100.64.0.1",
        "100.100.100.200",
        "127.0.0.1",
        "127.8.8.8",
        "168.63.129.16",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.192",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.19.0.1",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:8.8.8.8",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "no address",
    ],
)
def test_addresses_that_are_not_public_are_closed(address):
    assert not PUBLIC.may_call(address)


@pytest.mark.parametrize(
    "address",
    ["8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a01:4f8::1"],
)
def test_public_addresses_are_open(address):
    assert PUBLIC.may_call(address)


def test_networks_of_our_own_are_open_where_they_are_named_and_nothing_beside_them():
    ours = Destinations(allowed=networks(["10.20.0.0/16", " fd12::/32 ", ""]))

    assert ours.may_call("10.20.3.4")
    assert ours.may_call("fd12::9")
    assert not ours.may_call("10.21.0.1")
    assert not ours.may_call("::ffff:10.20.3.4")
    assert not ours.may_call("127.0.0.1")


def test_loopback_is_open_where_it_is_allowed_and_nothing_beside_it():
    loose = Destinations(allows_loopback=True)

    assert loose.may_call("127.0.0.1")
    assert loose.may_call("::1")
    assert not loose.may_call("::ffff:127.0.0.1")
    assert not loose.may_call("10.0.0.1")


def test_a_host_with_one_closed_address_among_open_ones_is_refused():
    mixed = Destinations(resolve=lambda host, port: ["8.8.8.8", "10.0.0.1"])

    with pytest.raises(DestinationRefused) as refused:
        mixed.addresses("shop.example", 443)

    assert "10.0.0.1" not in str(refused.value)


@pytest.mark.parametrize(
    "host", ["2130706433", "0x7f.1", "0177.0.0.1", "127.1", "0", "::ffff:7f00:1"]
)
def test_this_machine_is_known_however_its_address_is_written(host):
    with pytest.raises(DestinationRefused):
        PUBLIC.addresses(host, 443)


def test_a_network_that_is_none_is_an_error():
    with pytest.raises(ValueError, match=r"10\.20\.0\.1"):
        networks(["10.20.0.1/8"])


class ChangingNames:
    """Answers with another address each time it is asked, as a rebinder does."""

    def __init__(self, *answers: str) -> None:
        self._answers = list(answers)
        self.asked: list[str] = []

    def __call__(self, host: str, port: int) -> list[str]:
        self.asked.append(host)
        return [self._answers.pop(0)]


def test_a_name_that_changes_its_answer_is_asked_once_and_the_first_answer_called():
    names = ChangingNames("127.0.0.1", "10.0.0.1")
    with serving(reply(b"ok")) as server:
        port = server.url.rpartition(":")[2]
        found = _get(f"http://shop.example:{port}/a", names)

        assert isinstance(found, Answer)
        assert found.body == b"ok"
        assert names.asked == ["shop.example"]
        # The name stays what the other side is asked for.
        assert f"Host: shop.example:{port}".encode() in server.requests[0]


def test_a_name_that_turns_to_a_closed_address_is_refused_at_the_next_connection():
    names = ChangingNames("127.0.0.1", "169.254.169.254")
    with serving(reply(b"ok", "200 OK", "Connection: close"), reply(b"2")) as server:
        url = f"http://shop.example:{server.url.rpartition(':')[2]}/a"
        transport = Transport()
        first = _get(url, names, transport)
        second = _get(url, names, transport)

    assert isinstance(first, Answer)
    assert isinstance(second, Failure)
    assert (second.kind, second.is_unsent) == (Kind.CONFIGURATION, True)
    assert "may not be called" in second.cause
    assert len(server.requests) == 1


def test_a_certificate_has_to_be_the_names_though_an_address_is_called(
    monkeypatch: pytest.MonkeyPatch,
):
    asked: list[str | None] = []

    def wrap(self: object, sock: object, **options: object) -> object:
        asked.append(options.get("server_hostname"))  # type: ignore[arg-type]
        raise ssl.SSLCertVerificationError("not ours")

    monkeypatch.setattr(ssl.SSLContext, "wrap_socket", wrap)
    with serving(reply(b"ok")) as server:
        port = server.url.rpartition(":")[2]
        found = _get(f"https://shop.example:{port}/", ChangingNames("127.0.0.1"))

    assert isinstance(found, Failure)
    assert found.is_unsent
    assert asked == ["shop.example"]


def test_no_redirect_is_followed():
    moved = reply(b"", "302 Found", "Location: http://127.0.0.1:1/secret")
    with serving(moved) as server:
        found = _get(server.url, lambda host, port: ["127.0.0.1"])

        assert isinstance(found, Answer)
        assert found.status == 302
        assert len(server.requests) == 1


def test_no_proxy_of_the_environment_is_used(monkeypatch: pytest.MonkeyPatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    with serving(reply(b"ok")) as server:
        found = _get(server.url, lambda host, port: ["127.0.0.1"])

    assert isinstance(found, Answer)


def test_a_silent_name_server_holds_nobody_longer_than_the_limit():
    def silent(host: str, port: int) -> list[str]:
        time.sleep(3)
        return ["127.0.0.1"]

    began = time.monotonic()
    found = _get(
        "http://shop.example/", silent, limits=TimeLimits(connect=0.2, total=0.5)
    )

    assert isinstance(found, Failure)
    assert (found.kind, found.is_unsent) == (Kind.CONNECTION, True)
    assert time.monotonic() - began < 2


def test_the_next_address_is_tried_where_the_first_does_not_answer():
    with serving(reply(b"ok")) as server:
        port = int(server.url.rpartition(":")[2])
        two = Destinations(
            allows_loopback=True, resolve=lambda host, port: ["::1", "127.0.0.1"]
        )
        made = connect(
            two, "shop.example", port, seconds=1, deadline=time.monotonic() + 2
        )
        peer = made.getpeername()
        made.close()

    assert peer == ("127.0.0.1", port)


def test_no_address_and_no_connection_are_errors_of_the_moment():
    nowhere = Destinations(resolve=lambda host, port: [])
    unheard = Destinations(allows_loopback=True)
    port = closed_port()
    for where, trouble in ((nowhere, OSError), (unheard, ConnectionRefusedError)):
        with pytest.raises(trouble):
            connect(where, "127.0.0.1", port, seconds=1, deadline=time.monotonic() + 2)


def test_a_name_nobody_knows_is_an_error_of_the_moment():
    def unknown(host: str, port: int) -> list[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    found = _get("http://shop.example/", unknown)

    assert isinstance(found, Failure)
    assert (found.kind, found.is_unsent) == (Kind.CONNECTION, True)


def test_a_supplier_in_a_closed_network_is_not_called_and_that_is_a_setting(
    monkeypatch: pytest.MonkeyPatch,
):
    with serving(reply(b"{}")) as server:
        client = open_at(server.url)
        monkeypatch.setattr(client, "_destinations", Destinations())
        with pytest.raises(NotSent) as refused:
            client.act("POST", "/orders", purpose="test", json={})

        assert refused.value.kind is Kind.CONFIGURATION
        assert "may not be called; nothing was sent" in refused.value.text
        assert server.requests == []


def _get(url, resolve, transport=None, limits=SHORT):
    request = requests.Request("GET", url).prepare()
    where = Destinations(allows_loopback=True, resolve=resolve)
    return (transport or Transport()).send(request, limits, destinations=where)
