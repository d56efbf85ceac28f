"""One stage for a whole file of tests; whatever a call does there is taken back."""

import json
from typing import Any

import pytest
from drf_spectacular.generators import SchemaGenerator

import vendors
from tests.describing.stage import (
    FakeAll,
    Stage,
    fake_vendor,
    make_stage,
    use_everywhere,
)


@pytest.fixture(scope="session")
def document() -> dict[str, Any]:
    """The description as it is served."""
    made = SchemaGenerator().get_schema(request=None, public=True)
    found: dict[str, Any] = json.loads(json.dumps(made))
    return found


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> FakeAll:
    monkeypatch.setattr(vendors, "get", vendors.get)
    made = fake_vendor()
    use_everywhere(made)
    return made


@pytest.fixture
def stage(fake: FakeAll, db: None) -> Stage:
    return make_stage(fake)
