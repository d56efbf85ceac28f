"""An order in Extend's books: its rows, what ships first, what may still change."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import uuid4

from vendors.sandbox.books import BookedLine, BookedOrder
from vendors.sandbox.extend.answers import bad_request
from vendors.sandbox.extend.catalogue import (
    ARTICLES,
    CURRENCY,
    FREIGHT_ARTICLE,
    FREIGHT_PRICE,
    MAIN_WAREHOUSE,
    VAT_PERCENT,
    Article,
)
from vendors.sandbox.extend.words import (
    CHANGEABLE,
    IN_REVIEW,
    NOT_GOODS,
    ORDER_STATUS,
    UNKNOWN_WORD,
    Stage,
)
from vendors.sandbox.lives import Life, Turn

ROW_STEP = 10


def new_id() -> str:
    """Return the id of a row, which stays with it whatever happens to the row."""
    return str(uuid4())


@dataclass(slots=True)
class Row:
    """One row. Prices are per unit, without VAT.

    Attributes:
        sent: the row as it came in; empty for rows Extend added.
        parent: position of the bill of materials this row is a part of.
        rest_id: id of the second row, should this one be shipped in two parts.
    """

    position: int
    product_number: str
    product_name: str
    quantity: Decimal
    unit: str
    unit_price: Decimal
    vat_percent: Decimal = VAT_PERCENT
    currency: str = CURRENCY
    warehouse: str = MAIN_WAREHOUSE
    supply_mode: str = "Warehouse"
    sub_position: int = 0
    parent: int | None = None
    is_active: bool = True
    sent: dict[str, Any] = field(default_factory=dict)
    id: str = field(default_factory=new_id)
    rest_id: str = field(default_factory=new_id)

    @property
    def place(self) -> tuple[int, int]:
        """Return the key of the row within its order."""
        return self.position, self.sub_position

    @property
    def article(self) -> Article | None:
        return ARTICLES.get(self.product_number)

    @property
    def is_goods(self) -> bool:
        is_parent = self.supply_mode == "BillOfMaterials"
        return self.is_active and not is_parent and self.supply_mode not in NOT_GOODS

    @property
    def amount(self) -> Decimal:
        return self.quantity * self.unit_price if self.is_active else Decimal(0)


def components_of(row: Row) -> list[Row]:
    """Expand a bill of materials; its parts are priced in the parent row."""
    article = row.article
    if article is None:
        return []
    return [
        Row(
            position=row.position,
            sub_position=index,
            product_number=number,
            product_name=ARTICLES[number].name,
            quantity=row.quantity * quantity,
            unit=ARTICLES[number].unit,
            unit_price=Decimal(0),
            warehouse=row.warehouse,
            parent=row.position,
        )
        for index, (number, quantity) in enumerate(article.components.items(), start=1)
    ]


def freight_row(position: int) -> Row:
    """Return the row Extend adds to an order that is not freight free."""
    return Row(
        position=position,
        product_number=FREIGHT_ARTICLE,
        product_name="Frakt",
        quantity=Decimal(1),
        unit="ST",
        unit_price=FREIGHT_PRICE,
        supply_mode="Freight",
    )


class CustomerOrder:
    """One customer order.

    Args:
        header: the members sent, checked.
        rows: as sent, then what Extend added to them.
        may_ship_in_parts: whether part of the goods may go out first.
    """

    def __init__(
        self,
        number: str,
        header: dict[str, Any],
        rows: Sequence[Row],
        customer_name: str,
        placed_at: datetime,
        body: str,
    ) -> None:
        self.number = number
        self.header = header
        self.rows = list(rows)
        self.customer_name = customer_name
        self.placed_at = placed_at
        self.life = Life(self._path(), placed_at)
        if header.get("reviewReasonNotes"):
            self.life.turn = Turn.IN_REVIEW
        sent_rows = [row for row in self.rows if row.sent]
        self.entry = BookedOrder(
            number=number,
            reference=self.reference,
            is_test=False,
            lines=tuple(
                BookedLine(row.product_number, row.quantity, row.unit, row.unit_price)
                for row in sent_rows
            ),
            total=sum((row.amount for row in sent_rows), Decimal(0)),
            currency=sent_rows[0].currency,
            placed_at=placed_at,
            body=body,
        )

    @property
    def reference(self) -> str:
        return self.header.get("orderNumberExternal") or ""

    @property
    def status(self) -> str:
        if self.life.turn is Turn.UNKNOWN_WORD:
            return UNKNOWN_WORD
        if self.life.turn is Turn.IN_REVIEW:
            return IN_REVIEW
        return ORDER_STATUS[Stage(self.life.shown_stage)]

    @property
    def total_price(self) -> Decimal:
        return sum((row.amount for row in self.rows), Decimal(0))

    @property
    def goods(self) -> list[Row]:
        return [row for row in self.rows if row.is_goods]

    @property
    def ships_in_parts(self) -> bool:
        """Whether a first part goes out before the rest.

        Parts are allowed by the value sent, else by the customer's (documented); the
        customers of this installation allow them.
        """
        goods = self.goods
        is_divisible = len(goods) > 1 or any(row.quantity >= 2 for row in goods)
        return is_divisible and self.header.get("partialDelivery") is not False

    def shipped_first(self, row: Row) -> Decimal:
        """Return how much of a row goes out with the first of two shipments.

        Of several rows the first half goes whole; a single one is divided.
        """
        goods = self.goods
        if len(goods) == 1:
            return row.quantity // 2
        leading = [each.id for each in goods[: (len(goods) + 1) // 2]]
        return row.quantity if row.id in leading else Decimal(0)

    def require_changeable(self) -> None:
        """Refuse what comes too late.

        Raises:
            Refusal: picking has started (documented), or the order is annulled. The
                vendor doesn't document its answer; a 400 is expected.
        """
        if self.life.stage == Stage.ANNULLED:
            raise bad_request(f"Order {self.number} is annulled.")
        if self.life.stage not in CHANGEABLE:
            raise bad_request(
                f"Order {self.number} is reserved, no adjustment is allowed."
            )

    def rows_changed(self, now: datetime) -> None:
        """Plan anew after a change of rows; without goods the order is annulled."""
        if self.goods:
            self.life.path = self._path()
            self.life.touch(now)
        else:
            self.annul(now)

    def annul(self, now: datetime) -> None:
        self.life.end(Stage.ANNULLED, now)
        self.life.turn = Turn.NORMAL

    def take_life(self, turn: Turn, now: datetime) -> None:
        self.life.take(turn, now)
        if not self.life.has_ended:
            self.life.path = self._path(is_short=turn is Turn.SHORT)

    def _path(self, is_short: bool = False) -> tuple[Stage, ...]:
        parts = (Stage.PARTLY_SHIPPED,) if self.ships_in_parts else ()
        last = Stage.CLOSED_SHORT if is_short else Stage.SHIPPED
        return (*CHANGEABLE, Stage.RESERVED, *parts, last)
