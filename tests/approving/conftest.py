"""The browsers of the admin's tests, for the approval screens."""

from tests.admin.conftest import browser, superuser

__all__ = ["browser", "superuser"]
