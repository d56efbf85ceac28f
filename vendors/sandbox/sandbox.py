"""The sandbox as a whole: start it, look into its books, make it misbehave."""

import threading
from collections.abc import Sequence
from itertools import chain
from typing import Any

from vendors.sandbox.books import Call, CallLog
from vendors.sandbox.control import CONTROL_PATH, Control
from vendors.sandbox.dispatch import Dispatcher
from vendors.sandbox.errors import BadInput
from vendors.sandbox.faults import (
    ANY,
    NAMES,
    WEBHOOK,
    Fault,
    FaultBoard,
    possible_faults,
)
from vendors.sandbox.messages import Delivery, Request
from vendors.sandbox.registry import VENDORS
from vendors.sandbox.vendor import Vendor
from vendors.sandbox.webhooks import Webhooks
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
        self._webhooks = Webhooks(self._world, self._vendors, self._faults)
        self._control = Control(self)
        self._server = Server(port, self._respond)
        self._world.url = self.url
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
        """Stop serving and calling, and cut all connections."""
        self._webhooks.close()
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

    def login_url(self, vendor: str) -> str:
        """Return the address of a vendor's login; its base URL if it has no other."""
        stand_in = self._vendor(vendor)
        return self.url + (stand_in.login_path or stand_in.base_path)

    @property
    def vendors(self) -> dict[str, list[str]]:
        """Return the names of the endpoints of each vendor."""
        return {
            code: list(dict.fromkeys(endpoint.name for endpoint in vendor.endpoints))
            for code, vendor in self._vendors.items()
        }

    def orders(self, vendor: str) -> list[dict[str, Any]]:
        """Return every order a vendor took, oldest first.

        Each has the keys of `BookedOrder` and `status`, the vendor's word for where it
        stands now.
        """
        return self._vendor(vendor).orders()

    def shops(self, vendor: str) -> list[dict[str, Any]]:
        """Return the shops created over the API, as they stand, oldest first."""
        return self._vendor(vendor).shops()

    def customers(self, vendor: str) -> list[dict[str, Any]]:
        """Return the customers created over the API, oldest first."""
        return self._vendor(vendor).customers()

    def holdings(self, vendor: str) -> dict[str, list[dict[str, Any]]]:
        """Return all a vendor holds that is worth a look, by title."""
        return self._vendor(vendor).holdings()

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
                    "login_url": self.login_url(code),
                    "endpoints": endpoints,
                    "triggers": list(self._vendors[code].triggers),
                    "has_states": bool(self._vendors[code].status_calls),
                    "calls": self._calls.counts(code),
                    "orders": self.orders(code),
                    "shops": self.shops(code),
                    "customers": self.customers(code),
                }
                for code, endpoints in self.vendors.items()
            },
            "faults": self.faults(),
            "webhooks": self.webhooks(),
            "held": self._server.gate.waiting,
            "settings": self._world.settings.as_dict(),
        }

    def add_fault(
        self, /, vendor: str, *, fault: str, endpoint: str = ANY, **details: Any
    ) -> int:
        """Put a fault in force and return its id.

        Args:
            fault: one of `faults.NAMES`.
            endpoint: one of the vendor's, `*` for any that the fault can befall, or
                `webhook` for the calls the vendor makes itself.
            details: further fields of `Fault`, such as `times` or `probability`.

        Raises:
            BadInput: one of them won't do.
        """
        choices = self.fault_choices(vendor)
        if fault not in NAMES:
            raise BadInput("fault", f"one of {', '.join(NAMES)}")
        if endpoint not in choices:
            raise BadInput("endpoint", f"one of {', '.join(choices)}")
        if fault not in choices[endpoint]:
            raise BadInput("fault", f"not {fault} at {endpoint} of {vendor}")
        unknown = sorted(set(details) - set(Fault.__slots__))
        if unknown:
            raise BadInput(unknown[0], "not a field of a fault")
        return self._faults.add(Fault(vendor, endpoint, fault, **details))

    def fault_choices(self, vendor: str) -> dict[str, list[str]]:
        """Return which faults can befall each endpoint of a vendor, `*` first."""
        stand_in = self._vendor(vendor)
        names = [each.name for each in stand_in.endpoints]
        if stand_in.triggers:
            names.append(WEBHOOK)
        possible = {name: possible_faults(stand_in, name) for name in names}
        possible = {ANY: {*chain.from_iterable(possible.values())}, **possible}
        return {
            name: [fault for fault in NAMES if fault in faults]
            for name, faults in possible.items()
        }

    def clear_faults(self, fault_id: int | None = None) -> None:
        """Lift one fault, or all of them."""
        self._faults.clear(fault_id)

    def release(self) -> int:
        """Let all held answers go and return how many there were."""
        return self._server.gate.release()

    def set_life(self, vendor: str, order: str, life: str) -> None:
        """Give an order another life (`lives.Turn`), by its number or our reference."""
        self._vendor(vendor).set_life(order, life)

    def set_webhook(
        self, vendor: str, url: str, secret: str, triggers: Sequence[str] | None = None
    ) -> int:
        """Let a vendor tell an address of this machine what happens; return its id.

        A hook with the same address is replaced. The address is asked to echo a word
        first; what it answers is shown, and the hook stands whatever it is.

        Args:
            secret: signs the calls.
            triggers: of the vendor's; None = all of them.

        Raises:
            BadInput: one of them won't do, or the vendor has no webhooks.
        """
        return self._webhooks.set(self._vendor(vendor), url, secret, triggers)

    def clear_webhooks(self, hook_id: int | None = None) -> None:
        """Remove one webhook, or all of them; what was still to be sent is not."""
        self._webhooks.clear(hook_id)

    def webhooks(self) -> list[dict[str, Any]]:
        """Return the webhooks in force, without their secrets."""
        return self._webhooks.hooks()

    def webhook_calls(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """Return the calls made or to be made for webhooks, oldest first."""
        return self._webhooks.calls(vendor)

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
        """Return to the start: no orders, tokens, calls, faults or webhooks.

        Settings are as they were given at the start, and the clock is right again.

        Order numbers go on, since a buyer may still hold the old ones.
        """
        self._faults.clear()
        self._webhooks.reset()
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
