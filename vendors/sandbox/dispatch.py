"""From a request to its delivery: which vendor, which endpoint, which fault."""

from collections.abc import Mapping
from dataclasses import replace

from vendors.sandbox.books import Call, CallLog
from vendors.sandbox.faults import (
    AFTER,
    BEFORE,
    SHOWING,
    Fault,
    FaultBoard,
    possible_faults,
)
from vendors.sandbox.messages import Answer, Delivery, Request
from vendors.sandbox.vendor import Vendor
from vendors.sandbox.world import World

# Where a followed redirect ends up: seen in the call log, taken by no vendor.
ELSEWHERE = "elsewhere"
UNKNOWN = "unknown"


class Dispatcher:
    """Hands each request to its vendor and records what became of it."""

    def __init__(
        self,
        world: World,
        vendors: Mapping[str, Vendor],
        faults: FaultBoard,
        calls: CallLog,
    ) -> None:
        self._world = world
        self._vendors = vendors
        self._faults = faults
        self._calls = calls

    def deliver(self, request: Request) -> Delivery:
        for vendor in self._vendors.values():
            place = vendor.below(request.path)
            if place is not None:
                below = replace(request, path=place[0])
                return self._deliver(vendor, below, request, at_login_host=place[1])
        delivery = Delivery(Answer(404))
        if request.path.startswith(f"/{ELSEWHERE}/"):
            delivery = Delivery(Answer.json(200, {}))
            self._record(ELSEWHERE, UNKNOWN, request, delivery, None)
        return delivery

    def _deliver(
        self, vendor: Vendor, below: Request, request: Request, at_login_host: bool
    ) -> Delivery:
        found = vendor.find(below.method, below.path, at_login_host)
        if isinstance(found, list):
            answer = (
                vendor.method_not_allowed(below, ", ".join(found))
                if found
                else vendor.not_found(below)
            )
            delivery = Delivery(answer)
            self._record(vendor.code, UNKNOWN, request, delivery, None)
            return delivery
        endpoint, parameters = found
        possible = possible_faults(vendor, endpoint.name)
        fault = self._faults.draw(vendor.code, endpoint.name, possible)
        if fault and fault.fault in BEFORE:
            instead = BEFORE[fault.fault](vendor, request, fault)
            delivery = Delivery(instead and vendor.complete(endpoint, instead))
        else:
            turn = SHOWING.get(fault.fault) if fault else None
            answer = vendor.answer(endpoint, below, parameters, turn)
            delivery = Delivery(answer)
            if fault and turn is None:
                delivery = AFTER[fault.fault](vendor, answer, fault)
        self._record(vendor.code, endpoint.name, request, delivery, fault)
        return delivery

    def _record(
        self,
        vendor: str,
        endpoint: str,
        request: Request,
        delivery: Delivery,
        fault: Fault | None,
    ) -> None:
        self._calls.record(
            Call(
                vendor=vendor,
                endpoint=endpoint,
                method=request.method,
                path=request.path,
                query=request.query,
                headers=request.headers,
                body=request.body.decode("utf-8", "replace"),
                status=delivery.answer.status if delivery.answer else None,
                fault=fault.fault if fault else "",
                at=self._world.clock.now().isoformat(),
            )
        )
