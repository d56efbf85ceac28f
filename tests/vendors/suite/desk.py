"""What a call of the suite is made with: one vendor, a client, the sandbox's books."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import vendors
from vendors.contracts import Account, Exchange, Vendor
from vendors.http import VendorClient
from vendors.sandbox import Sandbox
from vendors.tokens import MemoryTokenStore
from vendors.transport import TimeLimits

PATIENT = TimeLimits(connect=5, read=10, total=20)
IMPATIENT = TimeLimits(connect=5, read=0.15, total=0.3)


@dataclass
class Desk:
    """One account at a vendor of the sandbox. `kept` passes from `begin` to `run`."""

    sandbox: Sandbox
    vendor: Vendor
    client: VendorClient
    exchanges: list[Exchange]
    kept: dict[str, Any] = field(default_factory=dict)
    calls_before: int = 0

    @property
    def code(self) -> str:
        return self.vendor.code

    def start_counting(self) -> None:
        self.calls_before = len(self.sandbox.calls())

    def endpoints(self) -> list[str]:
        """Return the endpoints called since the counting began, in order."""
        calls = self.sandbox.calls()[self.calls_before :]
        return [call.endpoint for call in calls]

    def strangers(self) -> list[str]:
        """Return the paths of calls that reached no endpoint of this vendor."""
        return [
            call.path
            for call in self.sandbox.calls()
            if call.vendor != self.code or call.endpoint == "unknown"
        ]


def open_desk(
    sandbox: Sandbox,
    code: str,
    credentials: Mapping[str, str],
    options: Mapping[str, Any],
) -> Desk:
    vendor, exchanges = vendors.get(code), list[Exchange]()
    account = Account(
        supplier=f"{code} of the suite",
        base_url=sandbox.base_url(code),
        auth_url=sandbox.login_url(code),
        credentials=credentials,
        options=options,
        allow_insecure_loopback=True,
    )
    client = vendor.open_client(account, MemoryTokenStore(), exchanges.append)
    client.time_limits = PATIENT
    return Desk(sandbox, vendor, client, exchanges)
