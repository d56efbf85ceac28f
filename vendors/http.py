"""The client every vendor module calls through.

It does HTTP and nothing else: sends once, within limits, records the exchange
with its secrets masked, and turns what went wrong into one of the three errors
of `vendors.errors`. What an answer says is the vendor module's business.
"""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urlencode

import requests

from vendors import decimals, outcomes
from vendors.addresses import checked_base, fill
from vendors.contracts import (
    Account,
    Gate,
    Name,
    Recorder,
    SeenLimits,
    SettingField,
    TokenStore,
)
from vendors.destinations import Destinations
from vendors.errors import Kind, NotSent, Refused
from vendors.exchanges import ExchangeLog
from vendors.limits import retry_after, seen_limits
from vendors.masking import Masker
from vendors.options import read_option
from vendors.outcomes import Outcome
from vendors.transport import Answer, Failure, TimeLimits
from vendors.transport import Transport as Connections

__all__ = ["Authorization", "Connections", "VendorClient"]

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"

STANDARD_HEADERS: Mapping[str, str] = {
    "Accept": JSON,
    "Accept-Encoding": "gzip",
    "User-Agent": "procurement",
}

Params = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Authorization:
    """Headers that prove who calls; `token` where a new login could renew it."""

    headers: Mapping[str, str]
    token: str | None = None


@dataclass(frozen=True, kw_only=True)
class _Call:
    method: str
    path: str
    purpose: str
    base: str
    params: Params
    body: bytes | None
    content_type: str
    is_write: bool


