"""Postal addresses as columns, the same names wherever there is one."""

from django.core.validators import RegexValidator
from django.db import models

from vendors.contracts import Address

FIELDS = (
    "name",
    "street",
    "street_number",
    "entrance",
    "zip_code",
    "city",
    "country_code",
)
COUNTRY_BY_CODE = "Give the country by its two capital letters, such as SE."
country_code_validator = RegexValidator(r"^[A-Z]{2}\Z", COUNTRY_BY_CODE)


class PostalAddress(models.Model):
    """Whom to deliver to stands in the model's own `name`."""

    street = models.CharField(max_length=120, blank=True)
    street_number = models.CharField(max_length=20, blank=True)
    entrance = models.CharField(max_length=20, blank=True)
    zip_code = models.CharField(max_length=20, blank=True)
    city = models.CharField(max_length=80, blank=True)
    country_code = models.CharField(
        max_length=2, blank=True, validators=[country_code_validator]
    )

    class Meta:
        abstract = True

    @property
    def address(self) -> Address:
        return Address(**{name: getattr(self, name) for name in FIELDS})
