"""Suppliers files speak of, and a person who may bring files."""

import pytest
from django.contrib.auth.models import User

from procurement.suppliers.models import Supplier
from tests.admin.conftest import Browser, browser, member
from tests.factories import make_supplier

__all__ = ["Browser", "browser"]


@pytest.fixture
def supplier(db: None) -> Supplier:
    return make_supplier("extend", slug="nord", name="Nord")


@pytest.fixture
def buyer(db: None) -> User:
    return member("buyer", "Buyer")
