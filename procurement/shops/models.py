"""The web shops on whose behalf goods are bought."""

from django.db import models
from django.db.models.functions import Now

from procurement.addresses import PostalAddress


class Shop(PostalAddress):
    slug = models.SlugField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    email = models.EmailField(blank=True)
    phone = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField(auto_now_add=True, db_default=Now())
    updated_at = models.DateTimeField(auto_now=True, db_default=Now())

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name
