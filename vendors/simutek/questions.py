"""What only the supplier or Simutek can tell before the first order."""

from vendors.contracts import Check, Finding, Samples, Verdict
from vendors.http import VendorClient


def _ask(name: str, question: str, text: str, options: tuple[str, ...] = ()) -> Check:
    finding = Finding(verdict=Verdict.ASK, text=text, options=options)

    def run(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
        return (finding,)

    return Check(name=name, question=question, run=run)


QUESTIONS = (
    _ask(
        "ask_address",
        "Is there an address for tests, and what tells one supplier from another?",
        "Ask Simutek for the addresses of the API, real and for tests, whether the "
        "token alone tells which supplier is meant, and for an OpenAPI file.",
    ),
    _ask(
        "ask_refusals",
        "How are bad credentials, ended tokens and missing rights answered?",
        "Ask Simutek. Assumed: 400 or 401 with “invalid_client” at the login, 401 for "
        "a token that has ended, 403 for a missing right.",
    ),
    _ask(
        "ask_required",
        "Which members of an order have to be there, and what is inside its shipTo?",
        "Ask Simutek. With an address at each line the documented form is sent.",
        ("delivery_in",),
    ),
    _ask(
        "ask_repeats",
        "Is a second order with the same purchase order number refused?",
        "Ask Simutek; assumed is that it makes a second order. Ask also whether orders "
        "can be looked up by it in any way.",
    ),
    _ask(
        "ask_prices",
        "Are prices without VAT, and whose price counts where they differ?",
        "Ask the supplier, and what becomes of an article number it does not know.",
    ),
    _ask(
        "ask_date",
        "Is promisedDeliveryDate a wish or a promise, and in which time zone?",
        "Ask the supplier. Sent is the wished day at midnight UTC.",
    ),
    _ask(
        "ask_production",
        "Which articles start production by themselves, and which is safe for tests?",
        "Agree with the supplier on an article without a product template and on a "
        "customer number for tests before the first order.",
        ("customer_number", "test_orders_agreed"),
    ),
    _ask(
        "ask_confirmation",
        "How does the order confirmation reach us, and with which reference?",
        "Ask the supplier to e-mail it to purchasing, with our order number.",
        ("language_code", "billing_email"),
    ),
    _ask(
        "ask_approval",
        "What is the approval status of a customer?",
        "Ask whether orders of a customer that is not approved are taken; the API "
        "does not tell.",
    ),
    _ask(
        "ask_limits",
        "How many calls are allowed, and when is GKS down for maintenance?",
        "Ask Simutek; nothing is published.",
    ),
)
