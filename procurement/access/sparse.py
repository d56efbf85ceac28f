"""`fields=`: only what was asked for is shown, and only that is read."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Optional

from drf_spectacular.drainage import get_override, has_override
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request

from procurement.access.cursors import FIELDS

Members = Mapping[str, Any]
"""The members of an answer; each with its own members, or None if it has none."""
MAX_LENGTH = 2000


@dataclass(frozen=True)
class Selection:
    """The members of an answer that are shown; None for one that is shown whole."""

    members: Mapping[str, Optional["Selection"]]

    def __contains__(self, name: str) -> bool:
        return name in self.members

    def of(self, name: str) -> "Selection | None":
        """What is shown of a member that is shown."""
        return self.members[name]

    def cut(self, shown: Any) -> Any:
        """What is left of plain JSON values; of a list, of each of its rows."""
        if isinstance(shown, list):
            return [self.cut(each) for each in shown]
        if not isinstance(shown, Mapping):
            return shown
        return {
            name: value if (part := self.members[name]) is None else part.cut(value)
            for name, value in shown.items()
            if name in self.members
        }


def shows(selection: Selection | None, name: str) -> bool:
    """Whether a member is shown; without a selection, all of them are."""
    return selection is None or name in selection


def read_selection(request: Request, serializer: Callable[[], Any]) -> Selection | None:
    """The selection a call asks for; None if it asks for everything.

    Args:
        serializer: describes the answer, or each row of a list.

    Raises:
        ValidationError: it names a member that is not there.
    """
    texts = request.query_params.getlist(FIELDS)
    if not texts:
        return None
    text = texts[0]
    names = [name.strip() for name in text.split(",")]
    if len(texts) > 1 or len(text) > MAX_LENGTH or not all(names):
        raise ValidationError(
            {FIELDS: "Give it once: names separated by commas, such as number,status."}
        )
    known = _known(serializer)
    for name in names:
        _require(name, known)
    return _selected(names)


def _require(name: str, known: Members) -> None:
    way = ""
    inner: Members | None = known
    for part in name.split("."):
        if inner is None:
            raise ValidationError(
                {FIELDS: f"{way[:-1]} has no members to choose from."}
            )
        if part not in inner:
            there_are = ", ".join(f"{way}{one}" for one in inner)
            wrong = f"{way}{part}"[:80]
            raise ValidationError(
                {FIELDS: f"There is no {wrong}; there are {there_are}."}
            )
        way, inner = f"{way}{part}.", inner[part]


def _selected(names: Iterable[str]) -> Selection:
    inner: dict[str, list[str] | None] = {}
    for name in names:
        first, _, rest = name.partition(".")
        if not rest:
            inner[first] = None
        elif (parts := inner.setdefault(first, [])) is not None:
            parts.append(rest)
    return Selection(
        {n: None if parts is None else _selected(parts) for n, parts in inner.items()}
    )


@cache
def _known(serializer: Callable[[], Any]) -> Members:
    """The members a serializer describes, as deep as it describes them."""
    found = _members(serializer())
    assert found is not None  # noqa: S101 - a serializer has members
    return found


def _members(field: Any) -> Members | None:
    if isinstance(field, serializers.ListSerializer):
        return _members(field.child)
    if isinstance(field, serializers.Serializer):
        return {
            name: _members(_described(one, field))
            for name, one in field.fields.items()
            if not one.write_only
        }
    return None


def _described(field: Any, parent: Any) -> Any:
    """What a computed member is said to be, where that is a serializer."""
    if not isinstance(field, serializers.SerializerMethodField):
        return field
    method = getattr(parent, field.method_name or "")
    return get_override(method, "field") if has_override(method, "field") else field


def prune(serializer: Any, selection: Selection) -> None:
    """Take the members off a serializer that are not shown, before it makes them."""
    if isinstance(serializer, serializers.ListSerializer):
        serializer = serializer.child
    for name in list(serializer.fields):
        if name not in selection:
            del serializer.fields[name]
            continue
        field, part = serializer.fields[name], selection.of(name)
        if part is not None and isinstance(field, serializers.BaseSerializer):
            prune(field, part)
