"""The page of a vendor's names at one supplier: how sure each is, and its history."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from procurement.adminbase import SelectWidget, TextWidget
from procurement.adminshow import badge
from procurement.suppliers.checking import name_problem
from procurement.suppliers.models import Supplier, SupplierEvent, UnknownWord
from vendors.contracts import Grade, Name

HISTORY_LENGTH = 100
PREFIX = "mapping."


@dataclass(frozen=True)
class NameRow:
    """One name: what the table says, how sure it is, and what holds here."""

    key: str
    table: str
    mark: SafeString
    note: str
    is_overridden: bool
    field: forms.BoundField


@dataclass(frozen=True)
class Change:
    """One entry of the history."""

    at: datetime
    who: str
    key: str
    before: str
    after: str


class NamesForm(forms.Form):
    """A field for each name; empty means that the vendor's table holds."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, supplier: Supplier, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.supplier = supplier
        self.initial["version"] = supplier.version
        self.unknown = list(supplier.unknown_words.all())
        for key in self.keys():
            self.fields[key] = _field(supplier, key, self.unknown)
            self.initial[key] = supplier.mapping.get(key, "")

    def keys(self) -> list[str]:
        """Every name of the table, words added here, and those nobody explained."""
        keys = {*self.supplier.api.mapping, *self.supplier.mapping}
        return sorted(keys | {word.key for word in self.unknown})

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        for key in self.keys():
            value = cleaned.get(key, "").strip()
            problem = name_problem(self.supplier.api, key, value) if value else ""
            if problem:
                self.add_error(key, problem)
        return cleaned

    def changed_names(self) -> dict[str, str]:
        return {
            key: self.cleaned_data[key].strip()
            for key in self.changed_data
            if key != "version"
        }

    def groups(self) -> list[tuple[str, list[NameRow]]]:
        """The names by what they belong to: paths, orders, status words."""
        found: dict[str, list[NameRow]] = {}
        unknown = {word.key for word in self.unknown}
        for key in self.keys():
            if key not in unknown:
                found.setdefault(_group(key), []).append(self._row(key))
        return sorted(found.items())

    def unknown_rows(self) -> list[tuple[UnknownWord, forms.BoundField]]:
        return [(word, self[word.key]) for word in self.unknown]

    def _row(self, key: str) -> NameRow:
        name: Name | None = self.supplier.api.mapping.get(key)
        return NameRow(
            key=key,
            table=name.value if name else "",
            mark=_mark(name),
            note=name.note if name else "",
            is_overridden=key in self.supplier.mapping,
            field=self[key],
        )


def history(supplier: Supplier) -> list[Change]:
    """What was overridden, by whom and when; the latest first."""
    events = supplier.events.filter(kind="changed").select_related("actor")
    return list(_changes(events[:HISTORY_LENGTH]))


def _changes(events: Iterable[SupplierEvent]) -> Iterable[Change]:
    for event in events:
        for name, (before, after) in event.data.get("changes", {}).items():
            if name.startswith(PREFIX):
                who = event.actor.get_username() if event.actor else "system"
                key = name.removeprefix(PREFIX)
                yield Change(event.at, who, key, before or "", after or "")


def _group(key: str) -> str:
    return key.partition(".")[0].replace("_", " ").capitalize()


def _mark(name: Name | None) -> SafeString:
    if name is None:
        return badge(_("Added here"), "blue")
    if name.grade is Grade.DOCUMENTED:
        return badge(_("Documented"), "green")
    return badge(
        _("Inferred"), "amber", _("The vendor does not say so; it is our reading.")
    )


def _field(supplier: Supplier, key: str, unknown: Iterable[UnknownWord]) -> forms.Field:
    meanings = supplier.api.word_kinds.get(key.partition(".")[0])
    common: dict[str, Any] = {"required": False, "label": key}
    if meanings:
        is_puzzling = any(word.key == key for word in unknown)
        empty = _("nobody has said yet") if is_puzzling else _("as in the table")
        choices = [("", empty), *((word, word) for word in meanings)]
        return forms.ChoiceField(choices=choices, widget=SelectWidget, **common)
    return forms.CharField(widget=TextWidget, strip=True, **common)
