from typing import Any

import pytest


@pytest.fixture(autouse=True)
def mails_are_on(settings: Any) -> None:
    settings.NOTICE_MAILS = True
    settings.PUBLIC_URL = "https://procurement.example.com"
    settings.INSTALLATION_NAME = "Procurement"
