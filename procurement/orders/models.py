"""Purchase orders, their lines, and everything that happened to them."""

from datetime import date
from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import User
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from procurement import clock
from procurement.addresses import FIELDS as ADDRESS_FIELDS
from procurement.addresses import country_code_validator
from procurement.customers.models import Customer
from procurement.money import ExactDecimalField, round_amount
from procurement.orders.states import (
    CHANGEABLE,
    Approval,
    Fulfilment,
    Sending,
    Status,
    headline,
    headline_sql,
)
from procurement.scoping import scoped
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from procurement.transmissions.models import Transmission
from vendors.contracts import Address

NOTE_LENGTH = 400
"""Of a text column only forms check the length; `entry` does for every door."""


IS_OPEN = ~Q(fulfilment=Fulfilment.DELIVERED) & ~Q(fulfilment=Fulfilment.CANCELLED)
"""In two terms, since SQLite takes a partial index only where a query repeats its
terms, and does not see through a list."""

IN_DOUBT = (
    Q(transmission=Sending.UNKNOWN)
    | Q(transmission=Sending.REFUSED)
    | Q(transmission=Sending.FAILED)
)
"""Sending it ended without the supplier having taken it for sure."""

IS_AT_SUPPLIER = IS_OPEN & Q(transmission=Sending.SENT)
DEVIATES = Q(transmission=Sending.SENT) & ~Q(attention="")
"""The supplier has, promises or did something else than was approved."""

AWAITS_INVOICE = Q(is_invoiced=False) & (
    Q(fulfilment=Fulfilment.SHIPPED) | Q(fulfilment=Fulfilment.DELIVERED)
)
LINE_DEVIATES = IS_OPEN & (
    Q(promised_date__gt=F("first_promised_date")) | Q(quantity_cancelled__gt=0)
)
"""Put off since it was first promised, or cancelled in part."""


class OrderNumber(models.Model):
    """Hands out numbers: one row each, so that nobody waits for anybody.

    A row whose transaction was rolled back leaves a gap, which is allowed.
    """

    year = models.PositiveSmallIntegerField()

    def __str__(self) -> str:
        return f"PO-{self.year}-{self.pk:06d}"

    @classmethod
    def take(cls, today: date) -> str:
        return str(cls.objects.create(year=today.year))


class PurchaseOrderQuerySet(models.QuerySet["PurchaseOrder"]):
    """Reads of orders that every door shares."""

    def visible_to(self, user: User) -> "PurchaseOrderQuerySet":
        """The orders a person or the user of a key may see.

        Every screen, file and call that shows orders to somebody begins here.
        """
        return scoped(self, user)