class VendorClient:
    """Calls one supplier's account at a vendor.

    Connections are kept alive between calls and may be used by several threads;
    `has_written` and `limits` then tell of the last call of any of them. Close the
    client when done.

    Attributes:
        account: where, as whom and with what settings.
        mapping: paths, names and words in effect, by key.
        user_agent: the program that calls, as vendors see it in their logs.
        has_written: True from the moment before the bytes of an `act` may leave.
        limits: the vendor's limit headers as last seen.
        time_limits: seconds for connecting, for a silence, and in all.
        gate: asked before every request, and told what each answer says of limits.
        before_write: called right before the bytes of an `act` may leave; what it
            raises keeps them here.
    """

    vendor_mapping: ClassVar[Mapping[str, Name]]
    credential_fields: ClassVar[Sequence[SettingField]]
    option_fields: ClassVar[Sequence[SettingField]]
    outcomes: ClassVar[Mapping[int, Outcome]] = outcomes.BY_STATUS
    standard_headers: ClassVar[Mapping[str, str]] = STANDARD_HEADERS
    """On every call, the login too."""

    def __init__(
        self, account: Account, tokens: TokenStore, recorder: Recorder
    ) -> None:
        self.account = account
        self.tokens = tokens
        known = {key: name.value for key, name in self.vendor_mapping.items()}
        # A name left blank is not a name; it must not blank out a test flag.
        ours = {key: word for key, word in account.mapping.items() if word.strip()}
        self.mapping: Mapping[str, str] = {**known, **ours}
        self.user_agent = self.standard_headers["User-Agent"]
        self.has_written = False
        self.limits: SeenLimits | None = None
        self.gate: Gate | None = None
        self.before_write: Callable[[], None] | None = None
        read = int(self.option("read_timeout"))
        self.time_limits = TimeLimits(read=read, total=2 * read)
        self._destinations = Destinations(
            allows_loopback=account.allow_insecure_loopback,
            allowed=account.allowed_networks,
        )
        self._shared: Connections | None = None
        self._own: Connections | None = None
        self._masker = Masker(account.credentials.values())
        self._log = ExchangeLog(account.supplier, self._masker, recorder)

    # --- what a vendor overrides ----------------------------------------------

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        """Return the headers a call needs.

        Args:
            purpose: what the call is for, where credentials differ by that.
            rejected: a token the vendor has just refused.
        """
        raise NotImplementedError

    def is_token_refused(self, answer: Answer) -> bool:
        """Whether the vendor turned the call away for its token, before any work."""
        return answer.status == 401

    def outcome(self, status: int, vendor_text: str, *, is_write: bool) -> Outcome:
        """Return what an answer outside 2xx means."""
        return outcomes.of_status(status, self.outcomes, is_write)

    def outcome_of(
        self, answer: Answer, vendor_text: str, *, is_write: bool
    ) -> Outcome:
        """Return the same, where the body says what the status leaves open."""
        return self.outcome(answer.status, vendor_text, is_write=is_write)

    def readable(self, answer: Answer, purpose: str) -> Answer:
        """Return an answer with its body as JSON, where the vendor sent it otherwise.

        Only answers of success come here, before anything is read out of them.
        """
        return answer

    def refused(self, refusal: Refused, answer: Answer) -> Refused:
        """Return a refusal with what only this vendor says in its answers."""
        return refusal

    # --- what a vendor module uses --------------------------------------------

    def option(self, name: str) -> Any:
        """Return an option by its declared type, or its default.

        Raises:
            NotSent: it is set to something impossible.
        """
        return read_option(self.option_fields, self.account.options, name)

    def credential(self, name: str) -> str:
        """Return a credential.

        Raises:
            NotSent: it is not set.
        """
        if found := self.account.credentials.get(name):
            return found
        raise NotSent(
            f"{self.account.supplier} has no {name} set.", kind=Kind.CONFIGURATION
        )

    def path(self, key: str, **values: str) -> str:
        """Return a path of the mapping with its `{name}` places filled.

        Raises:
            Refused: a value is empty, or would lead to another path.
        """
        return fill(self.mapping[key], values)

    def keep_secret(self, *secrets: str) -> None:
        """Mask these too from now on."""
        self._masker.add(*secrets)

    def ask(
        self,
        method: str,
        path: str,
        *,
        purpose: str,
        params: Params | None = None,
        json: Any = None,
    ) -> Any:
        """Make a call that only reads, and return its JSON.

        Raises:
            Refused: the vendor said no.
            NotSent: everything else; it may be made again.
        """
        return self._perform(
            self._call(method, path, purpose, params, json, is_write=False)
        )

    def act(
        self,
        method: str,
        path: str,
        *,
        purpose: str,
        params: Params | None = None,
        json: Any = None,
        allows_empty: bool = False,
    ) -> Any:
        """Make a call that writes, once, and return its JSON.

        Args:
            allows_empty: an empty 2xx is an answer, and returned as None.

        Raises:
            Refused: the vendor said no; nothing was done.
            NotSent: proven that nothing was done; it may be made again.
            OutcomeUnknown: it may have been done.
        """
        call = self._call(method, path, purpose, params, json, is_write=True)
        return self._perform(call, allows_empty=allows_empty)

    def log_in(
        self,
        method: str,
        path: str,
        *,
        token_in: Callable[[Any], str],
        json: Any = None,
        form: Mapping[str, str] | None = None,
    ) -> Any:
        """Make the call that brings a token, without authorization.

        Args:
            form: is sent instead of JSON, as a form in the body.
            token_in: finds the token in the answer, so that it is masked before
                the exchange is recorded; empty if there is none.

        Raises:
            NotSent: the login failed; CREDENTIALS if the vendor said no to it.
        """
        base = self.account.auth_url or self.account.base_url
        call = self._call(
            method, path, "login", None, json, base, form=form, is_write=False
        )
        try:
            return self._result(self._exchange(call, {}, token_in), call)
        except Refused as refusal:
            # Whatever was wrong with the login, it is not the data of an order.
            is_missing = refusal.kind is Kind.NOT_FOUND
            why = "the login was refused."
            if is_missing:
                why = (
                    f"there is no login at {call.base}{call.path} (HTTP 404); check "
                    "the login address."
                )
            raise NotSent(
                f"{self.account.supplier}: {why}",
                kind=Kind.CONFIGURATION if is_missing else Kind.CREDENTIALS,
                status=refusal.status,
                vendor_text=refusal.vendor_text,
            ) from None

    def unreadable(self, what: str) -> NotSent:
        """Return the error for an answer to an `ask` that lacks what it must hold."""
        return NotSent(f"{self.account.supplier}: {what}", kind=Kind.UNREADABLE)

    def share(self, transport: Connections) -> None:
        """Call over connections that outlive this client; their owner closes them."""
        self._shared = transport

    def close(self) -> None:
        if self._own is not None:
            self._own.close()

    @property
    def _transport(self) -> Connections:
        if self._shared is not None:
            return self._shared
        if self._own is None:
            self._own = Connections()
        return self._own

    # --- how it is done -------------------------------------------------------

    def _call(
        self,
        method: str,
        path: str,
        purpose: str,
        params: Params | None,
        json: Any,
        base: str = "",
        *,
        form: Mapping[str, str] | None = None,
        is_write: bool,
    ) -> _Call:
        try:
            body = None if json is None else decimals.dumps(json)
            if form is not None:
                body = urlencode(form).encode("ascii")
        except UnicodeEncodeError:
            raise Refused(
                f"A text for {self.account.supplier} holds half a character, which "
                "can't be sent; type it anew.",
                kind=Kind.GUARD,
            ) from None
        return _Call(
            method=method,
            path=path,
            purpose=purpose,
            base=base or self.account.base_url,
            params=params or {},
            body=body,
            content_type=JSON if form is None else FORM,
            is_write=is_write,
        )

    def _perform(self, call: _Call, *, allows_empty: bool = False) -> Any:
        checked_base(self.account, call.base)
        proof = self.authorize(purpose=call.purpose, is_write=call.is_write)
        found = self._exchange(call, proof.headers)
        is_refused = isinstance(found, Answer) and self.is_token_refused(found)
        if is_refused and proof.token is not None:
            # A call refused for its token was not processed, so it is made once
            # more; a second refusal is final, for locks may hang on it.
            proof = self.authorize(
                purpose=call.purpose, is_write=call.is_write, rejected=proof.token
            )
            found = self._exchange(call, proof.headers)
        return self._result(found, call, allows_empty=allows_empty)

    def _exchange(
        self,
        call: _Call,
        headers: Mapping[str, str],
        token_in: Callable[[Any], str] | None = None,
    ) -> Answer | Failure:
        request = self._prepared(call, headers)
        if self.gate is not None:
            self.gate.enter(call.purpose)
        if call.is_write and self.before_write is not None:
            self.before_write()
        self.has_written = self.has_written or call.is_write
        started_at, started = datetime.now(UTC), time.perf_counter()
        found = self._transport.send(
            request, self.time_limits, destinations=self._destinations
        )
        duration_ms = round((time.perf_counter() - started) * 1000)
        self._log.add(
            call.purpose,
            request,
            found,
            started_at=started_at,
            duration_ms=duration_ms,
            keeps_answer=token_in is None or self._knows_token(found, token_in),
            is_write=call.is_write,
        )
        if isinstance(found, Answer):
            self._heed(call.purpose, found)
        return found

    def _heed(self, purpose: str, answer: Answer) -> None:
        seen = seen_limits(answer)
        self.limits = seen or self.limits
        if self.gate is not None:
            is_told_to_wait = answer.status in outcomes.WAITING
            wait = retry_after(answer, datetime.now(UTC)) if is_told_to_wait else None
            self.gate.heard(
                purpose, status=answer.status, limits=seen, retry_after=wait
            )

    def _knows_token(
        self, found: Answer | Failure, token_in: Callable[[Any], str]
    ) -> bool:
        """Learn the token of a login's answer; False if it hides one from us."""
        answer = found.partial if isinstance(found, Failure) else found
        if answer is None or not answer.is_success:
            return True
        try:
            token = token_in(self.readable(answer, "login").json())
        except ValueError:
            return False
        self.keep_secret(token)
        return bool(token)

    def _prepared(
        self, call: _Call, headers: Mapping[str, str]
    ) -> requests.PreparedRequest:
        base = checked_base(self.account, call.base)
        standard = {**self.standard_headers, "User-Agent": self.user_agent}
        if call.body is not None:
            standard["Content-Type"] = call.content_type
        try:
            return requests.Request(
                call.method,
                f"{base}/{call.path.lstrip('/')}",
                headers={**standard, **headers},
                params=dict(call.params),
                data=call.body,
            ).prepare()
        except (requests.RequestException, ValueError) as error:
            problem = type(error).__name__
        raise NotSent(
            f"{self.account.supplier}: the call can't be written ({problem}).",
            kind=Kind.CONFIGURATION,
        )

    def _result(
        self, found: Answer | Failure, call: _Call, *, allows_empty: bool = False
    ) -> Any:
        """Return the JSON of a success; everything else is raised."""
        if isinstance(found, Failure):
            outcome = outcomes.of_failure(found, call.is_write)
            raise outcomes.error(outcome, self.account.supplier, answer=found.partial)
        if found.is_success:
            if allows_empty and found.is_surely_empty:
                return None
            with contextlib.suppress(ValueError):
                return self.readable(found, call.purpose).json()
            outcome = outcomes.UNREADABLE
            outcome = outcome if call.is_write else outcome.for_read()
        words = self._masker.text(outcomes.vendor_text(found))
        if not found.is_success:
            outcome = self.outcome_of(found, words, is_write=call.is_write)
        error = outcomes.error(
            outcome, self.account.supplier, answer=found, vendor_text=words
        )
        raise self.refused(error, found) if isinstance(error, Refused) else error
