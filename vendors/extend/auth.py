"""Extend access: a user and a password with every call, in a header of its own.

Source: the vendor's schema documents the header; "Basic" and base64 are what
callers in the field send. There is no login and no token. The vendor says that
different credentials may be used depending on which method is called.
"""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from vendors import outcomes, reading
from vendors.contracts import Account, Recorder, TokenStore
from vendors.errors import Kind, NotSent, OutcomeUnknown
from vendors.extend.mapping import MAPPING
from vendors.extend.settings import CREDENTIALS, LOGINS, OPTIONS
from vendors.http import Authorization, VendorClient
from vendors.masking import pair
from vendors.outcomes import Outcome

_TEMPORARY = ("deadlock", "timeout", "time-out", "timed out")
_UNITS_SHOWN = 20


class ExtendClient(VendorClient):
    """Calls one company's Extend, as the user meant for the kind of call."""

    vendor_mapping = MAPPING
    credential_fields = CREDENTIALS
    option_fields = OPTIONS
    outcomes = {**outcomes.BY_STATUS, 403: Outcome(NotSent, Kind.CREDENTIALS)}

    def authorize(
        self, *, purpose: str, is_write: bool, rejected: str | None = None
    ) -> Authorization:
        usual = ("order_",) if is_write else ("read_",)
        tried = LOGINS.get(purpose, usual)
        given = self.account.credentials
        prefix = next((name for name in tried if given.get(f"{name}username")), "")
        user = self.credential(f"{prefix}username")
        password = self.credential(f"{prefix}password")
        self.keep_secret(f"{user}:{password}")
        header = self.mapping["header.authorization"]
        return Authorization({header: f"Basic {pair(user, password)}"})

    def outcome(self, status: int, vendor_text: str, *, is_write: bool) -> Outcome:
        # Seen in the field: "... was deadlocked ... Rerun the transaction." as 400.
        said = vendor_text.lower()
        if status == 400 and any(word in said for word in _TEMPORARY):
            trouble = Outcome(OutcomeUnknown, Kind.SERVER)
            return trouble if is_write else trouble.for_read()
        return super().outcome(status, vendor_text, is_write=is_write)


def open_client(
    account: Account, tokens: TokenStore, recorder: Recorder
) -> ExtendClient:
    """Return a client for one account; nothing is sent yet."""
    return ExtendClient(account, tokens, recorder)


def check_connection(client: VendorClient) -> str:
    """Read the sales units, the cheapest call there is, and name them.

    Raises:
        Refused: the client is not known there.
        NotSent: no connection, user and password refused, or no Extend there.
    """
    units = unit_names(client)[:_UNITS_SHOWN]
    return f"Connected; sales units: {', '.join(units) or 'none named'}."


def unit_names(client: VendorClient) -> list[str]:
    """Return the names of the sales units the installation knows.

    Raises:
        Refused: the client is not known there.
        NotSent: they could not be read.
    """
    answer = client.ask("GET", path(client, "path.units"), purpose="check_connection")
    if isinstance(answer, dict):
        # A bare list or an object around it; the schema tells only of the rows.
        answer = next((v for v in answer.values() if isinstance(v, list)), None)
    rows = reading.objects(answer)
    if rows is None:
        raise client.unreadable("the answer holds no list of units.")
    found = (
        reading.text(reading.member(row, client.mapping["units.name"])) for row in rows
    )
    return [name for name in found if name]


def path(client: VendorClient, key: str, **values: str) -> str:
    """Return a path of the mapping, for the company this supplier stands for."""
    return client.path(key, client=client.option("client"), **values)


def zone(client: VendorClient) -> tzinfo:
    """Return the zone of dates that name none.

    Raises:
        NotSent: the option names no zone.
    """
    name = client.option("time_zone")
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise NotSent(
            f"There is no time zone {name[:40]!r}.", kind=Kind.CONFIGURATION
        ) from None


def utc(moment: datetime) -> str:
    """Write a moment as Extend asks for it: "fully qualified UTC"."""
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"
