"""Walking a vendor's checklist against an account, and telling what was found."""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import gettext as _

from procurement.errors import OperationNotAllowed
from procurement.suppliers.conversations import conversation
from procurement.suppliers.models import Supplier
from vendors import openapi
from vendors.contracts import Check, Finding, Samples, Verdict
from vendors.errors import Kind, VendorError

Step = tuple[str, tuple[Finding, ...]]


def walk(
    *, supplier: Supplier, samples: Samples, may_write: bool = False
) -> Iterator[Step]:
    """Take every step of the checklist; what one finds does not stop the next.

    Refused credentials do: trying on with them could lock the account.

    Raises:
        OperationNotAllowed: writing was asked for at an account that is live.
    """
    if may_write and supplier.is_live:
        raise OperationNotAllowed(
            _(
                "%(supplier)s is live: what a step writes there would be real. "
                "Set it to test mode first."
            )
            % {"supplier": supplier},
        )
    if not supplier.api.checklist:
        yield (
            "The checklist",
            (Finding(verdict=Verdict.ASK, text=_("This vendor has no checklist.")),),
        )
    for check in supplier.api.checklist:
        name = f"{check.name}: {check.question}"
        if check.writes and not may_write:
            text = "Not tried: it changes something there. Give --write to try it."
            yield name, (Finding(verdict=Verdict.UNCLEAR, text=text),)
            continue
        findings, goes_on = _take(supplier, check, samples)
        yield name, findings
        if not goes_on:
            return


def _take(
    supplier: Supplier, check: Check, samples: Samples
) -> tuple[tuple[Finding, ...], bool]:
    try:
        with conversation(supplier, subject=f"contact {supplier.slug}") as talk:
            return check.run(talk.client, samples), True
    except VendorError as error:
        said = f" The vendor says: {error.vendor_text}" if error.vendor_text else ""
        finding = Finding(verdict=Verdict.DIFFERS, text=f"{error.text}{said}")
        return (finding,), error.kind is not Kind.CREDENTIALS


def compare(*, supplier: Supplier, document: Any) -> tuple[Finding, ...]:
    """Hold the vendor's OpenAPI file against the names in use at this supplier.

    Raises:
        OperationNotAllowed: it is no OpenAPI file.
    """
    table = {key: name.value for key, name in supplier.api.mapping.items()}
    try:
        return openapi.compare(supplier.api, {**table, **supplier.mapping}, document)
    except ValueError as trouble:
        raise OperationNotAllowed(str(trouble)) from None
