"""First contact with an EET account: what to try, in this order.

Nothing here calls `/order`: its test flag is not proven, and a wrong one would make a
test a real purchase. A wrong password is not tried either: it may lock the account.
"""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from vendors import reading
from vendors.contracts import Check, Finding, KnownAddress, Samples, Verdict
from vendors.eet.auth import TOKEN_LIFE, renew_token
from vendors.eet.products import Prices, fetch_products, to_offer
from vendors.http import VendorClient

UNKNOWN_ITEM = "NO-SUCH-ITEM-0"
MOST_ITEMS = 3

KNOWN_ADDRESSES = (
    KnownAddress(
        "https://customerapi.eetgroup.com",
        note="The only one: testing is a flag of the order call, not another host.",
    ),
)

SWAGGER = Finding(
    verdict=Verdict.ASK,
    text="Open /index.html at this address, save its description, and compare the "
    "names of login, products and orders with those of this supplier.",
)

ORDER_CALL = Finding(
    verdict=Verdict.ASK,
    text="Read off the Swagger page: the method of /order, where its test flag goes "
    "and how it is spelt, the names in the body, and the answer. Correct the names "
    "that differ, then tick “Order call confirmed”. Let the sales contact know of the "
    "first test order, and confirm that nothing was made of it.",
    mapping_keys=(
        "order.test_in_address",
        "order.test_in_body",
        "order.reference",
        "order.lines",
        "order.address",
        "order.comment",
        "line.item_number",
        "line.quantity",
        "answer.number",
    ),
    options=("order_contract_confirmed",),
)

SALES_CONTACT = Finding(
    verdict=Verdict.ASK,
    text="Ask the sales contact: can an order be looked up? Is a second order with the "
    "same reference refused? How often may we call? Are there deliveries in parts, and "
    "a feed of states or EDI?",
)


