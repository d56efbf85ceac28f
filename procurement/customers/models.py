"""Who the goods are for."""

from django.db import models
from django.db.models.functions import Now

from procurement.addresses import PostalAddress
from procurement.suppliers.models import Supplier


class Customer(PostalAddress):
    name = models.CharField(max_length=120)
    organization_number = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    external_reference = models.CharField(max_length=80, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class CustomerLink(models.Model):
    """A customer's number at one supplier."""

    customer = models.ForeignKey(
        Customer, on_delete=models.CASCADE, related_name="links"
    )
    supplier = models.ForeignKey(
        Supplier, on_delete=models.PROTECT, related_name="customer_links"
    )
    number = models.CharField(max_length=100)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["customer", "supplier"],
                name="customer_once_per_supplier",
                violation_error_message="The customer has a number there already.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.customer} is {self.number} at {self.supplier}"
