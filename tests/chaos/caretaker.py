"""The administrator: connects the suppliers, and looks after those that are held."""

import threading
from collections import Counter
from collections.abc import Mapping

from tests.chaos.plans import ACCOUNTS, Account
from tests.chaos.processes import Broken
from tests.chaos.rest import Client, GaveUp

ROUND_SECONDS = 5
# Budgets that are never reached, where a vendor has any, and short time limits.
WIDE = {"calls_per_minute": 60_000, "calls_at_once": 32, "read_timeout": 5}


class Caretaker:
    """Does what nobody but a person does: a supplier whose credentials were refused is
    held for minutes, until somebody checks the connection and it works."""

    def __init__(self, client: Client) -> None:
        self.checks: Counter[str] = Counter()
        self.stop = threading.Event()
        self._client = client

    def connect(self, addresses: Mapping[str, tuple[str, str]]) -> None:
        """Make the suppliers.

        Args:
            addresses: base and login address by vendor.
        """
        vendors = self._client.get("vendors/").body["results"]
        known = {
            vendor["code"]: {field["name"] for field in vendor["options"]}
            for vendor in vendors
        }
        for account in ACCOUNTS:
            wide = {name: WIDE[name] for name in WIDE.keys() & known[account.vendor]}
            self._make(account, addresses[account.vendor], wide)

    def _make(
        self, account: Account, addresses: tuple[str, str], options: Mapping[str, int]
    ) -> None:
        base, login = addresses
        answer = self._client.post(
            "suppliers/",
            {
                "slug": account.slug,
                "name": account.slug,
                "vendor": account.vendor,
                "mode": "live" if account.is_live else "test",
                "base_url": base,
                "auth_url": login,
                "credentials": account.credentials,
                "options": {**options, **account.options},
                "currency": account.currency,
            },
        )
        if not answer.is_good:
            raise Broken(f"{account.slug}: {answer.status} {answer.body}")

    def work(self) -> None:
        while not self.stop.wait(ROUND_SECONDS):
            for account in ACCOUNTS:
                try:
                    self._look_after(account.slug)
                except GaveUp:
                    continue

    def _look_after(self, slug: str) -> None:
        health = self._client.get(f"suppliers/{slug}/health/")
        if health.is_good and health.body["blocked_until"]:
            done = self._client.post(f"suppliers/{slug}/check/", {}, key="")
            self.checks["worked" if done.is_good else "failed"] += 1
