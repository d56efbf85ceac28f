"""The sections of the page "My settings". Other apps add theirs in their `ready`:

    register_section(Section("notices", _("Notices"), NoticesForm, save_notices))

All sections are one form with one button; each saves by an operation of its own app.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.models import User

from procurement.texts import Text


@dataclass(frozen=True)
class Section:
    """A part of the page.

    Args:
        name: the prefix of its fields.
        form: called as `form(user, data, prefix=name)`; shows what is stored for the
            person, or what was typed.
        save: called as `save(user, form)` with a valid form; an `InvalidInput` of the
            operation is shown at the fields.
        template: how the fields stand on the page; it gets them as `form`.
    """

    name: str
    title: Text
    form: Callable[..., forms.Form]
    save: Callable[[User, Any], object]
    position: int = 100
    template: str = "admin/parts/form_fields.html"


_sections: dict[str, Section] = {}


def register_section(section: Section) -> None:
    """Add a section; one of the same name is replaced."""
    _sections[section.name] = section


def sections() -> list[Section]:
    return sorted(_sections.values(), key=lambda each: (each.position, each.name))
