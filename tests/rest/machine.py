"""Random play with orders over REST, every call of it foretold.

Anybody does anything to any order, in any state, while suppliers take, refuse, lose
and follow orders as it falls out. `judging` and `happening` say what has to come of it.
"""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from typing import Any

from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from procurement.fulfilment.polling import poll_supplier
from procurement.transmissions.calling import call
from procurement.transmissions.claiming import claim
from procurement.transmissions.looking_up import look_up
from procurement.transmissions.models import LIVE, Operation, Transmission
from procurement.transmissions.recording import record
from procurement.transmissions.sweeping import sweep
from tests.rest import bodies, happening
from tests.rest.judging import (
    ASKS_LATER,
    JUDGES,
    Ask,
    Refusal,
    may_see,
    on_its_way,
    require_allowed,
)
from tests.rest.model import Line, Order
from tests.rest.people import Caller
from tests.rest.play import Play, Said
from tests.rest.turns import MOST_ORDERS, turns
from vendors.contracts import OrderRequest

QUESTIONS = frozenset({"refresh", "check_lines"})
TAKE_VERSION = frozenset({"approve", "take_prices", "change"})


class RestMachine(RuleBasedStateMachine):
    """Orders, everybody who calls about them, and what their suppliers do."""

    def __init__(self) -> None:
        super().__init__()
        self.play = Play()
        self.play.begin()

    def teardown(self) -> None:
        try:
            self.play.read_all_again(page_size=7)
            for supplier in self.play.suppliers.values():
                references = [each.request.reference for each in supplier.booked]
                assert len(references) == len(set(references)), "ordered twice"
        finally:
            self.play.end()

    @rule(turn=turns())
    def turn(self, turn: tuple[str, dict[str, Any]]) -> None:
        name, arguments = turn
        getattr(self, name)(**arguments)

    # --- entering -----------------------------------------------------------------

    @initialize()
    def some_orders(self) -> None:
        line = Line(1, "SKU-1", Decimal(6), Decimal("41.50"))
        self._enter("bea", "extend-nord", [line], {})
        self._enter("bo", "eet-nord", [replace(line)], {})
        self._enter("chief", "extend-nord", [replace(line)], {})

    def enter(
        self,
        who: str,
        supplier: str,
        lines: list[Line],
        shop: str | None,
        reference: str,
    ) -> None:
        if len(self.play.orders) == MOST_ORDERS:
            return
        more = {"shop": shop} if shop else {}
        if reference:
            more["external_reference"] = f"{reference} of {who}"
        self._enter(who, supplier, lines, more)

    def _enter(
        self, who: str, supplier: str, lines: list[Line], more: dict[str, Any]
    ) -> None:
        caller, reference = self.play.callers[who], more.get("external_reference", "")
        body = {"supplier": supplier, "lines": bodies.as_sent(lines), **more}
        before = self.play.bodies_by_reference.get(reference)
        status, shown = self._post(caller, "orders/", body)
        if "create" not in caller.may:
            assert status == 403, shown
        elif reference and before is not None:
            self._same_reference(body, before, status, shown)
        else:
            assert status == 201, shown
            order = Order(
                number=shown["number"],
                supplier=supplier,
                shop=more.get("shop") or caller.shop,
                buyer=caller.username,
                creator=caller.username,
                lines=lines,
                reference=reference,
            )
            self.play.orders.append(order)
            if reference:
                self.play.bodies_by_reference[reference] = (caller, body, order)
            self.play.compare(order)
            return
        self.play.compare()

    def _same_reference(
        self, body: dict[str, Any], before: Any, status: int, shown: dict[str, Any]
    ) -> None:
        _, first_body, order = before
        if body == first_body:
            assert (status, shown["number"]) == (200, order.number)
        else:
            assert (status, shown["code"]) == (409, "external_reference_taken"), shown

    # --- acting -------------------------------------------------------------------

    def act(
        self,
        at: int,
        steps: int,
        mood: str,
        action: str,
        who: str,
        version: str | None,
        is_bad: bool,
        objects: bool,
        body: dict[str, Any],
    ) -> None:
        """Anybody does anything, to an order that first gets on by some steps."""
        order = self._order(at)
        self._get_on(order, steps, mood)
        body = dict(body)
        if action == "resolve":
            self._find_out(order, body)
        if is_bad:
            body = bodies.BAD.get(action, bodies.NONSENSE)
        self._act(order, action, who, body, version, is_bad, objects)

    def _find_out(self, order: Order, body: dict[str, Any]) -> None:
        body["outcome"] = "placed"
        if on_its_way(order, "unknown"):
            supplier = self.play.supplier_of(order)
            body["outcome"] = happening.found_out(order, supplier)
            booked = supplier.with_reference(order.number)
            if booked and order.placing:
                body["supplier_order_number"] = booked[0].number

    def _act(
        self,
        order: Order,
        action: str,
        who: str,
        body: dict[str, Any],
        version: str | None = None,
        is_bad: bool = False,
        objects: bool = False,
        lines: list[Line] | None = None,
    ) -> None:
        name = who
        if who not in self.play.callers:
            name = bodies.fitting_caller(action, order, is_owner=who == "an owner")
        caller, supplier = self.play.callers[name], self.play.supplier_of(order)
        given = _version(order, version) if action in TAKE_VERSION else None
        number = (order.supplier, str(body.get("invoice_number")))
        ask = Ask(
            body,
            is_bad=is_bad,
            version=given,
            objects=objects,
            is_taken=number in self.play.invoice_numbers,
            hours=self.play.hours,
            lines=lines or (),
        )
        expected = self._expected(order, action, caller, ask)
        supplier.objections = ("They don't take this.",) if objects else ()
        path = f"orders/{order.number}/"
        headers = {} if given is None else {"If-Match": f'"{given}"'}
        if action == "change":
            status, shown = caller.call("PATCH", path, body, **headers)
        else:
            path += f"{action}/"
            has_key = action not in QUESTIONS
            status, shown = self._post(caller, path, body, has_key=has_key, **headers)
        supplier.objections = ()
        found = (status, shown.get("code", "") if expected[1] else "")
        assert found == expected, f"{name} {action} {order.number} {body}: {shown}"
        is_refused = status >= 400
        if action == "invoice" and not is_refused:
            self.play.invoice_numbers.add(number)
        before = order.version
        self.play.compare(*(() if is_refused else (order,)))
        if not is_refused and action not in QUESTIONS:
            assert order.version > before, f"{action} left the version as it was"

    def _expected(
        self, order: Order, action: str, caller: Caller, ask: Ask
    ) -> tuple[int, str]:
        """The status, and the code where there is one to foretell."""
        supplier = self.play.supplier_of(order)
        of_the_supplier: dict[str, Callable[[], None]] = {
            "refresh": lambda: happening.refresh(order, supplier),
            "check_lines": lambda: happening.check_lines(
                order, supplier, self.play.hours
            ),
            "resolve": lambda: happening.resolve(order, ask),
        }
        try:
            require_allowed(caller, action, order, ask)
            if action in JUDGES:
                JUDGES[action](order, caller, ask)
            else:
                of_the_supplier[action]()
        except Refusal as refusal:
            return refusal.status, refusal.code
        return (202 if action in ASKS_LATER else 200), ""

    def _get_on(self, order: Order, steps: int, mood: str) -> None:
        """An order takes some steps along its way."""
        for _ in range(steps):
            if order.fulfilment == "cancelled":
                return
            if order.approval in ("draft", "returned"):
                self._act(order, "submit", "", {})
            elif order.approval == "pending":
                if bodies.own_approvers(order):
                    self._act(order, "approve", "an owner", {})
                self._act(order, "approve", "", {})
            elif order.approval == "approved" and order.transmission == "none":
                self._act(order, "send", "", {})
            elif order.transmission == "queued":
                self._carry(order, mood)
            elif order.transmission == "unknown":
                self._suppliers_are_asked()

    def change(
        self,
        at: int,
        steps: int,
        mood: str,
        who: str,
        version: str | None,
        note: str | None,
        lines: list[Line] | None,
        reference: str | None,
    ) -> None:
        order = self._order(at)
        self._get_on(order, steps, mood)
        body: dict[str, Any] = {} if note is None else {"note": note}
        if lines is not None:
            body["lines"] = bodies.as_sent(lines)
        if reference is not None:
            body["external_reference"] = f"{reference} {order.number}"
        self._act(order, "change", who, body, version, lines=lines)

    # --- the same call again ------------------------------------------------------

    def _post(
        self,
        caller: Caller,
        path: str,
        body: dict[str, Any],
        *,
        has_key: bool = True,
        **headers: str,
    ) -> tuple[int, dict[str, Any]]:
        key = self.play.new_key()
        if has_key:
            headers["Idempotency-Key"] = key
        status, shown = caller.call("POST", path, body, **headers)
        if has_key and (status < 400 or status == 409):
            said = Said(caller, path, body, headers, status, shown)
            self.play.said.append(said)
        return status, shown

    def again(self, what: str, at: int, who: str, page_size: int) -> None:
        """What was called before is called once more, or all is read."""
        if what == "read all":
            self.play.read_all_again(page_size)
        elif what == "look":
            self._look(self._order(at), self.play.callers[who])
        elif self.play.said:
            self._say_again(at, is_other=what == "say something else")

    def _say_again(self, at: int, *, is_other: bool) -> None:
        """A call is repeated with its key: the same answer, or none if it differs."""
        said = self.play.said[at % len(self.play.said)]
        body = {**said.body, "comment": "Another."} if is_other else said.body
        status, shown = said.caller.call("POST", said.path, body, **said.headers)
        if body != said.body:
            assert (status, shown["code"]) == (409, "idempotency_key_reused"), shown
        else:
            assert (status, shown) == (said.status, said.answer), said.path
        self.play.compare()

    # --- what workers and suppliers do --------------------------------------------

    def carry(self, at: int, mood: str) -> None:
        """A worker takes what is due of an order, and calls the supplier."""
        self._carry(self._order(at), mood)

    def _carry(self, order: Order, mood: str) -> None:
        carrier = on_its_way(order, "queued")
        if carrier is None or carrier.due != "now":
            return
        supplier, is_placing = self.play.supplier_of(order), carrier is order.placing
        supplier.mood = mood
        attempts = claim([self._transmission(order).pk], waits=True)
        if not is_placing and order.fulfilment == "cancelled":
            assert not attempts
            order.cancelling = None
        else:
            booked_before = len(supplier.booked)
            if not is_placing:
                supplier.mood = mood = self._mood_of_cancelling(order, mood)
            record([call(attempt) for attempt in attempts])
            if is_placing:
                assert len(supplier.booked) - booked_before <= 1
                number = supplier.booked[-1].number if mood == "accepted" else ""
                happening.placed(order, mood, number, self.play.hours)
            else:
                happening.cancelling_tried(order, mood, self.play.hours)
        self.play.compare(order)

    def _mood_of_cancelling(self, order: Order, mood: str) -> str:
        """What is picked is not cancelled any more, however the call would go."""
        if mood in ("not sent", "throttled"):
            return mood
        seen = self.play.supplier_of(order).under(order.supplier_number)
        return mood if seen.header() in ("none", "confirmed") else "refused"

    def meanwhile(self, what: str, at: int, how: str, is_so: bool, price: str) -> None:
        """What nobody asks for by a call."""
        order = self._order(at)
        match what:
            case "time passes":
                self._time_passes()
            case "look-ups are made":
                self._suppliers_are_asked()
            case "the list is read":
                self._poll()
            case "a worker dies":
                self._worker_dies(order, has_landed=is_so)
            case "an order goes on there":
                self._goes_on_there(order, how, is_asked=is_so)
            case "a price moves":
                self.play.suppliers["extend-nord"].prices["SKU-1"] = Decimal(price)

    def _worker_dies(self, order: Order, *, has_landed: bool) -> None:
        """In mid-call: the supplier may have the order, and nobody will tell."""
        carrier = order.placing
        if carrier is None or (carrier.state, carrier.due) != ("queued", "now"):
            return
        attempts = claim([self._transmission(order).pk], waits=True)
        if has_landed:
            request = OrderRequest.from_json(attempts[0].request)
            self.play.is_as_approved(request)
            self.play.supplier_of(order).take(request)
        carrier.state, order.transmission = "sending", "sending"
        self.play.compare(order)

    def _time_passes(self) -> None:
        """Waits end, and what dead workers held is taken from them."""
        self.play.shift_clock()
        for order in self.play.orders:
            for carrier in filter(None, (order.placing, order.cancelling)):
                if carrier.due == "later":
                    carrier.due = "now"
        sweep()
        held = [each for each in self.play.orders if each.transmission == "sending"]
        for order in held:
            assert order.placing
            happening.lost(order, order.placing)
        self.play.compare(*held)

    def _suppliers_are_asked(self) -> None:
        """The look-ups that are due are made."""
        self._time_passes()
        for order in self.play.orders:
            carrier = on_its_way(order, "unknown")
            if carrier is not None and carrier.due == "now":
                look_up(transmission_id=self._transmission(order).pk)
                happening.looked_up(order, self.play.supplier_of(order))
                self.play.compare(order)

    def _goes_on_there(self, order: Order, how: str, *, is_asked: bool) -> None:
        """An order goes on at its supplier, which is asked about it or not."""
        for booked in self.play.supplier_of(order).with_reference(order.number):
            booked.move(how)
        if is_asked:
            self._act(order, "refresh", "", {})

    def _poll(self) -> None:
        """The list of the supplier that has one is read."""
        self._time_passes()
        poll_supplier(supplier_id=self.play.supplier_ids["extend-nord"])
        for order in self._orders_at("extend-nord"):
            happening.polled(order, self.play.supplier_of(order))
        self.play.compare(*self._orders_at("extend-nord"))

    # --- reading ------------------------------------------------------------------

    def _look(self, order: Order, caller: Caller) -> None:
        """Whoever may not see an order is told that there is none."""
        status, shown = caller.call("GET", f"orders/{order.number}/")
        if may_see(caller, order):
            assert (status, shown["version"]) == (200, order.version)
        else:
            assert (status, shown["code"]) == (404, "not_found")

    # --- helping ------------------------------------------------------------------

    def _order(self, at: int) -> Order:
        return self.play.orders[at % len(self.play.orders)]

    def _orders_at(self, supplier: str) -> list[Order]:
        return [order for order in self.play.orders if order.supplier == supplier]

    def _transmission(self, order: Order) -> Transmission:
        """The one that is on its way for an order."""
        operation = Operation.PLACE_ORDER if order.placing else Operation.CANCEL_ORDER
        return Transmission.objects.get(
            operation=operation, subject=order.number, state__in=LIVE
        )


def _version(order: Order, version: str | None) -> int | None:
    if version is None:
        return None
    return order.version if version == "right" else order.version + 1
