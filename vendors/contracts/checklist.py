"""First contact with a real account: what to try, and what came of it."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from vendors.http import VendorClient


class Verdict(StrEnum):
    AS_ASSUMED = "as_assumed"
    DIFFERS = "differs"
    UNCLEAR = "unclear"
    """The answer neither bears the assumption out nor speaks against it."""
    ASK = "ask"
    """Only a person can find out."""


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check found. `mapping_keys` and `options` say what to change, if so."""

    verdict: Verdict
    text: str
    mapping_keys: tuple[str, ...] = ()
    options: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Samples:
    """What to try with, given by the person: none of it is made up."""

    items: tuple[str, ...] = ()
    """Item numbers the account should know; "BRAND/CODE" where a brand is needed."""
    order_number: str = ""
    customer_number: str = ""


@dataclass(frozen=True, kw_only=True)
class Check:
    """One step of a vendor's checklist, in the order of its description.

    `run` yields findings and raises the errors of `vendors.errors`. A check that
    `writes` changes something at the vendor, and is run only when asked for.
    """

    name: str
    question: str
    run: Callable[["VendorClient", Samples], tuple[Finding, ...]]
    writes: bool = False


@dataclass(frozen=True)
class KnownAddress:
    """Where an API is to be found, for whoever sets a supplier up."""

    base_url: str
    auth_url: str = ""
    note: str = ""
