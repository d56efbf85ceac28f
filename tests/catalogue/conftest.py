import pytest

from procurement.suppliers.models import Supplier
from tests.catalogue.fakes import FakeRange
from tests.conftest import use_fake
from tests.factories import make_supplier


@pytest.fixture
def shelves(monkeypatch: pytest.MonkeyPatch) -> FakeRange:
    """A vendor with a range, in the place of Extend."""
    fake = FakeRange()
    use_fake(monkeypatch, fake)
    return fake


@pytest.fixture
def supplier(shelves: FakeRange, db: None) -> Supplier:
    return make_supplier()
