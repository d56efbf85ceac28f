"""The control address: what `Sandbox` can do, over HTTP.

    GET    /_sandbox/           a page for people
    GET    /_sandbox/state      orders, counts of calls, faults, settings
    GET    /_sandbox/calls      every call; ?vendor=eet for one vendor's, ?about=PO-1
                                for those with that in their body or query
    GET    /_sandbox/orders     ?vendor=eet: the orders in one vendor's books
    GET    /_sandbox/faults     the faults in force
    POST   /_sandbox/faults     {vendor, endpoint, fault, times, probability, seed,
                                seconds, retry_after, status}: put one in force
    GET    /_sandbox/fault-choices  which faults can befall which endpoints
    DELETE /_sandbox/faults     lift all; ?id=3 for one
    GET    /_sandbox/webhooks   the webhooks in force, and the calls made for them
    POST   /_sandbox/webhooks   {vendor, url, secret, triggers}: set one; without
                                triggers it is told of all there are
    DELETE /_sandbox/webhooks   remove all; ?id=3 for one
    GET    /_sandbox/eet/price_file  ?lines=100000&language=da: the file EET puts on
                                its file server
    POST   /_sandbox/release    let held answers go
    POST   /_sandbox/life       {vendor, order, life}: give an order another life
    POST   /_sandbox/settings   fields of `Settings`
    POST   /_sandbox/advance    {seconds}: move the clock forward
    POST   /_sandbox/reset      start over

Bodies are JSON; input that won't do gets 400 and {"field", "expected"}. The forms of
the page send the same members URL-encoded and are led back to it.
"""

from collections.abc import Callable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from vendors.sandbox import jsontext
from vendors.sandbox.eet import price_file
from vendors.sandbox.errors import BadInput
from vendors.sandbox.messages import Answer, Request
from vendors.sandbox.page import View, render_page

if TYPE_CHECKING:
    from vendors.sandbox.sandbox import Sandbox

CONTROL_PATH = "/_sandbox"
FORM = "application/x-www-form-urlencoded"
# Of a form: what stays text even where it looks like a number.
TEXTS = ("url", "secret", "order", "triggers")
MOST_CALLS_SHOWN = 25
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"

Input = dict[str, Any]


