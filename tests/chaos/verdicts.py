"""Compares the vendors' books with ours, order by order and line by line."""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.chaos.desk import Story
from tests.chaos.ours import Order, Transmission, decimal, has_exchange
from tests.chaos.plans import Content
from tests.chaos.theirs import Booked

FATAL = ("twice", "lost", "wrong", "unapproved", "unsettled", "stuck")
SETTLED = ("sent", "refused", "failed", "withdrawn", "released")
PRICED_BY_THEM = ("eet", "kvik")
"""Vendors that are told no price and charge their own."""
GAVE_UP = "stopped before"
"""Of a worker that died no exchange can be kept."""


@dataclass(frozen=True)
class Finding:
    kind: str
    order: str
    text: str


@dataclass
class Findings:
    """All that was found, and how the orders of each vendor came out."""

    found: list[Finding] = field(default_factory=list)
    by_vendor: dict[str, Counter[str]] = field(
        default_factory=lambda: defaultdict(Counter)
    )

    def add(self, kind: str, order: str, text: str, vendor: str = "") -> None:
        self.found.append(Finding(kind, order, text))
        if vendor:
            self.by_vendor[vendor][kind] += 1

    @property
    def fatal(self) -> list[Finding]:
        return [finding for finding in self.found if finding.kind in FATAL]


def compare(
    stories: Mapping[int, Story],
    ours: Mapping[str, Order],
    theirs: Sequence[Booked],
    conversations: Collection[str],
) -> Findings:
    """Judge every order once everything is at rest."""
    findings = Findings()
    booked: dict[str, list[Booked]] = defaultdict(list)
    for entry in theirs:
        booked[entry.reference].append(entry)
    for reference in booked.keys() - ours.keys():
        findings.add("lost", reference, "The vendor has it, and we do not know it.")
    for story in stories.values():
        vendor = story.plan.account.vendor
        findings.by_vendor[vendor]["orders"] += 1
        for kind, text in _judge(story, ours, booked, conversations):
            findings.add(kind, story.number or story.plan.reference, text, vendor)
        _count(findings.by_vendor[vendor], story, ours)
    for kind, number, text in _our_ledger(stories, ours):
        findings.add(kind, number, text)
    return findings


def _count(counts: Counter[str], story: Story, ours: Mapping[str, Order]) -> None:
    order = ours.get(story.number)
    if order is None:
        return
    counts[order.transmission] += 1
    if order.row["fulfilment"] == "cancelled":
        counts["cancelled"] += 1
    if order.has_event("unknown"):
        counts["was unknown"] += 1
        if order.transmission != "unknown":
            counts["unknown settled"] += 1
    counts["attempts"] += sum(len(each.attempts) for each in order.placing)


def _judge(
    story: Story,
    ours: Mapping[str, Order],
    booked: Mapping[str, Sequence[Booked]],
    conversations: Collection[str],
) -> Iterator[tuple[str, str]]:
    if len(story.numbers) > 1:
        yield "wrong", f"One external reference has {sorted(story.numbers)}."
    if not story.numbers:
        yield "stuck", f"It could not be entered: {story.surprises}"
        return
    order = ours.get(story.number)
    if order is None:
        yield "lost", "Our answer gave its number, and it is not in the database."
        return
    entries = booked.get(order.number, ())
    yield from _rest(story, order, entries, conversations)
    yield from _content(story, order, entries)
    yield from _attempts(order)


def _rest(
    story: Story,
    order: Order,
    entries: Sequence[Booked],
    conversations: Collection[str],
) -> Iterator[tuple[str, str]]:
    """Whether it came to rest, and where both sides say it did."""
    if len(entries) > 1:
        numbers = ", ".join(entry.number for entry in entries)
        yield "twice", f"The vendor has it {len(entries)} times: {numbers}."
    state = order.transmission
    if state in ("queued", "sending"):
        yield "stuck", f"It is {state} still."
    if any(each.state not in (*SETTLED, "unknown") for each in order.cancelling):
        yield "stuck", "Its cancellation is under way still."
    if any(each.state == "unknown" for each in (*order.placing, *order.cancelling)):
        yield from _evidence(order, conversations)
    elif entries and state != "sent":
        yield "lost", f"The vendor has it, and we say {state}."
    if state == "sent" and not entries:
        yield "lost", "We say it is sent, and the vendor does not have it."
    if state == "none" and story.asked_to_send and not _is_taken_back(story, order):
        yield "lost", "`send` was accepted, and nothing came of it."
    if state in ("refused", "failed") and not order.row["attention"]:
        yield "unsettled", f"It is {state}, and nobody is told."
    if entries and not any(each.state == "unknown" for each in order.cancelling):
        is_cancelled = order.row["fulfilment"] == "cancelled"
        if is_cancelled is not entries[0].is_cancelled:
            theirs = "cancelled" if entries[0].is_cancelled else "not cancelled"
            yield "wrong", f"It is {theirs} at the vendor, and we say otherwise."


def _is_taken_back(story: Story, order: Order) -> bool:
    return story.is_taken_back or order.has_event("withdrawn", "released", "reopened")


