"""Rules of approval: which orders they are for, and who has to say yes to them."""

from decimal import Decimal

from django.conf import settings
from django.contrib.auth.models import Group
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from procurement.money import ExactDecimalField
from procurement.orders.models import PurchaseOrder
from procurement.shops.models import Shop
from procurement.suppliers.models import Supplier


class SendOnApproval(models.TextChoices):
    AS_SET = "as_set", _("As set for this installation")
    YES = "yes", _("Yes, at once")
    NO = "no", _("No, a person sends it")


class Criteria(models.Model):
    """Which orders a rule is for; what is left empty is not looked at."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    is_active = models.BooleanField(
        _("active"),
        default=True,
        help_text=_("Orders that wait for approval already keep what they were given."),
    )
    currency = models.CharField(
        _("currency"),
        max_length=3,
        blank=True,
        help_text=_("Three letters. Orders in other currencies are not meant then."),
    )
    supplier = models.ForeignKey(
        Supplier,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("supplier"),
    )
    shop = models.ForeignKey(
        Shop,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("shop"),
    )
    buyer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("buyer"),
    )
    send_on_approval = models.CharField(
        _("send when approved"),
        max_length=10,
        choices=SendOnApproval,
        default=SendOnApproval.AS_SET,
        help_text=_("Where rules of one order disagree, a “no” counts."),
    )

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    def concerns(self, order: PurchaseOrder, total: Decimal) -> bool:
        """Whether an order is meant; `total` is that of its lines, without VAT."""
        return (
            self.currency in ("", order.currency)
            and self.supplier_id in (None, order.supplier_id)
            and self.shop_id in (None, order.shop_id)
            and self.buyer_id in (None, order.buyer_id)
            and self.takes(total)
        )

    def takes(self, total: Decimal) -> bool:
        raise NotImplementedError


class ApprovalRule(Criteria):
    """Demands one or more levels of approval for the orders it is for."""

    position = models.PositiveSmallIntegerField(
        _("order among rules"),
        default=1,
        help_text=_("Where several rules apply, the lower number is asked first."),
    )
    least_amount = ExactDecimalField(
        verbose_name=_("from an amount of"),
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Without VAT, in the rule’s currency; this amount is included."),
    )

    class Meta:
        verbose_name = _("approval rule")
        verbose_name_plural = _("approval rules")
        ordering = ["position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(least_amount=None)
                | (Q(least_amount__gte=0) & ~Q(currency="")),
                name="rule_amount_has_currency",
            ),
        ]

    def takes(self, total: Decimal) -> bool:
        return self.least_amount is None or bool(total >= self.least_amount)


class ApprovalLevel(models.Model):
    """One yes that a rule demands, from any one of its people."""

    rule = models.ForeignKey(
        ApprovalRule, on_delete=models.CASCADE, related_name="levels", db_index=False
    )
    position = models.PositiveSmallIntegerField(_("#"))
    name = models.CharField(_("name"), max_length=80)
    groups = models.ManyToManyField(
        Group, blank=True, related_name="+", verbose_name=_("groups")
    )
    people = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        blank=True,
        related_name="+",
        verbose_name=_("people"),
    )
    allows_same_person = models.BooleanField(
        _("same person may"),
        default=False,
        help_text=_("Who approved an earlier level of the order may approve this one."),
    )

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["rule", "position"], name="level_position_unique"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class AutoApproval(Criteria):
    """Approves small orders as soon as approval is asked for, where no rule objects."""

    below = ExactDecimalField(
        verbose_name=_("below an amount of"),
        decimal_places=3,
        help_text=_(
            "Without VAT, in the rule’s currency; this amount is not included."
        ),
    )

    class Meta:
        verbose_name = _("automatic approval")
        verbose_name_plural = _("automatic approvals")
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=Q(below__gt=0) & ~Q(currency=""),
                name="auto_approval_has_a_limit",
            ),
        ]

    def takes(self, total: Decimal) -> bool:
        return bool(total < self.below)


class StandIn(models.Model):
    """Somebody who may decide in another's place for some days, both included."""

    absent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("for whom"),
    )
    stand_in = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("who stands in"),
    )
    first_day = models.DateField(_("from"))
    last_day = models.DateField(_("to"), help_text=_("This day is included."))
    reason = models.CharField(_("reason"), max_length=200)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        editable=False,
    )
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("stand-in")
        verbose_name_plural = _("stand-ins")
        ordering = ["-first_day", "-pk"]
        indexes = [
            models.Index(fields=["stand_in", "last_day"], name="stand_in_days"),
            models.Index(fields=["-first_day", "-id"], name="stand_in_latest"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__gte=models.F("first_day")),
                name="stand_in_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=~Q(stand_in=models.F("absent")),
                name="stand_in_is_somebody_else",
            ),
        ]
        permissions = [
            ("keep_standin", "Can name stand-ins for other people"),
        ]

    def __str__(self) -> str:
        return f"{self.stand_in} for {self.absent}"
