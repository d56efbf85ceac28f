"""The page for people: it shows what there is, and its forms do what they say."""

import re
from html.parser import HTMLParser

import pytest
import requests


class Forms(HTMLParser):
    """The forms of a page: action -> the fields each offers, with their choices."""

    def __init__(self, page):
        super().__init__()
        self.forms = []
        self._choices = None
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        given = dict(attributes)
        if tag == "form":
            self.forms.append((given["action"], {}))
        elif tag == "select":
            self._choices = self.forms[-1][1].setdefault(given["name"], [])
        elif tag == "option" and self._choices is not None:
            self._choices.append(given.get("value"))
        elif tag == "input":
            self.forms[-1][1][given["name"]] = given.get("value", "")

    def handle_endtag(self, tag):
        if tag == "select":
            self._choices = None

    def fields(self, action):
        return [
            fields for found, fields in self.forms if found == f"/_sandbox/{action}"
        ]


@pytest.fixture
def page(sandbox):
    def read():
        answer = requests.get(f"{sandbox.url}/_sandbox/", timeout=5)
        assert answer.status_code == 200
        return answer

    return read


@pytest.fixture
def send(sandbox):
    def post(action, **fields):
        return requests.post(
            f"{sandbox.url}/_sandbox/{action}",
            data=fields,
            timeout=5,
            allow_redirects=False,
        )

    return post


def test_every_vendor_has_its_section_with_its_address(sandbox, page):
    text = page().text

    for vendor in ("eet", "kvik", "di", "simutek", "extend"):
        assert f'<section id="{vendor}">' in text
        assert sandbox.base_url(vendor) in text


def test_no_script_may_run_and_nothing_is_loaded(page):
    answer = page()

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"<(script|img|link|iframe)", answer.text)
    assert not re.search(r"\son\w+=", answer.text)


def test_orders_customers_invoices_and_counts_are_shown(sandbox, page, extend):
    body = {"name": "Ny AB", "customerNumber": "K-77", "postTemplate": "B2B"}
    extend.call("POST", "/Customers", json=body)
    number = extend.place_number()
    sandbox.advance(20)

    text = page().text

    assert "Orders (1)" in text
    assert "Customers made (1)" in text
    assert "Invoices (1)" in text
    for shown in (number, "PB-2031-0007", "Terminated", "K-77", "249.00"):
        assert shown in text
    assert "place_order <b>1</b>" in text


def test_what_came_from_outside_is_escaped_everywhere(sandbox, page, extend, send):
    nasty = "<script>x</script>"
    extend.place(orderNumberExternal=nasty)
    extend.call("POST", "/Customers", json={"name": f'"{nasty}', "postTemplate": "B2B"})
    requests.get(f"{sandbox.base_url('extend')}/{nasty}", timeout=5)
    sandbox.set_webhook("extend", "http://127.0.0.1:1/?noecho&<script>", "s")
    refused = send("faults", target=f"eet/{nasty}", fault="slow")

    assert "<script>" not in page().text
    assert "<script>" not in refused.text
    assert "&lt;script&gt;" in page().text


def test_the_fault_form_offers_every_vendor_call_and_fault(sandbox, page):
    [fields] = Forms(page().text).fields("faults")

    for vendor, endpoints in sandbox.vendors.items():
        assert f"{vendor}/*" in fields["target"]
        for endpoint in endpoints:
            assert f"{vendor}/{endpoint}" in fields["target"]
    assert "extend/webhook" in fields["target"]
    assert "eet/webhook" not in fields["target"]
    for fault in ("lost_answer", "gzip_bomb", "unknown_status", "bad_signature"):
        assert fault in fields["fault"]


def test_a_fault_is_put_in_force_shown_and_lifted_by_form(sandbox, page, send, extend):
    answer = send(
        "faults",
        target="extend/place_order",
        fault="throttled",
        times="2",
        probability="",
        seed="",
        seconds="",
        retry_after="7",
        status="",
    )

    assert (answer.status_code, answer.headers["Location"]) == (303, "/_sandbox/")
    assert extend.place().headers["Retry-After"] == "7"
    [fields] = [each for each in Forms(page().text).fields("faults/clear") if each]
    send("faults/clear", **fields)
    assert sandbox.faults() == []
    assert extend.place().status_code == 200


def test_a_form_that_will_not_do_comes_back_as_the_page_with_the_reason(sandbox, send):
    answer = send("faults", target="eet/place_order", fault="duplicate", times="1")

    assert answer.status_code == 400
    assert "fault: not duplicate at place_order of eet" in answer.text
    assert "<h1>Vendor sandbox</h1>" in answer.text
    assert sandbox.faults() == []


def test_the_clock_settings_lives_and_reset_have_forms(sandbox, send, extend):
    number = extend.place_number()

    send("advance", seconds="4")
    assert sandbox.orders("extend")[0]["status"] == "Incoming"
    send("life", vendor="extend", order=number, life="unknown_word")
    assert sandbox.orders("extend")[0]["status"] == "Quarantined"
    send("settings", setting="step_seconds", value="0.5")
    send("settings", setting="eet_unknown_items", value="empty")
    settings = sandbox.state()["settings"]
    assert (settings["step_seconds"], settings["eet_unknown_items"]) == (0.5, "empty")
    send("reset")
    assert sandbox.orders("extend") == []


def test_a_webhook_is_set_by_form_with_one_or_more_triggers(sandbox, page, send):
    address = "http://127.0.0.1:1/?noecho"
    one, two = ["OrderPicked"], ["OrderPicked", "OrderCreated"]

    for triggers in (one, two):
        send(
            "webhooks", vendor="extend", url=address, secret="12345", triggers=triggers
        )
        assert sandbox.webhooks()[0]["triggers"] == triggers

    assert address in page().text
    assert "12345" not in page().text
    [fields] = Forms(page().text).fields("webhooks/clear")
    send("webhooks/clear", **fields)
    assert sandbox.webhooks() == []


def test_an_order_with_a_number_for_a_reference_can_be_named(sandbox, send, extend):
    extend.place(orderNumberExternal="1204")

    assert send("life", vendor="extend", order="1204", life="stuck").status_code == 303