class PurchaseOrder(models.Model):
    """One order to one supplier.

    The state columns are written by operations alone. `transmission` speaks of
    placing the order; a cancellation on its way has its own transmission.
    """

    number = models.CharField(max_length=20, unique=True, editable=False)
    source = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=gettext_lazy("The system that entered it; empty for a person."),
    )
    external_reference = models.CharField(max_length=80, blank=True)
    # Keys that begin an index of two columns below have none of their own.
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="orders", db_index=False
    )
    shop = models.ForeignKey(
        Shop,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        db_index=False,
    )
    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, null=True, blank=True, related_name="orders"
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="orders",
        db_index=False,
    )
    currency = models.CharField(max_length=3)
    requested_date = models.DateField(null=True, blank=True)
    note = models.TextField(
        blank=True,
        max_length=NOTE_LENGTH,
        help_text=gettext_lazy("Goes to the supplier with the order."),
    )
    is_test = models.BooleanField(
        default=True, help_text=gettext_lazy("Not a real purchase.")
    )

    delivery_name = models.CharField(max_length=120, blank=True)
    delivery_street = models.CharField(max_length=120, blank=True)
    delivery_street_number = models.CharField(max_length=20, blank=True)
    delivery_entrance = models.CharField(max_length=20, blank=True)
    delivery_zip_code = models.CharField(max_length=20, blank=True)
    delivery_city = models.CharField(max_length=80, blank=True)
    delivery_country_code = models.CharField(
        max_length=2, blank=True, validators=[country_code_validator]
    )

    total = ExactDecimalField(decimal_places=3, default=0, editable=False)

    approval = models.CharField(
        max_length=10, choices=Approval, default=Approval.DRAFT, editable=False
    )
    asked_hash = models.CharField(
        max_length=64,
        blank=True,
        default="",
        db_default="",
        editable=False,
        help_text=gettext_lazy("Of the content for which approval was asked."),
    )
    approved_hash = models.CharField(max_length=64, blank=True, editable=False)
    transmission = models.CharField(
        max_length=10, choices=Sending, default=Sending.NONE, editable=False
    )
    fulfilment = models.CharField(
        max_length=20, choices=Fulfilment, default=Fulfilment.NONE, editable=False
    )
    attention = models.CharField(max_length=500, blank=True, editable=False)
    headline = models.GeneratedField(
        expression=headline_sql(),
        output_field=models.CharField(max_length=20, choices=Status),
        db_persist=True,
    )
    is_invoiced = models.BooleanField(default=False, editable=False)

    supplier_order_number = models.CharField(
        max_length=80, blank=True, editable=False, db_index=True
    )
    supplier_status = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=gettext_lazy("The supplier's own word, as it came."),
    )
    supplier_charges = models.JSONField(
        default=list,
        editable=False,
        help_text=gettext_lazy(
            "What the supplier added by itself, such as freight, without VAT."
        ),
    )
    supplier_changed_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=gettext_lazy("The supplier's own time of its change."),
    )
    supplier_fingerprint = models.CharField(
        max_length=64,
        blank=True,
        editable=False,
        help_text=gettext_lazy(
            "Of the supplier's view, where it gives no time of a change."
        ),
    )
    payment_status = models.CharField(
        max_length=100,
        blank=True,
        editable=False,
        help_text=gettext_lazy(
            "The supplier's own word for the payment; it moves no state."
        ),
    )
    promised_date = models.DateField(null=True, editable=False)
    submitted_at = models.DateTimeField(null=True, editable=False)
    approved_at = models.DateTimeField(null=True, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    state_since = models.DateTimeField(db_default=Now(), editable=False)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    # Both are of use to the few orders that have them; see `approvals.owners`.
    content_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
        db_index=False,
        help_text="Who changed last what would be sent; empty since it was entered.",
    )
    former_buyers = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        related_name="+",
        editable=False,
        help_text="Who was its buyer since approval was asked for.",
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = PurchaseOrderQuerySet.as_manager()

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["source", "external_reference"],
                condition=~Q(external_reference=""),
                name="external_reference_unique_per_source",
                violation_error_message=gettext_lazy(
                    "There is an order with this reference."
                ),
            ),
            models.CheckConstraint(
                condition=Q(approval__in=Approval.values), name="approval_known"
            ),
            models.CheckConstraint(
                condition=Q(transmission__in=Sending.values), name="transmission_known"
            ),
            models.CheckConstraint(
                condition=Q(fulfilment__in=Fulfilment.values), name="fulfilment_known"
            ),
            models.CheckConstraint(
                condition=~Q(approval=Approval.APPROVED) | ~Q(approved_hash=""),
                name="approved_means_bound_to_content",
            ),
            models.CheckConstraint(
                condition=Q(approval=Approval.APPROVED)
                | Q(transmission__in=sorted(CHANGEABLE)),
                name="nothing_on_its_way_unapproved",
            ),
            models.CheckConstraint(condition=Q(total__gte=0), name="total_not_below_0"),
        ]
        indexes = [
            models.Index(fields=["headline", "-id"]),
            models.Index(fields=["supplier", "-id"]),
            models.Index(fields=["buyer", "-id"]),
            models.Index(fields=["shop", "-id"]),
            models.Index(
                fields=["content_by"],
                condition=Q(content_by__isnull=False),
                name="orders_changed_by",
            ),
            models.Index(fields=["updated_at", "id"]),
            # What is in a state now mostly changed last: by the index above, whoever
            # asks for it oldest change first waits until all others were passed.
            models.Index(
                fields=["headline", "updated_at", "id"], name="orders_status_changed"
            ),
            models.Index(fields=["created_at"], name="orders_created"),
            # An axis has few values, and people look for the rare ones.
            models.Index(fields=["approval", "-id"], name="orders_approval"),
            models.Index(fields=["transmission", "-id"], name="orders_transmission"),
            models.Index(fields=["fulfilment", "-id"], name="orders_fulfilment"),
            # By the beginning of a text PostgreSQL finds rows in such an index alone,
            # whatever the collation.
            models.Index(
                fields=["external_reference"],
                opclasses=["varchar_pattern_ops"],
                condition=~Q(external_reference=""),
                name="orders_by_reference",
            ),
            models.Index(
                fields=["supplier", "sent_at"],
                condition=Q(
                    transmission=Sending.SENT, supplier_changed_at__isnull=True
                ),
                name="orders_never_read",
            ),
            # What waits too long, the longest first, supplier by supplier.
            models.Index(
                fields=["supplier", "state_since"],
                condition=Q(headline=Status.APPROVED),
                name="orders_to_send",
            ),
            models.Index(
                fields=["supplier", "sent_at"],
                condition=Q(headline=Status.SENT),
                name="orders_unconfirmed",
            ),
            models.Index(
                fields=["supplier", "sent_at"], condition=IS_OPEN, name="orders_open"
            ),
            models.Index(
                fields=["supplier", "promised_date"],
                condition=IS_OPEN,
                name="orders_promised_by",
            ),
            models.Index(
                fields=["supplier", "requested_date"],
                condition=IS_OPEN & Q(promised_date=None),
                name="orders_requested_by",
            ),
            models.Index(
                fields=["promised_date"], condition=IS_OPEN, name="orders_late"
            ),
            models.Index(
                fields=["requested_date"],
                condition=IS_OPEN & Q(promised_date=None),
                name="orders_wanted",
            ),
            models.Index(
                fields=["supplier", "-id"],
                condition=~Q(attention=""),
                name="orders_with_attention",
            ),
            # The few there are, so that a list of them does not read all orders.
            models.Index(
                fields=["-id"], condition=~Q(attention=""), name="orders_to_look_at"
            ),
            models.Index(fields=["-id"], condition=Q(is_test=True), name="orders_test"),
            models.Index(
                fields=["requested_date", "id"],
                condition=Q(requested_date__isnull=False),
                name="orders_by_wanted_day",
            ),
            models.Index(
                fields=["-id"], condition=IS_AT_SUPPLIER, name="orders_at_suppliers"
            ),
            models.Index(fields=["-id"], condition=IN_DOUBT, name="orders_in_doubt"),
            models.Index(fields=["-id"], condition=DEVIATES, name="orders_deviating"),
            models.Index(
                fields=["-id"], condition=AWAITS_INVOICE, name="orders_to_invoice"
            ),
            models.Index(fields=["currency", "total"], name="orders_by_amount"),
            models.Index(
                fields=["promised_date"],
                condition=Q(promised_date__isnull=False),
                name="orders_expected",
            ),
            # What waits for approval, the longest first.
            models.Index(
                fields=["submitted_at", "id"],
                condition=Q(headline=Status.PENDING_APPROVAL),
                name="orders_to_approve",
            ),
            # What approvers compare an order with: whether its supplier had any, the
            # buyer's largest one, and whether goods ever went to its address.
            models.Index(
                fields=["supplier", "is_test"],
                condition=Q(sent_at__isnull=False),
                name="orders_ever_sent",
            ),
            models.Index(
                fields=["buyer", "currency", "is_test", "total"],
                condition=Q(sent_at__isnull=False),
                name="orders_by_size",
            ),
            models.Index(
                fields=["shop", "delivery_zip_code", "delivery_street"],
                condition=Q(sent_at__isnull=False),
                name="orders_by_address",
            ),
        ]
        permissions = [
            ("submit_purchaseorder", "Can ask for approval of an order"),
            ("approve_purchaseorder", "Can approve, send back and reject orders"),
            ("send_purchaseorder", "Can send an approved order"),
            ("cancel_purchaseorder", "Can cancel an order"),
            ("refresh_purchaseorder", "Can ask the supplier for an order's state"),
            ("resolve_purchaseorder", "Can settle unknown outcomes and attention"),
            ("confirm_purchaseorder", "Can record what a supplier confirmed"),
            ("ship_purchaseorder", "Can record what a supplier shipped"),
            ("receive_purchaseorder", "Can record received goods"),
            ("invoice_purchaseorder", "Can record a supplier's invoice"),
            ("comment_purchaseorder", "Can comment on an order"),
            ("assign_purchaseorder", "Can make somebody else an order's buyer"),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def status(self) -> Status:
        """The headline; the column of that name is for filters."""
        return headline(
            approval=self.approval,
            transmission=self.transmission,
            fulfilment=self.fulfilment,
            attention=self.attention,
        )

    @property
    def delivery_address(self) -> Address:
        return Address(
            **{name: getattr(self, f"delivery_{name}") for name in ADDRESS_FIELDS}
        )

    @delivery_address.setter
    def delivery_address(self, address: Address) -> None:
        for name in ADDRESS_FIELDS:
            setattr(self, f"delivery_{name}", getattr(address, name))

    @property
    def is_changeable(self) -> bool:
        """Whether its content may change; it takes a new approval afterwards."""
        return (
            self.transmission in CHANGEABLE
            and self.approval != Approval.REJECTED
            and self.fulfilment == Fulfilment.NONE
        )

    @property
    def is_late(self) -> bool:
        return (
            self.promised_date is not None
            and self.promised_date < clock.today()
            and self.fulfilment not in (Fulfilment.DELIVERED, Fulfilment.CANCELLED)
        )


class OrderLine(models.Model):
    """One item of an order. Quantities are in `unit`, prices without VAT."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="lines", db_index=False
    )
    position = models.PositiveIntegerField()
    item_number = models.CharField(max_length=80)
    brand = models.CharField(max_length=80, blank=True)
    description = models.CharField(max_length=300, blank=True)
    quantity = ExactDecimalField(decimal_places=3)
    unit = models.CharField(max_length=10, blank=True)
    unit_price = ExactDecimalField(decimal_places=4)
    vat_percent = ExactDecimalField(
        max_digits=5, decimal_places=2, null=True, blank=True
    )

    is_confirmed = models.BooleanField(default=False, editable=False)
    quantity_picking = ExactDecimalField(decimal_places=3, default=0, editable=False)
    quantity_shipped = ExactDecimalField(decimal_places=3, default=0, editable=False)
    quantity_received = ExactDecimalField(decimal_places=3, default=0, editable=False)
    quantity_cancelled = ExactDecimalField(
        decimal_places=3,
        default=0,
        editable=False,
        help_text=gettext_lazy("Cancelled by the supplier or closed short by us."),
    )
    fulfilment = models.CharField(
        max_length=20, choices=Fulfilment, default=Fulfilment.NONE, editable=False
    )
    supplier_status = models.CharField(max_length=100, blank=True, editable=False)
    promised_date = models.DateField(null=True, editable=False)
    first_promised_date = models.DateField(
        null=True,
        editable=False,
        help_text=gettext_lazy(
            "What was promised first; lateness is measured from it."
        ),
    )

    class Meta:
        ordering = ["position"]
        indexes = [
            # The order beside it: finding orders by an item reads no line.
            models.Index(
                fields=["item_number", "order"],
                opclasses=["varchar_pattern_ops", "int8_ops"],
                name="line_item_number",
            ),
            models.Index(
                fields=["promised_date", "id"],
                condition=IS_OPEN & Q(promised_date__isnull=False),
                name="lines_promised",
            ),
            models.Index(
                fields=["order", "position"],
                condition=LINE_DEVIATES,
                name="lines_deviating",
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["order", "position"], name="line_position_unique"
            ),
            models.CheckConstraint(
                condition=Q(quantity__gt=0), name="line_quantity_positive"
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0), name="line_price_not_below_0"
            ),
            models.CheckConstraint(
                condition=Q(
                    quantity_picking__gte=0,
                    quantity_shipped__gte=0,
                    quantity_received__gte=0,
                    quantity_cancelled__gte=0,
                    quantity_cancelled__lte=F("quantity"),
                ),
                name="line_progress_not_below_0",
            ),
            models.CheckConstraint(
                condition=Q(fulfilment__in=Fulfilment.values),
                name="line_fulfilment_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.position}. {self.item_number}"

    @property
    def amount(self) -> Decimal:
        """Without VAT, rounded as the order's currency is paid."""
        return round_amount(self.quantity * self.unit_price, self.order.currency)

    @property
    def quantity_open(self) -> Decimal:
        """What is still to come."""
        still: Decimal = (
            self.quantity - self.quantity_cancelled - self.quantity_received
        )
        return max(still, Decimal(0))


class OrderEvent(models.Model):
    """One thing that happened to an order. Written once, never changed."""

    order = models.ForeignKey(
        PurchaseOrder, on_delete=models.CASCADE, related_name="events"
    )
    kind = models.CharField(max_length=30, db_index=True)
    at = models.DateTimeField(auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    actor_name = models.CharField(
        max_length=150,
        help_text=gettext_lazy("Who it was: a person, a system, the supplier."),
    )
    text = models.TextField(blank=True)
    data = models.JSONField(default=dict)
    status = models.CharField(max_length=20, choices=Status)
    transmission = models.ForeignKey(
        Transmission, on_delete=models.PROTECT, null=True, related_name="+"
    )
    conversation = models.UUIDField(
        null=True, help_text=gettext_lazy("The exchanges with the supplier behind it.")
    )

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["order", "id"])]

    def __str__(self) -> str:
        return f"{self.order} {self.kind}"
