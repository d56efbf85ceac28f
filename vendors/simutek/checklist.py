"""What to try with a supplier's GKS before the first order, and what to ask.

Nothing here writes: each order that GKS takes is a real one, so none is sent to see
what happens.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from vendors import reading
from vendors.contracts import Check, Finding, Samples, Verdict
from vendors.errors import Refused
from vendors.http import VendorClient
from vendors.simutek import auth, customers
from vendors.simutek.questions import QUESTIONS

_KEYS_OF_A_CUSTOMER = (
    "customer.name",
    "customer.number",
    "customer.email",
    "customer.address",
    "customer.organization_number",
    "customer.tags",
)
_CANDIDATES: Mapping[str, Sequence[str]] = {
    "query.number": ("number", "customerNumber"),
    "query.organization_number": (
        "corporateIdentityNumber",
        "organizationNumber",
        "corporateIdentity",
    ),
    "query.name": ("name", "customerName"),
    "query.limit": ("limit", "pageSize"),
    "query.page": ("page", "pageNumber"),
}


# --- login --------------------------------------------------------------------


def check_token(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    answer = auth.log_in_afresh(client)
    if answer is None:
        text = "Somebody else logged in at the same moment; run the check once more."
        return (Finding(verdict=Verdict.UNCLEAR, text=text),)
    names = client.mapping
    seconds = reading.whole(reading.member(answer, names["login.expires_in"]))
    kind = reading.text(reading.member(answer, names["login.token_type"]))
    if seconds is None or seconds <= 0:
        told = Finding(
            verdict=Verdict.DIFFERS,
            text="The answer does not say how long the token lives; each is used for "
            f"{auth.UNTOLD_LIFE.seconds // 60} minutes.",
            mapping_keys=("login.expires_in",),
        )
    else:
        told = Finding(
            verdict=Verdict.AS_ASSUMED, text=f"A token lives {seconds} seconds."
        )
    is_bearer = kind.lower() == "bearer"
    return told, Finding(
        verdict=Verdict.AS_ASSUMED if is_bearer else Verdict.UNCLEAR,
        text=f"The kind of token is {kind[:40] or 'not told'}; it is used as Bearer.",
    )


# --- our customer -------------------------------------------------------------


def check_own_customer(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    answer = _own_answer(client, samples)
    names = client.mapping
    folded = {str(key).casefold() for key in answer}
    missing = [
        key for key in _KEYS_OF_A_CUSTOMER if names[key].casefold() not in folded
    ]
    own = customers.to_customer(client, answer, _own_number(client, samples))
    found = [
        Finding(
            verdict=Verdict.AS_ASSUMED,
            text=f"Customer {own.number} is {own.name or 'without a name'}.",
        )
    ]
    if "customer.tags" in missing:
        missing.remove("customer.tags")
        found.append(
            Finding(
                verdict=Verdict.DIFFERS,
                text="There are no tags, so this is an older GKS; it may lack the list "
                "of customers. Orders are not touched by that.",
            )
        )
    if missing:
        found.append(
            Finding(
                verdict=Verdict.DIFFERS,
                text=f"The answer lacks: {', '.join(names[key] for key in missing)}.",
                mapping_keys=tuple(missing),
            )
        )
    return tuple(found)


def _own_number(client: VendorClient, samples: Samples) -> str:
    return samples.customer_number.strip() or str(client.option("customer_number"))


def _own_answer(client: VendorClient, samples: Samples) -> dict[str, Any]:
    answer = customers.read_raw(client, _own_number(client, samples))
    if not isinstance(answer, dict):
        raise client.unreadable("the answer holds no customer.")
    return answer


# --- filters of the list ------------------------------------------------------


def check_number_filter(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    return _check_filter(client, "query.number", _own_number(client, samples))


def check_organization_number_filter(
    client: VendorClient, samples: Samples
) -> tuple[Finding, ...]:
    own = customers.read(client, _own_number(client, samples))
    return _check_filter(client, "query.organization_number", own.organization_number)


def check_name_filter(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    own = customers.read(client, _own_number(client, samples))
    return _check_filter(client, "query.name", own.name)


def _check_filter(client: VendorClient, key: str, value: str) -> tuple[Finding, ...]:
    """Try one filter under each name it may have, on a value of our own."""
    if not value:
        return (_unclear(key, "Our own customer has no such value to look for."),)
    if finding := _nothing_to_compare(client, key):
        return (finding,)
    said, honoured = [], []
    for name in _candidates(client, key):
        result = _try_filter(client, key, name, value)
        said.append(f"{name} {result}")
        if result == _HONOURED:
            honoured.append(name)
    return (_verdict(client, key, honoured, "; ".join(said)),)


_HONOURED = "works"


def _try_filter(client: VendorClient, key: str, name: str, value: str) -> str:
    member = client.mapping[key.replace("query.", "customer.")]

    def is_hit(entry: Any) -> bool:
        found = reading.text(reading.member(entry, member))
        if key == "query.number":
            return found == value
        if key == "query.name":
            return value.casefold() in found.casefold()
        return customers.bare(found) == customers.bare(value)

    try:
        entries = _listed(client, {name: value})
    except Refused as refusal:
        return f"is refused (HTTP {refusal.status})"
    if not entries:
        return "finds nothing"
    return _HONOURED if all(map(is_hit, entries)) else "is ignored"


def check_paging(client: VendorClient, samples: Samples) -> tuple[Finding, ...]:
    if finding := _nothing_to_compare(client, "query.limit"):
        return (finding,)
    sizes, limits_told = [], set()
    for name in _candidates(client, "query.limit"):
        answer, entries = _page(client, {name: "1"})
        if len(entries) == 1:
            sizes.append(name)
            told = reading.member(answer, client.mapping["list.limit"])
            limits_told.add(reading.text(told) or "nothing")
    said = f"One customer a page was asked for; it works as {_list(sizes)}"
    if sizes and limits_told != {"1"}:
        said += f"; the answer tells a limit of {_list(sorted(limits_told))}"
    size = _verdict(client, "query.limit", sizes, said)
    if not sizes:
        return size, _unclear("query.page", "Pages of one can't be had.")
    _, first = _page(client, {sizes[0]: "1"})
    turned = [
        name
        for name in _candidates(client, "query.page")
        if _page(client, {sizes[0]: "1", name: "2"})[1] != first
    ]
    said = f"The second page was asked for; it works as {_list(turned)}"
    return size, _verdict(client, "query.page", turned, said)


# --- helpers ------------------------------------------------------------------


def _listed(client: VendorClient, filters: Mapping[str, str]) -> list[Any]:
    """Return two customers of the list, or all if it ignores the limit."""
    answer = customers.fetch_page(client, filters, page=1, limit=2)
    return customers.page_entries(client, answer)


def _page(client: VendorClient, params: Mapping[str, str]) -> tuple[Any, list[Any]]:
    """Return a page of the list with these query values alone, and its customers."""
    answer = client.ask(
        "GET", client.path("path.customers"), purpose="find_customers", params=params
    )
    return answer, customers.page_entries(client, answer)


def _nothing_to_compare(client: VendorClient, key: str) -> Finding | None:
    """Return why a query value can't be tried, if it can't.

    With one customer to be seen, a filter that is ignored looks like one that works.
    """
    try:
        listed = _listed(client, {})
    except Refused as refusal:
        if refusal.status not in customers.NO_LIST:
            raise
        text = "This GKS has no list of customers; they are found by number alone."
        return Finding(verdict=Verdict.DIFFERS, text=text)
    if len(listed) < 2:
        return _unclear(key, "No other customers are to be seen, so it can't be told.")
    return None


def _candidates(client: VendorClient, key: str) -> list[str]:
    return list(dict.fromkeys((client.mapping[key], *_CANDIDATES[key])))


def _list(found: Sequence[str]) -> str:
    return ", ".join(found) or "nothing"


def _verdict(
    client: VendorClient, key: str, honoured: Sequence[str], said: str
) -> Finding:
    current = client.mapping[key]
    if current in honoured:
        return Finding(verdict=Verdict.AS_ASSUMED, text=f"{said}.")
    if honoured:
        text = f"{said}. Set the name “{key}” to {honoured[0]}."
        return Finding(verdict=Verdict.DIFFERS, text=text, mapping_keys=(key,))
    text = f"{said}. Ask for the name of this query value, and set “{key}” to it."
    return Finding(verdict=Verdict.DIFFERS, text=text, mapping_keys=(key,))


def _unclear(key: str, text: str) -> Finding:
    return Finding(verdict=Verdict.UNCLEAR, text=text, mapping_keys=(key,))


CHECKLIST = (
    Check(
        name="token",
        question="How long does a token live, and of what kind is it?",
        run=check_token,
    ),
    Check(
        name="own_customer",
        question="Is our customer number ours, and what does GKS tell of a customer?",
        run=check_own_customer,
    ),
    Check(
        name="filter_number",
        question="Under which name is the list filtered by customer number?",
        run=check_number_filter,
    ),
    Check(
        name="filter_organization_number",
        question="Under which name is the list filtered by organisation number?",
        run=check_organization_number_filter,
    ),
    Check(
        name="filter_name",
        question="Under which name is the list filtered by name?",
        run=check_name_filter,
    ),
    Check(
        name="paging",
        question="Under which names are the size and the number of a page given?",
        run=check_paging,
    ),
    *QUESTIONS,
)
