"""How far a person's eyes reach; `procurement.scoping` says what follows from it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from procurement.shops.models import Shop


class Orders(models.TextChoices):
    ALL = "all", _("All orders")
    OWN = "own", _("Their own orders")


class Reach(models.Model):
    """What limits one person; a person without a row sees every order.

    It narrows what permissions allow, and gives none.
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reach"
    )
    orders = models.CharField(
        _("orders"),
        max_length=10,
        choices=Orders,
        default=Orders.ALL,
        help_text=_(
            "Their own are those they buy or entered. Who approves sees what waits "
            "for approval as well."
        ),
    )
    is_bound_to_shops = models.BooleanField(
        _("only the shops chosen"),
        default=False,
        help_text=_("Orders for other shops, or for none, are then not there."),
    )
    shops = models.ManyToManyField(
        Shop, verbose_name=_("shops"), related_name="reaches", blank=True
    )

    class Meta:
        verbose_name = _("reach")
        verbose_name_plural = _("reaches")
        constraints = [
            models.CheckConstraint(
                condition=Q(orders__in=Orders.values), name="reach_orders_known"
            )
        ]

    def __str__(self) -> str:
        return str(self.user)

    @property
    def is_own_only(self) -> bool:
        return self.orders == Orders.OWN
