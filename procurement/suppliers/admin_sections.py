"""What other apps show on a supplier's page."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.models import User
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from procurement.suppliers.models import Supplier

Section = Callable[[Supplier, User], tuple[str, dict[str, Any]]]
"""From a supplier and the person who looks to a template and its context."""

_sections: list[Section] = []


def register(section: Section) -> None:
    _sections.append(section)


def shown_to(user: User, supplier: Supplier) -> list[SafeString]:
    return [render_to_string(*section(supplier, user)) for section in _sections]
