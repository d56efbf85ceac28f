"""The control address: what `Sandbox` can do, over HTTP.

    GET    /_sandbox/           a page for people
    GET    /_sandbox/state      orders, counts of calls, faults, settings
    GET    /_sandbox/calls      every call; ?vendor=eet for one vendor's
    GET    /_sandbox/faults     the faults in force
    POST   /_sandbox/faults     {vendor, endpoint, fault, times, probability, seed,
                                seconds, retry_after, status}: put one in force
    DELETE /_sandbox/faults     lift all; ?id=3 for one
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
from vendors.sandbox.errors import BadInput
from vendors.sandbox.messages import Answer, Request
from vendors.sandbox.page import render_page

if TYPE_CHECKING:
    from vendors.sandbox.sandbox import Sandbox

CONTROL_PATH = "/_sandbox"
FORM = "application/x-www-form-urlencoded"
PAGE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"

Input = dict[str, Any]


class Control:
    """Answers the calls to the control address."""

    def __init__(self, sandbox: "Sandbox") -> None:
        self._sandbox = sandbox
        self._reads: dict[str, Callable[[Request], Any]] = {
            "/state": lambda request: sandbox.state(),
            "/calls": self._calls,
            "/faults": lambda request: sandbox.faults(),
        }
        self._acts: dict[str, Callable[[Input], Any]] = {
            "/faults": self._add_fault,
            "/faults/clear": self._clear_faults,
            "/release": lambda sent: {"released": sandbox.release()},
            "/life": self._set_life,
            "/settings": lambda sent: sandbox.change_settings(**sent),
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
                page = Answer.html(200, render_page(self._sandbox.state()))
                return page.with_headers(("Content-Security-Policy", PAGE_POLICY))
            if path in self._reads:
                return Answer.json(200, self._reads[path](request))
        if request.method == "DELETE" and path == "/faults":
            self._clear_faults({"id": request.parameter("id")})
            return Answer.json(200, {})
        if request.method == "POST" and path in self._acts:
            return self._act(request, path)
        return Answer.json(404, {"field": "path", "expected": sorted(self._acts)})

    def _act(self, request: Request, path: str) -> Answer:
        origin = request.headers.get("origin")
        if origin not in (None, f"http://{request.headers.get('host')}"):
            # A page of another site must not drive the sandbox through the browser.
            return Answer.json(403, {"field": "Origin", "expected": "this address"})
        is_form = request.media_type == FORM
        done = self._acts[path](_read_form(request) if is_form else _read_json(request))
        if is_form:
            return Answer(303, headers=(("Location", f"{CONTROL_PATH}/"),))
        return Answer.json(200, {} if done is None else done)

    def _calls(self, request: Request) -> Any:
        vendor = request.parameter("vendor")
        return [asdict(call) for call in self._sandbox.calls(vendor)]

    def _add_fault(self, sent: Input) -> Any:
        vendor, fault = _required(sent, "vendor"), _required(sent, "fault")
        details = {
            name: value
            for name, value in sent.items()
            if name not in ("vendor", "fault") and value is not None
        }
        return {"id": self._sandbox.add_fault(vendor, fault=fault, **details)}

    def _clear_faults(self, sent: Input) -> None:
        fault_id = sent.get("id")
        if fault_id is not None and not str(fault_id).isdecimal():
            raise BadInput("id", "the number of a fault in force")
        self._sandbox.clear_faults(None if fault_id is None else int(fault_id))

    def _set_life(self, sent: Input) -> None:
        order, life = _required(sent, "order"), _required(sent, "life")
        self._sandbox.set_life(_required(sent, "vendor"), order, life)


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
    """Read a form: empty fields were not filled in, numbers are numbers."""
    sent: Input = {}
    for name, text in parse_qsl(request.body.decode("utf-8", "replace")):
        try:
            sent[name] = jsontext.loads(text.encode())
        except ValueError:
            sent[name] = text
    return sent