def _evidence(
    order: Order, conversations: Collection[str]
) -> Iterator[tuple[str, str]]:
    """What has to be there for a person to settle an unknown outcome."""
    if not order.row["attention"]:
        yield "unsettled", "Its outcome is unknown, and nothing on it says so."
    if not order.has_event("unknown", "cancelling_unknown"):
        yield "unsettled", "Its outcome is unknown, and no event tells of it."
    for carrier in (*order.placing, *order.cancelling):
        if carrier.state != "unknown":
            continue
        if not carrier.attempts:
            yield "unsettled", "Its outcome is unknown, and there is no attempt."
            continue
        last = carrier.attempts[-1]
        if GAVE_UP not in last["text"] and not has_exchange(last, conversations):
            yield "unsettled", f"No exchange is kept of: {last['text']}"


def _content(
    story: Story, order: Order, entries: Sequence[Booked]
) -> Iterator[tuple[str, str]]:
    """Whether the vendor got what was approved, and we have what was entered."""
    for entry in entries:
        if not story.asked_to_send:
            yield "unapproved", "Nobody was allowed to send it, and the vendor has it."
            continue
        faults = [
            list(_differences(story, each, entry)) for each in story.asked_to_send
        ]
        if not all(faults):
            continue
        if any(not list(_differences(story, each, entry)) for each in _never(story)):
            yield "unapproved", "The vendor has what was changed after the approval."
            continue
        yield "wrong", "; ".join(min(faults, key=len))
    told = str(order.row["supplier_order_number"])
    if told and entries and told not in [entry.number for entry in entries]:
        yield "wrong", f"We say number {told}, the vendor {entries[0].number}."
    if story.content != story.plan.content or not story.is_tampered:
        yield from _our_lines(story, order)


def _never(story: Story) -> list[Content]:
    contents = (story.plan.content, story.plan.changed)
    return [each for each in contents if each not in story.approved]


def _differences(story: Story, content: Content, entry: Booked) -> Iterator[str]:
    account = story.plan.account
    if entry.vendor != account.vendor:
        yield f"it is at {entry.vendor}, not at {account.vendor}"
        return
    if entry.warehouse != account.options.get("warehouse", ""):
        yield f"it came through another account: {entry.warehouse}"
    if entry.vendor == "eet" and entry.is_test is not content.is_test:
        yield f"test flag {entry.is_test}, not {content.is_test}"
    wanted = Counter(
        (line.item_number, line.quantity.normalize(), _price(account.vendor, line))
        for line in content.lines
    )
    got = Counter(
        (line.item_number, line.quantity, _price(account.vendor, line))
        for line in entry.lines
    )
    if wanted != got:
        yield f"lines {sorted(got)}, not {sorted(wanted)}"
    if content.note != entry.note:
        yield f"note {entry.note!r}, not {content.note!r}"
    address = dict(content.address)
    address["street"] = f"{address['street']} {address.pop('street_number')}"
    if address != entry.address:
        yield f"address {entry.address}, not {address}"


def _price(vendor: str, line: object) -> object:
    price = line.unit_price  # type: ignore[attr-defined]
    return None if vendor in PRICED_BY_THEM else price.normalize()


def _our_lines(story: Story, order: Order) -> Iterator[tuple[str, str]]:
    wanted = [
        (line.item_number, line.quantity.normalize(), line.unit_price.normalize())
        for line in story.content.lines
    ]
    got = [
        (line["item_number"], decimal(line["quantity"]), decimal(line["unit_price"]))
        for line in order.lines
    ]
    if wanted != got:
        yield "wrong", f"We keep the lines {got}, entered were {wanted}."
    if order.row["slug"] != story.plan.account.slug:
        yield "wrong", f"We keep it for {order.row['slug']}."


# --- our own ledger -------------------------------------------------------------------


def _attempts(order: Order) -> Iterator[tuple[str, str]]:
    for carrier in (*order.placing, *order.cancelling):
        yield from (("wrong", text) for text in _attempt_faults(carrier))
    if sum(each.state == "sent" for each in order.placing) > 1:
        yield "twice", "Two transmissions of it are sent."


def _attempt_faults(carrier: Transmission) -> Iterator[str]:
    outcomes = [attempt["outcome"] for attempt in carrier.attempts]
    numbers = [attempt["number"] for attempt in carrier.attempts]
    if numbers != list(range(1, len(numbers) + 1)):
        yield f"Its attempts are numbered {numbers}."
    if carrier.row["attempt_count"] != len(numbers):
        yield f"It counts {carrier.row['attempt_count']} attempts of {len(numbers)}."
    if outcomes.count("accepted") > 1:
        yield f"{outcomes.count('accepted')} of its attempts were accepted."
    if "running" in outcomes and carrier.state in (*SETTLED, "unknown"):
        yield "An attempt of it runs, and it is at rest."
    # Only what is proven not to have been sent may be tried again.
    if bad := [each for each in outcomes[:-1] if each != "not_sent"]:
        yield f"It was tried again after an attempt that was {bad[0]}."
    if carrier.state == "sent" and "accepted" not in outcomes:
        was_found = outcomes and outcomes[-1] == "unknown"
        if not was_found and not carrier.row["settled_by_id"]:
            yield "It is sent, and no attempt was accepted or found."


def _our_ledger(
    stories: Mapping[int, Story], ours: Mapping[str, Order]
) -> Iterator[tuple[str, str, str]]:
    references = Counter(
        str(order.row["external_reference"]) for order in ours.values()
    )
    for reference, count in references.items():
        if count > 1:
            yield "wrong", reference, f"{count} orders have this external reference."
    known = {story.number for story in stories.values()}
    for number in ours.keys() - known:
        yield "wrong", number, "It is in our database, and no answer told of it."
    for order in ours.values():
        if not order.has_event("created"):
            yield "wrong", order.number, "No event tells who entered it."
