"""First contact with a real shop: what can be tried without changing anything.

Source: the open questions of the description. Each check compares what the shop
answers with what the mapping assumes, and names what to change where they differ.
"""

from vendors import reading
from vendors.contracts import Check, Finding, Samples, Verdict
from vendors.http import VendorClient
from vendors.kvik import names
from vendors.kvik.auth import request_token
from vendors.kvik.try_orders import try_list, try_reference, try_single, try_words
from vendors.kvik.try_products import try_brands, try_codes

_LIFETIME = 3600
"""Seconds, in the documented sample."""

Findings = tuple[Finding, ...]


# --- token --------------------------------------------------------------------


def _try_token(client: VendorClient, samples: Samples) -> Findings:
    answer = request_token(client)
    mapping = client.mapping
    return (
        _lifetime(reading.whole(names.found(answer, mapping["token.lifetime"]))),
        _token_type(names.text(answer, mapping["token.type"])),
    )


def _lifetime(seconds: int | None) -> Finding:
    if seconds is None:
        return Finding(
            verdict=Verdict.DIFFERS,
            text="The token has no lifetime; it is renewed every few minutes.",
            mapping_keys=("token.lifetime",),
        )
    verdict = Verdict.AS_ASSUMED if seconds == _LIFETIME else Verdict.DIFFERS
    return Finding(verdict=verdict, text=f"The token lives for {seconds} seconds.")


def _token_type(told: str) -> Finding:
    is_bearer = told.casefold() == "bearer"
    return Finding(
        verdict=Verdict.AS_ASSUMED if is_bearer else Verdict.UNCLEAR,
        text=f"The token's type is {told[:40] or 'not told'}; it is sent as Bearer.",
    )


# --- what only people can find out --------------------------------------------

_QUESTIONS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    (
        "Ask the merchant for the full description of the Customer API, and compare "
        "all names marked as inferred with it.",
        (),
        (),
    ),
    (
        "Are the processing and payment states stable codes, or texts that the "
        "merchant may rename? Have the whole list sent.",
        ("order.processing", "order.payment"),
        (),
    ),
    (
        "Which field carries our order number, is it shown in the list, and does the "
        "shop refuse it the second time?",
        ("order.reference", "order.note"),
        (),
    ),
    (
        "Which delivery address, shipping and payment method apply to orders by API?",
        ("order.address", "order.shipping", "order.payment_method"),
        ("shipping_method", "payment_method"),
    ),
    (
        "Are prices with or without VAT, how long do they hold, may they be sent, and "
        "what happens to an order when stock is short?",
        ("line.price", "product.price_without_vat"),
        ("send_prices",),
    ),
    (
        "Can an order be changed or cancelled at all, and whom do we call? Are "
        "deliveries in parts, parcel numbers and invoices to be seen?",
        (),
        (),
    ),
    ("Is there a test shop, or a customer whose orders are cancelled?", (), ()),
    (
        "Does the list show web orders, and orders of our colleagues?",
        (),
        (),
    ),
    ("How often may we call?", (), ()),
)


def _ask(client: VendorClient, samples: Samples) -> Findings:
    return tuple(
        Finding(
            verdict=Verdict.ASK, text=text, mapping_keys=mapping_keys, options=options
        )
        for text, mapping_keys, options in _QUESTIONS
    )


CHECKLIST: tuple[Check, ...] = (
    Check(
        name="token",
        question="Does the shop give a token, and for how long?",
        run=_try_token,
    ),
    Check(
        name="products_by_code",
        question="Is a product found by its code, and what is shown of it?",
        run=try_codes,
    ),
    Check(
        name="products_by_brand",
        question="Is a product found by brand and code?",
        run=try_brands,
    ),
    Check(
        name="order_list",
        question="How does the list of orders come, and what does it show?",
        run=try_list,
    ),
    Check(
        name="words",
        question="Which words for states does the shop use?",
        run=try_words,
    ),
    Check(
        name="reference",
        question="Does our order number come back?",
        run=try_reference,
    ),
    Check(
        name="single_order",
        question="Can a single order be read?",
        run=try_single,
    ),
    Check(
        name="questions",
        question="What only the merchant can tell.",
        run=_ask,
    ),
)
