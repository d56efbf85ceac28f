"""First contact with a Tinker account: what to try, all of it only read."""

from vendors.tinker.auth import check_connection
from vendors.tinker.products import fetch_offers

from vendors.contracts import Check, Finding, ItemKey, KnownAddress, Samples, Verdict
from vendors.http import VendorClient

KNOWN_ADDRESSES = (
    KnownAddress("https://api.tinker.example", note="The only one; it is all real."),
)


def try_session(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    return (Finding(verdict=Verdict.AS_ASSUMED, text=check_connection(client)),)


def try_articles(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    if not samples.items:
        text = "Give article numbers whose price in the web shop you know."
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    offers = fetch_offers(client, [ItemKey(number) for number in samples.items])
    return tuple(
        Finding(
            verdict=Verdict.ASK if offer.is_known else Verdict.DIFFERS,
            text=f"{offer.item_number} costs {offer.unit_price} {offer.currency}. Is "
            "that the price of the web shop, without VAT?"
            if offer.is_known
            else f"Tinker does not know {offer.item_number}.",
            mapping_keys=("article.price", "article.currency"),
        )
        for offer in offers
    )


CHECKLIST = (
    Check(name="session", question="Does the key open a session?", run=try_session),
    Check(name="articles", question="Are prices without VAT?", run=try_articles),
)