def compare_swagger(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    return (SWAGGER,)


def check_login(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Log in once; report under which names token and end of life come."""
    started_at = datetime.now(UTC)
    _, answer = renew_token(client)
    members = answer if isinstance(answer, dict) else {}
    return (
        _token_name(members, client.mapping),
        _expiration(members, client.mapping, started_at),
        Finding(
            verdict=Verdict.ASK,
            text="What a wrong password brings is not tried: it may lock the account.",
        ),
    )


def _token_name(members: Mapping[str, Any], names: Mapping[str, str]) -> Finding:
    assumed = names["login.token"].split()
    spelt = next((name for name in members if name == assumed[0]), "")
    told = f"The login answers with {', '.join(members) or 'no members'}."
    if spelt:
        return Finding(verdict=Verdict.AS_ASSUMED, text=f"{told} {spelt} is the token.")
    return Finding(
        verdict=Verdict.DIFFERS,
        text=f"{told} {assumed[0]} is not among them; the token was found anyway.",
        mapping_keys=("login.token",),
    )


def _expiration(
    members: Mapping[str, Any], names: Mapping[str, str], started_at: datetime
) -> Finding:
    name = names["login.expiration"]
    said = reading.text(reading.member(members, name))
    keys = ("login.expiration",)
    if not said:
        text = f"No {name} is told; a token counts as good for 24 hours."
        return Finding(verdict=Verdict.UNCLEAR, text=text, mapping_keys=keys)
    moment = reading.moment(said, UTC)
    if moment is None:
        text = f"{name} is {said!r}, which is no moment as ISO 8601 writes it."
        return Finding(verdict=Verdict.DIFFERS, text=text, mapping_keys=keys)
    if not started_at < moment <= datetime.now(UTC) + TOKEN_LIFE:
        text = f"{name} is {said!r}, not within 24 hours from now; it is not believed."
        return Finding(verdict=Verdict.DIFFERS, text=text, mapping_keys=keys)
    text = f"{name} is {said!r}, which is within 24 hours from now."
    return Finding(verdict=Verdict.AS_ASSUMED, text=text)


def check_products(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    """Ask for up to three items a person knows, and one nobody does."""
    known = list(dict.fromkeys(samples.items))[:MOST_ITEMS]
    if not known:
        text = "Give item numbers whose price in the web shop you know."
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    found: dict[str, dict[str, Any]] = {}
    for product in fetch_products(client, [*known, UNKNOWN_ITEM]):
        name = client.mapping["product.item_number"]
        number = reading.text(reading.member(product, name)).casefold()
        found.setdefault(number, product)
    findings = [_item(number, found, client) for number in known]
    products = [found[n.casefold()] for n in known if n.casefold() in found]
    findings += [_currency(products, client), _unknown_item(found, client)]
    return (*findings, *_kinds(products, client))


def _item(
    number: str, found: Mapping[str, dict[str, Any]], client: VendorClient
) -> Finding:
    names = client.mapping
    product = found.get(number.casefold())
    if product is None:
        return Finding(verdict=Verdict.UNCLEAR, text=f"EET did not answer on {number}.")
    price = reading.member(product, names["product.price"])
    inside = reading.member(price, names["product.unit_price"])
    sent = reading.number(price if inside is None else inside)
    if sent is None:
        return Finding(
            verdict=Verdict.UNCLEAR,
            text=f"{number} has no price that can be read.",
            mapping_keys=("product.price", "product.unit_price"),
        )
    is_broken = sent != sent.to_integral_value()
    doubt = " It has a fraction, which hundredths would not have." if is_broken else ""
    return Finding(
        verdict=Verdict.UNCLEAR if is_broken else Verdict.ASK,
        text=f"{number}: EET sends {sent}. In hundredths that is {sent / 100:.2f}, as "
        f"it stands {sent:.2f}. Which one does the web shop say? The divisor set is "
        f"{client.option('price_divisor')}.{doubt}",
        options=("price_divisor",),
    )


def _currency(products: list[dict[str, Any]], client: VendorClient) -> Finding:
    """Look for any member that names a currency; none is known of."""
    ours = client.option("currency")
    said = {
        reading.text(value).upper()
        for product in products
        for level in (product, reading.member(product, client.mapping["product.price"]))
        if isinstance(level, dict)
        for name, value in level.items()
        if "currency" in str(name).casefold()
    } - {""}
    if not said:
        text = f"No currency is told; the one set is {ours or 'none'}. Is that right?"
        return Finding(verdict=Verdict.ASK, text=text, options=("currency",))
    told = ", ".join(sorted(said))
    if said == {ours}:
        return Finding(verdict=Verdict.AS_ASSUMED, text=f"Prices are in {told}.")
    return Finding(
        verdict=Verdict.DIFFERS,
        text=f"Prices are in {told}, and {ours or 'no currency'} is set.",
        options=("currency",),
    )


def _unknown_item(found: Mapping[str, dict[str, Any]], client: VendorClient) -> Finding:
    product = found.get(UNKNOWN_ITEM.casefold())
    if product is None:
        text = f"The unknown item {UNKNOWN_ITEM} is left out of the answer."
        return Finding(verdict=Verdict.AS_ASSUMED, text=text)
    offer = to_offer(product, client.mapping, Prices(Decimal(1), ""), datetime.now(UTC))
    text = f"The unknown item {UNKNOWN_ITEM} comes with {', '.join(product)}"
    if offer.is_known:
        return Finding(
            verdict=Verdict.DIFFERS, text=f"{text}, so that it looks like a known one."
        )
    return Finding(verdict=Verdict.AS_ASSUMED, text=f"{text}, and nothing in them.")


def _kinds(products: list[dict[str, Any]], client: VendorClient) -> Iterator[Finding]:
    """Yield what is new about the kinds of stock."""
    names = client.mapping
    known = names["stock.known"].casefold().split()
    kinds = {
        reading.text(reading.member(row, names["product.stock_kind"]))
        for product in products
        for row in reading.objects(reading.member(product, names["product.stock"]))
        or []
    }
    if new := sorted(kind for kind in kinds if kind.casefold() not in known):
        yield Finding(
            verdict=Verdict.DIFFERS,
            text=f"There are other kinds of stock: {', '.join(new) or 'nameless'}. "
            "They are shown, and nothing is bought on them.",
            mapping_keys=("stock.known", "stock.sold"),
        )


def read_off_the_order_call(
    client: VendorClient, samples: Samples
) -> tuple[Finding, ...]:
    return (ORDER_CALL,)


def ask_the_sales_contact(
    client: VendorClient, samples: Samples
) -> tuple[Finding, ...]:
    return (SALES_CONTACT,)


CHECKLIST = (
    Check(
        name="swagger",
        question="Does EET's own description agree with our names?",
        run=compare_swagger,
    ),
    Check(
        name="login",
        question="How does the login answer, and how long does a token live?",
        run=check_login,
    ),
    Check(
        name="products",
        question="In what unit and currency are prices, and what of unknown items?",
        run=check_products,
    ),
    Check(
        name="order_call",
        question="How is an order sent, above all as a test?",
        run=read_off_the_order_call,
    ),
    Check(
        name="sales_contact",
        question="What can only the sales contact tell?",
        run=ask_the_sales_contact,
    ),
)
