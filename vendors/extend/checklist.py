"""First contact with an Extend installation: what to try, all of it only read.

What only the vendor or the supplier can answer is the last check; the names of the
others say which assumption they try.
"""

from vendors.contracts import Check, Finding, KnownAddress, Samples, Verdict
from vendors.errors import Kind, Refused
from vendors.extend.auth import unit_names
from vendors.extend.checks_goods import (
    check_availability,
    check_prices,
    check_products,
)
from vendors.extend.checks_orders import check_paging, check_words
from vendors.extend.customers import read_customer
from vendors.http import VendorClient

KNOWN_ADDRESSES = (
    KnownAddress(
        "https://developer.lxir.se/RESTAPI",
        note="The vendor's developer installation. Each supplier has one of its own; "
        "ask it for the address, which ends in /RESTAPI.",
    ),
)


def check_units(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Whether the sales unit of the options is one of the installation's."""
    units = unit_names(client)
    ours = client.option("unit")
    told = f"The installation knows the units {', '.join(units) or '(none)'}."
    if not ours:
        verdict, text = Verdict.UNCLEAR, f"{told} None is set for lines without one."
    elif ours in units:
        verdict, text = Verdict.AS_ASSUMED, f"{told} {ours} is one of them."
    else:
        verdict, text = Verdict.DIFFERS, f"{told} {ours} is not one of them."
    return (Finding(verdict=verdict, text=text, options=("unit",)),)


def check_customer(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Whether our customer number is known there, and whose it is."""
    number = samples.customer_number or client.option("customer_number")
    try:
        customer = read_customer(client, number)
    except Refused as refusal:
        if refusal.kind is not Kind.NOT_FOUND:
            raise
        return (
            Finding(
                verdict=Verdict.DIFFERS,
                text=f"There is no customer {number}.",
                options=("customer_number",),
            ),
        )
    address = customer.address
    where = " ".join(filter(None, (address.street, address.zip_code, address.city)))
    return (
        Finding(
            verdict=Verdict.ASK,
            text=f"Customer {number} is {customer.name or 'nameless'}, "
            f"{where or 'without address'}. Is that us?",
            options=("customer_number",),
        ),
    )


def check_limits(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Which limit headers came with the answers to a call that is cheap."""
    unit_names(client)
    seen = client.limits
    if seen is None:
        text = "The answers carry no limit headers; only a 429 may tell of a limit."
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    reset = f"{seen.reset_at:%H:%M:%S} UTC" if seen.reset_at else "an unknown time"
    left, limit = ("?" if n is None else n for n in (seen.remaining, seen.limit))
    text = f"{left} of {limit} calls are left until {reset}."
    is_whole = None not in (seen.limit, seen.remaining, seen.reset_at)
    verdict = Verdict.AS_ASSUMED if is_whole else Verdict.UNCLEAR
    return (Finding(verdict=verdict, text=text),)


QUESTIONS = (
    Finding(
        verdict=Verdict.ASK,
        text="Is there a test client that may be written to, and at what address?",
        options=("client",),
    ),
    Finding(
        verdict=Verdict.ASK,
        text="What are the three kinds of error, with their status and body, and what "
        "do bad credentials bring?",
    ),
    Finding(
        verdict=Verdict.ASK,
        text="What are the limits of each group of methods, in what window, and what "
        "is counted?",
    ),
    Finding(
        verdict=Verdict.ASK,
        text="How often are webhooks repeated, from which addresses do they come, and "
        "what do the Details of each trigger hold?",
        mapping_keys=("details.order", "details.stock", "details.customer"),
    ),
    Finding(
        verdict=Verdict.ASK,
        text="Is orderNumberExternal checked for being unique, and what does a second "
        "order with the same one bring?",
        mapping_keys=("header.reference",),
    ),
    Finding(
        verdict=Verdict.ASK,
        text="What do Terminated, PartiallyDelivered and Incoming mean, and what does "
        "DELETE do to an order?",
        mapping_keys=(
            "order_status.Terminated",
            "order_status.PartiallyDelivered",
            "order_status.Incoming",
        ),
    ),
    Finding(
        verdict=Verdict.ASK,
        text="Which priority group and which warehouses are ours?",
        options=("priority_group", "warehouses"),
    ),
    Finding(
        verdict=Verdict.ASK,
        text="Can we have the current Swagger document? The one used here dates from "
        "2022 to 2024.",
    ),
)


def ask_the_vendor(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """What no call can find out."""
    return QUESTIONS


CHECKLIST = (
    Check(name="units", question="Which sales units are there?", run=check_units),
    Check(
        name="prices",
        question="Are prices those we were told, in unit and currency?",
        run=check_prices,
    ),
    Check(
        name="availability",
        question="Which warehouses and which balances do we see?",
        run=check_availability,
    ),
    Check(
        name="products",
        question="Can products be read, and is all of them found?",
        run=check_products,
    ),
    Check(
        name="paging",
        question="How does the list of orders turn its pages?",
        run=check_paging,
    ),
    Check(
        name="customer",
        question="Is our customer number known, and ours?",
        run=check_customer,
    ),
    Check(
        name="limits",
        question="Which limit headers do answers carry?",
        run=check_limits,
    ),
    Check(
        name="words",
        question="Are all status words in use explained?",
        run=check_words,
    ),
    Check(
        name="questions",
        question="What has to be asked of the vendor and the supplier?",
        run=ask_the_vendor,
    ),
)
