"""The control address does over HTTP what the Python interface does."""

import pytest
import requests


@pytest.fixture
def control(sandbox):
    def call(method, path, document=None, **more):
        return requests.request(
            method, f"{sandbox.url}/_sandbox{path}", json=document, timeout=5, **more
        )

    return call


def test_the_state_shows_orders_counts_faults_and_settings(control, eet):
    eet.order()
    control("POST", "/faults", {"vendor": "eet", "fault": "slow", "times": 1})

    state = control("GET", "/state").json()

    assert state["vendors"]["eet"]["calls"] == {"login": 1, "place_order": 1}
    assert state["vendors"]["eet"]["orders"][0]["reference"] == "PO-2031-00042"
    assert state["vendors"]["extend"]["orders"] == []
    assert state["faults"][0]["fault"] == "slow"
    assert state["settings"]["step_seconds"] == 4


def test_calls_are_listed_for_one_vendor(control, eet, extend):
    extend.get("/ProductUnits")

    [call] = control("GET", "/calls?vendor=extend").json()

    assert call["endpoint"] == "units"
    assert call["method"] == "GET"
    assert call["status"] == 200
    assert call["path"] == "/extend/RESTAPI/v1_0/NORD/ProductUnits"


def test_calls_about_one_order_are_listed_alone(control, eet, extend):
    eet.order()
    extend.place_number()

    [call] = control("GET", "/calls?about=PO-2031-00042").json()

    assert call["vendor"] == "eet"
    assert call["endpoint"] == "place_order"


def test_the_books_of_one_vendor_are_listed_alone(control, eet, extend):
    eet.order()
    extend.place_number()

    [order] = control("GET", "/orders?vendor=eet").json()

    assert order["reference"] == "PO-2031-00042"
    assert order["lines"][0]["item_number"] == "KAB20417"
    assert control("GET", "/orders").json()["field"] == "vendor"


def test_faults_are_put_in_force_and_lifted(control, eet):
    wanted = {"vendor": "eet", "endpoint": "place_order", "fault": "refused"}

    assert control("POST", "/faults", wanted).json()["id"]
    assert eet.order().status_code == 400
    assert [each["happened"] for each in control("GET", "/faults").json()] == [1]
    control("DELETE", "/faults")
    assert eet.order().status_code == 200


def test_settings_clock_life_and_reset_work_over_http(control, sandbox, extend):
    assert control("POST", "/settings", {"step_seconds": 0.5}).ok
    number = extend.place_number()
    assert control("POST", "/advance", {"seconds": 0.5}).ok
    assert extend.read(number)["orderHeader"]["orderStatus"] == "Incoming"
    life = {"vendor": "extend", "order": number, "life": "unknown_word"}
    assert control("POST", "/life", life).ok
    assert sandbox.orders("extend")[0]["status"] == "Quarantined"
    assert control("POST", "/release").json() == {"released": 0}

    assert control("POST", "/reset").ok

    assert sandbox.orders("extend") == []
    assert sandbox.calls() == []
    assert sandbox.state()["settings"]["step_seconds"] == 4


def test_order_numbers_go_on_after_a_reset(sandbox, extend):
    first = extend.place_number()

    sandbox.reset()

    assert extend.place_number() > first


@pytest.mark.parametrize(
    ("path", "document", "field"),
    [
        ("/faults", {"fault": "slow"}, "vendor"),
        ("/faults", {"vendor": "nobody", "fault": "slow"}, "vendor"),
        ("/faults", {"vendor": ["eet"], "fault": "slow"}, "vendor"),
        ("/faults", {"vendor": "eet", "fault": "earthquake"}, "fault"),
        ("/faults", {"vendor": "eet", "fault": "slow", "times": "2"}, "times"),
        ("/settings", {"step_seconds": 0}, "step_seconds"),
        ("/settings", {"freight_row": 1}, "freight_row"),
        ("/settings", {"rate_limit": 1.5}, "rate_limit"),
        ("/settings", {"self": 1}, "self"),
        ("/advance", {}, "seconds"),
        ("/advance", {"seconds": -1}, "seconds"),
        ("/advance", {"seconds": "soon"}, "seconds"),
        ("/advance", {"seconds": [1]}, "seconds"),
        ("/life", {"vendor": "extend", "order": "1", "life": ["x"]}, "life"),
        ("/reset", [], "body"),
    ],
)
def test_bad_input_gets_a_400_that_names_the_field(control, path, document, field):
    answer = control("POST", path, document)

    assert answer.status_code == 400
    assert answer.json()["field"] == field
    assert answer.json()["expected"]


def test_unknown_control_calls_are_404(control):
    assert control("GET", "/nothing").status_code == 404
    assert control("PUT", "/faults", {}).status_code == 404


def test_the_page_escapes_what_came_from_outside(control, eet):
    eet.order(CustomerOrderNo="<script>x</script>")

    page = control("GET", "/").text

    assert "&lt;script&gt;x&lt;/script&gt;" in page
    assert "<script>" not in page


def test_a_button_of_the_page_puts_a_fault_in_force(control, sandbox, eet):
    form = {"vendor": "eet", "endpoint": "*", "fault": "refused", "times": "1"}

    answer = control("POST", "/faults", data=form, allow_redirects=False)

    assert answer.status_code == 303
    assert sandbox.faults()[0]["times"] == 1
    control("POST", "/faults/clear", data={"id": str(sandbox.faults()[0]["id"])})
    assert sandbox.faults() == []


def test_another_site_cannot_press_the_buttons(control, sandbox, eet):
    eet.order()

    answer = control("POST", "/reset", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert len(sandbox.orders("eet")) == 1
