"""Webhooks out: who is told of what, and the calls that tell it.

One thread looks after all of them while there are any: it lets the vendors take the
steps that have fallen due, makes calls of what happened, and repeats those that failed.
Events of the same moment go out in one call, so that a call may hold several.
"""

import itertools
import logging
import secrets
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from vendors.sandbox import loopback
from vendors.sandbox.errors import BadInput
from vendors.sandbox.faults import WEBHOOK, FaultBoard, possible_faults
from vendors.sandbox.hooks import Hook, HookCall, checked_triggers
from vendors.sandbox.vendor import Event, Vendor
from vendors.sandbox.world import World

logger = logging.getLogger(__name__)

TICK_SECONDS = 0.05
CLOSING_SECONDS = 1.0  # a call under way is not waited for any longer
MOST_CALLS = 10_000  # in the list; then the oldest go
MOST_ATTEMPTS = 3
# Pauses before the second and the third attempt, in units of the setting.
PAUSES = (1, 4)
GONE = 410
WRONG_SECRET = "not the secret of this hook"  # noqa: S105 (that is the point of it)


class Webhooks:
    """The hooks in force and the calls made for them."""

    def __init__(
        self, world: World, vendors: Mapping[str, Vendor], faults: FaultBoard
    ) -> None:
        self._world = world
        self._vendors = vendors
        self._faults = faults
        self._lock = threading.RLock()
        self._ids = itertools.count(1)
        self._hooks: list[Hook] = []
        self._calls: deque[HookCall] = deque(maxlen=MOST_CALLS)
        self._events: deque[Event] = deque()
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def set(
        self,
        vendor: Vendor,
        url: object,
        secret: object,
        triggers: object = None,
    ) -> int:
        """Put a hook in force, in the place of one with the same address.

        Raises:
            BadInput: a vendor without webhooks, an address elsewhere, no secret, or a
                trigger the vendor doesn't have.
        """
        if not vendor.triggers:
            raise BadInput("vendor", f"not {vendor.code}: it has no webhooks")
        address = loopback.checked_address(url)
        if not isinstance(secret, str) or not secret:
            raise BadInput("secret", "a text of one character or more")
        wanted = checked_triggers(vendor, triggers)
        hook = Hook(next(self._ids), vendor.code, address, secret, wanted)
        with self._lock:
            self._remove(
                each
                for each in self._hooks
                if (each.vendor, each.url) == (hook.vendor, hook.url)
            )
            self._hooks.append(hook)
            vendor.listener = self._events.append
            self._start()
        return hook.id

    def clear(self, hook_id: int | None = None) -> None:
        """Remove one hook, or all of them, with what was still to be sent."""
        with self._lock:
            self._remove(each for each in self._hooks if hook_id in (None, each.id))

    def reset(self) -> None:
        with self._lock:
            self.clear()
            self._calls.clear()
            self._events.clear()

    def close(self) -> None:
        self._stopping.set()
        if self._thread:
            self._thread.join(CLOSING_SECONDS)

    def hooks(self) -> list[dict[str, Any]]:
        with self._lock:
            return [hook.as_dict() for hook in self._hooks]

    def calls(self, vendor: str | None = None) -> list[dict[str, Any]]:
        """Return the calls of one vendor or of all, oldest first."""
        with self._lock:
            return [
                call.as_dict()
                for call in self._calls
                if vendor in (None, call.hook.vendor)
            ]

    def _remove(self, hooks: Iterable[Hook]) -> None:
        for hook in list(hooks):
            self._hooks.remove(hook)
            for call in self._calls:
                if call.hook is hook and call.state in ("waiting", "kept"):
                    call.state = "given_up"
        for code, vendor in self._vendors.items():
            if not any(hook.vendor == code for hook in self._hooks):
                vendor.listener = None

    def _start(self) -> None:
        if self._thread is None:
            self._thread = threading.Thread(
                target=self._run, name="vendor sandbox webhooks", daemon=True
            )
            self._thread.start()

    def _run(self) -> None:
        while not self._stopping.wait(TICK_SECONDS):
            try:
                self._work()
            except Exception:
                logger.exception("the webhooks of the vendor sandbox failed")

    def _work(self) -> None:
        self._check_echoes()
        self._settle_vendors()
        with self._lock:
            self._make_calls()
            self._free_kept_calls()
            due = self._due_calls()
        for call in due:
            if call.state == "waiting" and not self._stopping.is_set():
                self._send(call)

    def _check_echoes(self) -> None:
        """Ask each new address whether it means to be called (inferred)."""
        with self._lock:
            pending = [hook for hook in self._hooks if hook.echo == "pending"]
        for hook in pending:
            names = [name for name, _ in parse_qsl(urlsplit(hook.url).query, True)]
            if "noecho" in names:
                hook.echo = "skipped"
                continue
            token = secrets.token_hex(16)
            reply = loopback.get(hook.url, echo=token)
            answered = reply is not None and 200 <= reply.status < 300
            is_same = answered and reply is not None and reply.body == token.encode()
            hook.echo = "passed" if is_same else "failed"

    def _settle_vendors(self) -> None:
        with self._lock:
            codes = {hook.vendor for hook in self._hooks}
        for code in codes:
            with self._vendors[code].lock:
                self._vendors[code].settle()

    def _make_calls(self) -> None:
        events = [self._events.popleft() for _ in range(len(self._events))]
        for hook in self._hooks:
            told = [
                event
                for event in events
                if event.vendor == hook.vendor and event.action in hook.triggers
            ]
            moments = itertools.groupby(told, key=lambda event: event.at)
            for _, together in moments:
                self._make_call(hook, list(together))

    def _make_call(self, hook: Hook, events: Sequence[Event]) -> None:
        possible = possible_faults(self._vendors[hook.vendor], WEBHOOK)
        fault = self._faults.draw(hook.vendor, WEBHOOK, possible)
        call = HookCall.telling(hook, events, self._world.clock.now())
        kept = [each for each in self._calls if each.is_kept_for(hook)]
        for each in kept:
            if each.fault == "batched":
                call.notifications[:0] = each.notifications
                self._calls.remove(each)
        call.suffer(fault.fault if fault else "", keep_for=self._pause(0))
        self._calls.append(call)
        if call.state != "kept":
            self._free(each for each in kept if each.fault == "reordered")

    def _free(self, kept: Iterable[HookCall]) -> None:
        """Send off what was kept, after all that is in the list already."""
        for call in list(kept):
            call.state, call.due_at = "waiting", self._world.clock.now()
            self._calls.remove(call)
            self._calls.append(call)

    def _free_kept_calls(self) -> None:
        """Wait no longer for a next call than for a repeat."""
        now = self._world.clock.now()
        self._free(
            call for call in self._calls if call.state == "kept" and call.due_at <= now
        )

    def _due_calls(self) -> list[HookCall]:
        now = self._world.clock.now()
        return [
            call
            for call in self._calls
            if call.state == "waiting" and call.due_at <= now
        ]

    def _send(self, call: HookCall) -> None:
        call.attempt += 1
        wrong = call.fault == "bad_signature"
        body, headers = self._vendors[call.hook.vendor].hook_message(
            WRONG_SECRET if wrong else call.hook.secret, call.document()
        )
        call.body = body.decode()
        reply = loopback.post(call.hook.url, body, headers)
        if call.fault == "duplicate" and call.attempt == 1:
            loopback.post(call.hook.url, body, headers)
        with self._lock:
            self._note(call, reply.status if reply else None)

    def _note(self, call: HookCall, status: int | None) -> None:
        call.status = status
        if call.state != "waiting":
            return  # its hook was removed meanwhile
        if status is not None and 200 <= status < 300:
            call.state = "delivered"
        elif status == GONE or call.attempt >= MOST_ATTEMPTS:
            call.state = "given_up"
        else:
            call.due_at = self._world.clock.now() + self._pause(call.attempt - 1)

    def _pause(self, index: int) -> timedelta:
        return PAUSES[index] * timedelta(
            seconds=self._world.settings.hook_retry_seconds
        )
