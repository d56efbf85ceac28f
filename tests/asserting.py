"""What tests say often about a refusal."""

from typing import Any

import pytest

from procurement.errors import OperationNotAllowed


def refusal(operation: Any, **arguments: Any) -> OperationNotAllowed:
    """The refusal of an operation, which has to come."""
    with pytest.raises(OperationNotAllowed) as refused:
        operation(**arguments)
    return refused.value
