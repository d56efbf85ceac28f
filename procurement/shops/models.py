"""The web shops on whose behalf goods are bought, and how they stand at suppliers."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from procurement.addresses import PostalAddress
from procurement.suppliers.models import Supplier
from procurement.texts import gettext_lazy
from procurement.transmissions.history import PartyEvent

ID_LENGTH = 80
ATTENTION_LENGTH = 500


class Shop(PostalAddress):
    """`version` counts what people change of it, the engine's progress apart."""

    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    legal_name = models.CharField(
        max_length=120,
        blank=True,
        help_text=gettext_lazy("Left empty, it is the name."),
    )
    organization_number = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name", "pk"]
        permissions = [
            ("register_shop", "Can create a shop at a supplier"),
            ("push_shop", "Can push a shop's changes to a supplier"),
            ("resolve_shop", "Can record a shop's id and settle unknown outcomes"),
        ]

    def __str__(self) -> str:
        return self.name


class ShopState(models.TextChoices):
    """How far making the shop at the supplier has come."""

    NONE = "none", gettext_lazy("Not there")
    QUEUED = "queued", gettext_lazy("To be created")
    SENDING = "sending", gettext_lazy("Being created")
    UNKNOWN = "unknown", gettext_lazy("Outcome unknown")
    CREATED = "created", gettext_lazy("There")
    CREATED_WITHOUT_ID = "created_without_id", gettext_lazy("Created, id unknown")
    REFUSED = "refused", gettext_lazy("Refused by the supplier")
    FAILED = "failed", gettext_lazy("Could not be created")


class PushState(models.TextChoices):
    """How far the latest push of its changes has come."""

    NONE = "none", gettext_lazy("None yet")
    QUEUED = "queued", gettext_lazy("To be pushed")
    SENDING = "sending", gettext_lazy("Being pushed")
    UNKNOWN = "unknown", gettext_lazy("Outcome unknown")
    PUSHED = "pushed", gettext_lazy("Pushed")
    REFUSED = "refused", gettext_lazy("Refused by the supplier")
    FAILED = "failed", gettext_lazy("Could not be pushed")


class ShopRegistration(models.Model):
    """One shop at one supplier; its columns are written by operations alone.

    `subject` names it to transmissions for good, so that nothing which is renamed
    later makes a second shop possible.
    """

    shop = models.ForeignKey(
        Shop, on_delete=models.PROTECT, related_name="registrations"
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="shop_registrations"
    )
    subject = models.CharField(max_length=80, unique=True)
    state = models.CharField(max_length=20, choices=ShopState, default=ShopState.NONE)
    push_state = models.CharField(
        max_length=10, choices=PushState, default=PushState.NONE
    )
    is_test = models.BooleanField(
        help_text=gettext_lazy(
            "Whether the supplier was in test mode when the shop was made there."
        )
    )
    vendor_id = models.CharField(
        max_length=ID_LENGTH,
        blank=True,
        help_text=gettext_lazy("The shop's id at the supplier."),
    )
    details = models.JSONField(
        default=dict, help_text=gettext_lazy("What this vendor alone asks for.")
    )
    last_accepted = models.JSONField(
        null=True, help_text=gettext_lazy("The request the supplier accepted last.")
    )
    push_count = models.PositiveIntegerField(
        default=0, help_text=gettext_lazy("Pushes the supplier has accepted.")
    )
    attention = models.CharField(max_length=ATTENTION_LENGTH, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["supplier__name", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["shop", "supplier"], name="shop_once_per_supplier"
            ),
            models.CheckConstraint(
                condition=Q(state__in=ShopState.values), name="shop_state_known"
            ),
            models.CheckConstraint(
                condition=Q(push_state__in=PushState.values),
                name="shop_push_state_known",
            ),
            models.CheckConstraint(
                condition=Q(state=ShopState.CREATED) & ~Q(vendor_id="")
                | ~Q(state=ShopState.CREATED) & Q(vendor_id=""),
                name="shop_id_is_known_where_it_is_there",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.shop} at {self.supplier}"

    @property
    def reference(self) -> str:
        """What its exchanges are found by; the same over all tries."""
        return f"SHOP-{self.shop_id}"

    @property
    def push_subject(self) -> str:
        """The subject of the next push: it counts on only once one was accepted, so
        two of them can't be under way at the same time."""
        return f"{self.subject}#{self.push_count + 1}"


class ShopEvent(PartyEvent):
    shop = models.ForeignKey(Shop, on_delete=models.CASCADE, related_name="events")

    class Meta(PartyEvent.Meta):
        indexes = [models.Index(fields=["shop", "id"])]

    def __str__(self) -> str:
        return f"{self.shop} {self.kind}"
