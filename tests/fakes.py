"""A vendor that answers from memory, for tests of what happens around a call."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from vendors.contracts import (
    Accepted,
    Account,
    BadSignature,
    CallLimits,
    ChangedOrder,
    ChangedPage,
    Check,
    Exchange,
    Fulfilment,
    LookUp,
    Notification,
    NotOffered,
    OrderRequest,
    Recorder,
    SettingField,
    TokenStore,
    UnreadableHook,
    Vendor,
    VendorOrder,
    WebhookDelivery,
    Webhooks,
    inferred,
)
from vendors.options import limit_fields

ABSENT = NotOffered("This vendor can't do that.")


@dataclass
class FakeClient:
    """What a vendor function gets; it records an exchange for every call."""

    account: Account
    record: Recorder
    has_written: bool = False
    is_closed: bool = False
    before_write: Callable[[], None] | None = None

    def said(self, purpose: str, error: str = "", answer: str = "") -> None:
        self.record(
            Exchange(
                purpose=purpose,
                method="POST",
                url="https://vendor.test/",
                request_headers={},
                request_body="{}",
                started_at=datetime.now(UTC),
                duration_ms=1,
                status=None if error else 200,
                error=error,
                response_body=answer,
            )
        )

    def share(self, transport: Any) -> None:
        """There is no connection to keep."""

    def close(self) -> None:
        self.is_closed = True


@dataclass
class FakeVendor:
    """Scripted answers. What is placed lands in `books` before it is answered."""

    code: str = "extend"
    can_follow: bool = True
    has_test_flag: bool = False
    answers: list[Accepted | Exception] = field(default_factory=list)
    on_place: Callable[[OrderRequest], None] | None = None
    answer_of: Callable[[str], Accepted | Exception] | None = None
    says: str = ""
    on_read: Callable[[str], None] | None = None
    objections: tuple[str, ...] = ()
    books: list[OrderRequest] = field(default_factory=list)
    orders: dict[str, VendorOrder] = field(default_factory=dict)
    found: list[tuple[VendorOrder, ...] | Exception] = field(default_factory=list)
    sought: list[LookUp] = field(default_factory=list)
    before: dict[str, Any] | Exception | None = None
    checklist: tuple[Check, ...] = ()
    pages: list[list[ChangedOrder]] = field(default_factory=list)
    reads: list[str] = field(default_factory=list)
    listed: list[tuple[datetime, int]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    cancel_answers: list[Accepted | Exception] = field(default_factory=list)

    def place(self, client: FakeClient, order: OrderRequest) -> Accepted:
        if client.before_write:
            client.before_write()
        client.has_written = True
        self.books.append(order)
        client.said("place_order", answer=self.says)
        if self.on_place:
            self.on_place(order)
        answer = self.answers.pop(0) if self.answers else Accepted(number="SO-70012")
        if self.answer_of:
            answer = self.answer_of(order.reference)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def note_before(self, client: FakeClient, order: OrderRequest) -> dict[str, Any]:
        client.said("note_before_placing")
        if isinstance(self.before, Exception):
            raise self.before
        return self.before or {}

    def find(self, client: FakeClient, sought: LookUp) -> tuple[VendorOrder, ...]:
        client.said("find_orders")
        self.sought.append(sought)
        answer = self.found.pop(0) if self.found else ()
        if isinstance(answer, Exception):
            raise answer
        return answer

    def list_changed(
        self, client: FakeClient, since: datetime, page: int
    ) -> ChangedPage:
        client.said("list_changed_orders")
        self.listed.append((since, page))
        orders = self.pages[page] if page < len(self.pages) else []
        is_last = page + 1 >= len(self.pages)
        return ChangedPage(
            orders=tuple(orders), next_page=None if is_last else page + 1
        )

    def read(self, client: FakeClient, number: str) -> VendorOrder:
        client.said("read_order")
        self.reads.append(number)
        if self.on_read:
            self.on_read(number)
        answer: Any = self.orders[number]
        if isinstance(answer, Exception):
            raise answer
        return answer

    def read_hook(
        self, account: Account, headers: Mapping[str, str], body: bytes
    ) -> WebhookDelivery:
        """`X-Signed: yes` is the signature, and the body names what has changed."""
        if headers.get("X-Signed") != "yes":
            raise BadSignature
        try:
            told = json.loads(body)
        except ValueError:
            raise UnreadableHook("It is no JSON.") from None
        return WebhookDelivery(
            id=told["id"],
            attempt=1,
            notifications=tuple(
                Notification(action=f"{topic}Changed", topic=topic, number=number)
                for topic, number in told["changed"]
            ),
        )

    def cancel(self, client: FakeClient, number: str) -> Accepted:
        client.has_written = True
        client.said("cancel_order")
        answer = (
            self.cancel_answers.pop(0)
            if self.cancel_answers
            else Accepted(number=number)
        )
        if isinstance(answer, Exception):
            raise answer
        self.cancelled.append(number)
        return answer

    def vendor(self) -> Vendor:
        def follow(function: Any) -> Any:
            return function if self.can_follow else ABSENT

        def open_client(
            account: Account, tokens: TokenStore, record: Recorder
        ) -> FakeClient:
            return FakeClient(account, record)

        return Vendor(
            code=self.code,
            name=self.code.title(),
            credentials=(
                SettingField(name="username", label="User name"),
                SettingField(name="password", label="Password"),
            ),
            options=(
                SettingField(name="client", label="Client"),
                SettingField(name="customer_number", label="Customer number"),
                SettingField(name="warehouse", label="Warehouse"),
                *limit_fields(CallLimits()),
            ),
            mapping={"order_status.Incoming": inferred("confirmed")},
            word_kinds={"order_status": tuple(Fulfilment)},
            open_client=open_client,  # type: ignore[arg-type]
            has_test_flag=self.has_test_flag,
            objections=lambda account, order: self.objections,
            check_connection=lambda client: "It works.",
            fetch_offers=ABSENT,
            list_changed_products=ABSENT,
            read_product=ABSENT,
            list_changed_stock=ABSENT,
            read_price_file=ABSENT,
            customers=ABSENT,
            create_shop=ABSENT,
            update_shop=ABSENT,
            place_order=self.place,  # type: ignore[arg-type]
            find_orders=follow(self.find),
            list_changed_orders=follow(self.list_changed),
            read_order=follow(self.read),
            cancel_order=follow(self.cancel),
            webhooks=Webhooks(read=self.read_hook, echo=lambda query: query.get("echo"))
            if self.can_follow
            else ABSENT,
            customer_login=ABSENT,
            checklist=self.checklist,
            note_before_placing=(
                None if self.before is None else self.note_before  # type: ignore[arg-type]
            ),
        )
