"""The sandbox as a whole: start it, look into its books, make it misbehave."""

import threading
from typing import Any

from vendors.sandbox.books import Call, CallLog
from vendors.sandbox.control import CONTROL_PATH, Control
from vendors.sandbox.dispatch import Dispatcher
from vendors.sandbox.errors import BadInput
from vendors.sandbox.faults import ANY, Fault, FaultBoard
from vendors.sandbox.messages import Delivery, Request
from vendors.sandbox.registry import VENDORS
from vendors.sandbox.vendor import Vendor
from vendors.sandbox.wire import HOST, Server
from vendors.sandbox.world import Settings, World

MOST_SECONDS_AHEAD = 10 * 366 * 24 * 3600


class Sandbox:
    """All vendors on one port of 127.0.0.1.

    Use it as a context manager to run it in a thread, or call `serve_forever`.

    Args:
        port: 0 takes a free one.
        settings: fields of `Settings` by name; they win over the environment.

    Raises:
        BadInput: a setting that won't do.
        OSError: the port is taken.
    """

    def __init__(self, port: int = 0, **settings: object) -> None:
        self._world = World(Settings.from_environment().changed(settings))
        self._vendors: dict[str, Vendor] = {
            vendor.code: vendor(self._world) for vendor in VENDORS
        }
        self._faults = FaultBoard()
        self._calls = CallLog()
        self._dispatcher = Dispatcher(
            self._world, self._vendors, self._faults, self._calls
        )
        self._control = Control(self)
        self._server = Server(port, self._respond)
        self._is_serving = False

    def __enter__(self) -> "Sandbox":
        self._is_serving = True
        thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.05},
            name="vendor sandbox",
            daemon=True,
        )
        thread.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def serve_forever(self) -> None:
        """Serve in this thread until interrupted or closed; print nothing."""
        self._is_serving = True
        try:
            self._server.serve_forever()
        finally:
            self._is_serving = False
            self.close()

    def close(self) -> None:
        """Stop serving and cut all connections."""
        if self._is_serving:
            self._is_serving = False
            self._server.shutdown()
        self._server.close_connections()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://{HOST}:{self._server.server_port}"

    def base_url(self, vendor: str) -> str:
        """Return the address to configure as a vendor's base URL."""
        return self.url + self._vendor(vendor).base_path

    @property
    def vendors(self) -> dict[str, list[str]]:
        """Return the names of the endpoints of each vendor."""
        return {
            code: [endpoint.name for endpoint in vendor.endpoints]
            for code, vendor in self._vendors.items()
        }

    def orders(self, vendor: str) -> list[dict[str, Any]]:
        """Return every order a vendor took, oldest first.

        Each has the keys of `BookedOrder` and `status`, the vendor's word for where it
        stands now.
        """
        return self._vendor(vendor).orders()

    def calls(self, vendor: str | None = None) -> list[Call]:
        """Return the calls of one vendor or of all, oldest first."""
        return self._calls.calls(vendor)

    def faults(self) -> list[dict[str, Any]]:
        """Return the faults in force, with `id` and how often each `happened`."""
        return self._faults.list()

    def state(self) -> dict[str, Any]:
        """Return all there is to know, but for the calls themselves."""
        return {
            "now": self._world.clock.now(),
            "vendors": {
                code: {
                    "base_url": self.base_url(code),
                    "endpoints": endpoints,
                    "calls": self._calls.counts(code),
                    "orders": self.orders(code),
                }
                for code, endpoints in self.vendors.items()
            },
            "faults": self.faults(),
            "held": self._server.gate.waiting,
            "settings": self._world.settings.as_dict(),
        }

    def add_fault(
        self, /, vendor: str, *, fault: str, endpoint: str = ANY, **details: Any
    ) -> int:
        """Put a fault in force and return its id.

        Args:
            fault: a key of `faults.BEFORE` or `faults.AFTER`.
            endpoint: one of the vendor's, or `*` for any.
            details: further fields of `Fault`, such as `times` or `probability`.

        Raises:
            BadInput: one of them won't do.
        """
        names = [ANY, *(each.name for each in self._vendor(vendor).endpoints)]
        if endpoint not in names:
            raise BadInput("endpoint", f"one of {', '.join(names)}")
        unknown = sorted(set(details) - set(Fault.__slots__))
        if unknown:
            raise BadInput(unknown[0], "not a field of a fault")
        return self._faults.add(Fault(vendor, endpoint, fault, **details))

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Lift one fault, or all of them."""
        self._faults.clear(fault_id)

    def release(self) -> int:
        """Let all held answers go and return how many there were."""
        return self._server.gate.release()

    def set_life(self, vendor: str, order: str, life: str) -> None:
        """Give an order another life (`lives.Turn`), by its number or our reference."""
        self._vendor(vendor).set_life(order, life)

    def change_settings(self, /, **changes: Any) -> None:
        self._world.change_settings(changes)

    def advance(self, seconds: float) -> None:
        """Move the sandbox's clock forward."""
        is_number = isinstance(seconds, int | float) or hasattr(seconds, "as_tuple")
        if isinstance(seconds, bool) or not is_number:
            raise BadInput("seconds", "a number")
        if not 0 <= seconds <= MOST_SECONDS_AHEAD:
            raise BadInput("seconds", f"from 0 to {MOST_SECONDS_AHEAD}")
        self._world.clock.advance(float(seconds))

    def reset(self) -> None:
        """Return to the start: no orders, tokens, calls or faults, settings as given.

        Order numbers go on, since a buyer may still hold the old ones.
        """
        self._faults.clear()
        self._server.gate.release()
        self._world.reset()
        for vendor in self._vendors.values():
            with vendor.lock:
                vendor.open_books()
        self._calls.clear()

    def _vendor(self, code: str) -> Vendor:
        try:
            return self._vendors[code]
        except (KeyError, TypeError):
            raise BadInput("vendor", f"one of {', '.join(self._vendors)}") from None

    def _respond(self, request: Request) -> Delivery:
        if request.path.startswith(CONTROL_PATH):
            return Delivery(self._control.answer(request))
        return self._dispatcher.deliver(request)
