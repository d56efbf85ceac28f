"""Fixtures every part of the suite may use."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, settings

import vendors
from procurement import tiles
from procurement.access import limits
from procurement.audit import guard
from procurement.figures import installation
from procurement.suppliers import budgets, tokens
from tests.fakes import FakeVendor
from tests.party_fakes import FakeParties

# A busy machine makes generating values slow, which says nothing about the code.
settings.register_profile(
    "suite", deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("suite")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """Tests that commit are cleaned up after, which the audit trail does not allow.

    Its own tests put the triggers back for themselves.
    """
    with django_db_blocker.unblock():
        guard.take_away(connection)


@pytest.fixture(autouse=True)
def tokens_unseen() -> None:
    """What one test logged in with is unknown to the next."""
    tokens.seen.forget()


@pytest.fixture(autouse=True)
def budgets_unused() -> None:
    """What one test called, and was told of limits, does not bind the next."""
    budgets.forget()


@pytest.fixture(autouse=True)
def calls_uncounted() -> None:
    """Calls and wrong keys of one test do not count in the next."""
    limits.forget()


@pytest.fixture(autouse=True)
def secrets_unlooked_at() -> None:
    """Which secrets no key opened in one test says nothing of the next."""
    installation.forget_unreadable_secrets()


@pytest.fixture(autouse=True)
def badges_counted_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A badge of the side bar is never of an earlier page, so pages cost the same."""
    monkeypatch.setattr(tiles, "BADGES_COUNTED_AGAIN_AFTER", 0.0)


@pytest.fixture
def fake_vendor(monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    """A vendor that can do everything orders need, in the place of Extend."""
    return use_fake(monkeypatch, FakeVendor())


@pytest.fixture
def silent_vendor(monkeypatch: pytest.MonkeyPatch) -> FakeVendor:
    """A vendor that takes orders and can't be asked about them, as EET."""
    return use_fake(
        monkeypatch, FakeVendor(code="eet", can_follow=False, has_test_flag=True)
    )


@pytest.fixture
def parties(monkeypatch: pytest.MonkeyPatch) -> FakeParties:
    """A vendor that makes shops and customers, in the place of Extend."""
    fake = FakeParties()
    use_fake(monkeypatch, fake)
    return fake


def use_fake(monkeypatch: pytest.MonkeyPatch, fake: FakeVendor) -> FakeVendor:
    real: Callable[[str], vendors.Vendor] = vendors.get
    made = fake.vendor()
    monkeypatch.setattr(
        vendors, "get", lambda code: made if code == fake.code else real(code)
    )
    return fake
