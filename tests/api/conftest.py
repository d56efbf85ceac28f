import pytest
from rest_framework.test import APIClient

from procurement.suppliers.models import Supplier
from tests.api.clients import client_for, full_client
from tests.factories import make_supplier, make_user


@pytest.fixture
def api(db: None) -> APIClient:
    """A system that may do everything, as the user `buyer`."""
    return full_client()


@pytest.fixture
def supplier(db: None) -> Supplier:
    return make_supplier()


@pytest.fixture
def root_api(db: None) -> APIClient:
    """A system whose user may do everything there is."""
    return client_for(make_user("root", is_superuser=True))
