from tests.admin.conftest import browser

__all__ = ["browser"]
