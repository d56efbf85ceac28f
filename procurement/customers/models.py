"""Who the goods are for, and the numbers they have at suppliers."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.addresses import PostalAddress
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from procurement.transmissions.history import PartyEvent

NUMBER_LENGTH = 100
ATTENTION_LENGTH = 500


class Customer(PostalAddress):
    """`version` counts what people change of it, the engine's progress apart."""

    name = models.CharField(max_length=120)
    organization_number = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    external_reference = models.CharField(max_length=80, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    erased_at = models.DateTimeField(
        null=True,
        editable=False,
        help_text=gettext_lazy("When its personal data was erased."),
    )
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(fields=["organization_number"]),
            models.Index(fields=["external_reference"]),
            models.Index(fields=["updated_at", "id"]),
        ]
        permissions = [
            ("link_customer", "Can link a customer to its number at a supplier"),
            ("register_customer", "Can create a customer at a supplier"),
            ("resolve_customer", "Can settle unknown outcomes of creating customers"),
        ]

    def __str__(self) -> str:
        return self.name


class LinkState(models.TextChoices):
    NONE = "none", gettext_lazy("Not linked")
    QUEUED = "queued", gettext_lazy("To be created")
    SENDING = "sending", gettext_lazy("Being created")
    UNKNOWN = "unknown", gettext_lazy("Outcome unknown")
    LINKED = "linked", gettext_lazy("Linked")
    CREATED_WITHOUT_NUMBER = (
        "created_without_number",
        gettext_lazy("Created, number unknown"),
    )
    REFUSED = "refused", gettext_lazy("Refused by the supplier")
    FAILED = "failed", gettext_lazy("Could not be created")


class LinkedBy(models.TextChoices):
    """How the number came to be known."""

    FOUND = "found", gettext_lazy("Found at the supplier")
    CREATED = "created", gettext_lazy("Created at the supplier")
    BY_HAND = "by_hand", gettext_lazy("Recorded by hand")


class CustomerLink(models.Model):
    """A customer's number at one supplier, or how far getting one has come.

    A link that was taken off stays as a row without a number: `subject` names it to
    transmissions for good, so that nothing is created twice.
    """

    customer = models.ForeignKey(
        Customer, on_delete=models.PROTECT, related_name="links"
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="customer_links"
    )
    subject = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=25, choices=LinkState, default=LinkState.NONE)
    number = models.CharField(max_length=NUMBER_LENGTH, blank=True)
    linked_by = models.CharField(max_length=10, choices=LinkedBy, blank=True)
    linked_at = models.DateTimeField(null=True)
    linked_by_person = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    attention = models.CharField(max_length=ATTENTION_LENGTH, blank=True)

    class Meta:
        ordering = ["supplier__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "supplier"],
                name="customer_once_per_supplier",
                violation_error_message=gettext_lazy(
                    "The customer has a number there already."
                ),
            ),
            models.CheckConstraint(
                condition=Q(state__in=LinkState.values), name="link_state_known"
            ),
            models.CheckConstraint(
                condition=Q(state=LinkState.LINKED) & ~Q(number="")
                | ~Q(state=LinkState.LINKED) & Q(number=""),
                name="link_has_a_number_where_linked",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} at {self.supplier}"

    @property
    def reference(self) -> str:
        """What its exchanges are found by; the same over all tries."""
        return f"CUSTOMER-{self.customer_id}"


class CustomerEvent(PartyEvent):
    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="events"
    )

    class Meta(PartyEvent.Meta):
        indexes = [models.Index(fields=["customer", "id"])]

    def __str__(self) -> str:
        return f"{self.customer} {self.kind}"