class Control:
    """Answers the calls to the control address."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._reads: dict[str, Callable[[Request], Any]] = {
            "/state": lambda request: sandbox.state(),
            "/calls": self._calls,
            "/orders": lambda request: sandbox.orders(
                request.parameter("vendor") or ""
            ),
            "/faults": lambda request: sandbox.faults(),
            "/fault-choices": lambda request: self._choices(),
            "/webhooks": lambda request: {
                "webhooks": sandbox.webhooks(),
                "calls": sandbox.webhook_calls(request.parameter("vendor")),
            },
        }
        self._acts: dict[str, Callable[[Input], Any]] = {
            "/faults": self._add_fault,
            "/faults/clear": self._clear_faults,
            "/webhooks": self._set_webhook,
            "/webhooks/clear": self._clear_webhooks,
            "/release": lambda sent: {"released": sandbox.release()},
            "/life": self._set_life,
            "/settings": self._change_settings,
            "/advance": lambda sent: sandbox.advance(_required(sent, "seconds")),
            "/reset": lambda sent: sandbox.reset(),
        }

    def answer(self, request: Request) -> Answer:
        try:
            return self._answer(request, request.path.removeprefix(CONTROL_PATH))
        except BadInput as bad:
            return Answer.json(400, {"field": bad.field, "expected": bad.expected})

    def _answer(self, request: Request, path: str) -> Answer:
        if request.method == "GET":
            if path in ("", "/"):
                return self._page()
            if path == "/eet/price_file":
                return _price_file(request)
            if path in self._reads:
                return Answer.json(200, self._reads[path](request))
        if request.method == "DELETE" and path in ("/faults", "/webhooks"):
            self._acts[f"{path}/clear"]({"id": request.parameter("id")})
            return Answer.json(200, {})
        if request.method == "POST" and path in self._acts:
            return self._act(request, path)
        return Answer.json(404, {"field": "path", "expected": sorted(self._acts)})

    def _act(self, request: Request, path: str) -> Answer:
        origin = request.headers.get("origin")
        if origin not in (None, f"http://{request.headers.get('host')}"):
            # A page of another site must not drive the sandbox through the browser.
            return Answer.json(403, {"field": "Origin", "expected": "this address"})
        if request.media_type == FORM:
            return self._act_on_form(request, path)
        done = self._acts[path](_read_json(request))
        return Answer.json(200, {} if done is None else done)

    def _act_on_form(self, request: Request, path: str) -> Answer:
        try:
            self._acts[path](_read_form(request))
        except BadInput as bad:
            return self._page(400, str(bad))
        return Answer(303, headers=(("Location", f"{CONTROL_PATH}/"),))

    def _page(self, status: int = 200, notice: str = "") -> Answer:
        sandbox = self._sandbox
        view = View(
            state=sandbox.state(),
            holdings={code: sandbox.holdings(code) for code in sandbox.vendors},
            choices=self._choices(),
            calls=[asdict(call) for call in sandbox.calls()[-MOST_CALLS_SHOWN:]],
            webhook_calls=sandbox.webhook_calls(),
            notice=notice,
        )
        page = Answer.html(status, render_page(view))
        return page.with_headers(("Content-Security-Policy", PAGE_POLICY))

    def _choices(self) -> dict[str, dict[str, list[str]]]:
        sandbox = self._sandbox
        return {code: sandbox.fault_choices(code) for code in sandbox.vendors}

    def _calls(self, request: Request) -> Any:
        vendor, about = request.parameter("vendor"), request.parameter("about") or ""
        return [
            asdict(call)
            for call in self._sandbox.calls(vendor)
            if about in call.body or any(about in v for v in call.query.values())
        ]

    def _add_fault(self, sent: Input) -> Any:
        if "target" in sent:
            # The page has one list of vendors and endpoints: extend/place_order.
            vendor, _, endpoint = str(sent["target"]).partition("/")
            sent = {"vendor": vendor, "endpoint": endpoint} | _without(sent, "target")
        vendor, fault = _required(sent, "vendor"), _required(sent, "fault")
        details = {
            name: value
            for name, value in sent.items()
            if name not in ("vendor", "fault") and value is not None
        }
        return {"id": self._sandbox.add_fault(vendor, fault=fault, **details)}

    def _clear_faults(self, sent: Input) -> None:
        self._sandbox.clear_faults(_number_of(sent, "a fault"))

    def _set_webhook(self, sent: Input) -> Any:
        vendor, url = _required(sent, "vendor"), _required(sent, "url")
        secret, triggers = _required(sent, "secret"), sent.get("triggers")
        return {"id": self._sandbox.set_webhook(vendor, url, secret, triggers)}

    def _clear_webhooks(self, sent: Input) -> None:
        self._sandbox.clear_webhooks(_number_of(sent, "a webhook"))

    def _change_settings(self, sent: Input) -> None:
        if "setting" in sent:
            sent = {str(sent["setting"]): sent.get("value", "")}
        self._sandbox.change_settings(**sent)

    def _set_life(self, sent: Input) -> None:
        order, life = _required(sent, "order"), _required(sent, "life")
        self._sandbox.set_life(_required(sent, "vendor"), order, life)


def _price_file(request: Request) -> Answer:
    lines = request.parameter("lines") or "1000"
    if not (lines.isascii() and lines.isdigit() and len(lines) < 10):
        raise BadInput("lines", f"a whole number up to {price_file.MOST_LINES}")
    language = request.parameter("language") or "da"
    content = price_file.price_file(int(lines), language)
    name = f'attachment; filename="{price_file.FILE_NAME}"'
    answer = Answer(200, content, "text/csv; charset=utf-8")
    return answer.with_headers(("Content-Disposition", name))


def _number_of(sent: Input, thing: str) -> int | None:
    number = sent.get("id")
    if number is None:
        return None
    if not (str(number).isascii() and str(number).isdigit()):
        raise BadInput("id", f"the number of {thing} in force")
    return int(number)


def _without(sent: Input, name: str) -> Input:
    return {key: value for key, value in sent.items() if key != name}


def _required(sent: Input, name: str) -> Any:
    value = sent.get(name)
    if value is None:
        raise BadInput(name, "is missing")
    return value


def _read_json(request: Request) -> Input:
    if not request.body:
        return {}
    try:
        sent = jsontext.loads(request.body)
    except ValueError as error:
        raise BadInput("body", f"a JSON object ({error})") from None
    if not isinstance(sent, dict):
        raise BadInput("body", "a JSON object")
    return sent


def _read_form(request: Request) -> Input:
    """Read a form: empty fields were not filled in, numbers are numbers.

    A field sent several times is a list.
    """
    sent: Input = {}
    for name, text in parse_qsl(request.body.decode("utf-8", "replace")):
        value = text if name in TEXTS else _value(text)
        if name not in sent:
            sent[name] = value
        elif isinstance(sent[name], list):
            sent[name].append(value)
        else:
            sent[name] = [sent[name], value]
    return sent


def _value(text: str) -> Any:
    try:
        return jsontext.loads(text.encode())
    except ValueError:
        return text
