"""What is said of a value that won't do: what would be right, in one sentence.

DRF's own texts ("This field is required.", "Not a valid string.") tell what is wrong
and leave the caller to guess the rest.
"""

import copy
from typing import Any

from rest_framework import serializers

NOTHING = "Give no body, or an empty object."


def worded(field: Any) -> Any:
    """The same field, with the same sentence for everything that may be wrong.

    Texts that were given with the field stay. DRF puts a limit's text into a validator
    when the field is made, so it is made once more, as DRF's own copies of fields are.
    """
    kwargs = dict(field._kwargs)
    match field:
        case serializers.ListField() | serializers.DictField():
            kwargs["child"] = worded(field.child)
        case serializers.ListSerializer():
            # A serializer is bound to its list once.
            kwargs["child"] = copy.deepcopy(field.child)
    right = remedy(field)
    texts = dict.fromkeys(_ours_to_word(field), right)
    if not field.required:
        texts["null"] = f"{right.removesuffix('.')}, or leave it out."
    kwargs["error_messages"] = {**texts, **kwargs.get("error_messages", {})}
    return type(field)(*field._args, **kwargs)


def _ours_to_word(field: Any) -> set[str]:
    """The keys whose texts are DRF's; a field of our own has its own for its keys."""
    keys = {"required", "null"}
    for base in type(field).__mro__:
        if base.__module__.startswith("rest_framework."):
            keys |= set(vars(base).get("default_error_messages", {}))
        elif "default_error_messages" in vars(base):
            keys -= set(vars(base)["default_error_messages"])
    return keys


def remedy(field: Any) -> str:
    """What would be right: a sentence that begins with "Give"."""
    match field:
        case serializers.ListSerializer():
            return f"Give a list of {_limits(field)}objects with {_names(field.child)}."
        case serializers.Serializer():
            names = _names(field)
            return f"Give an object with {names}." if names else NOTHING
        case serializers.ListField():
            return f"Give a list of {_limits(field)}texts."
        case serializers.DictField():
            return "Give an object of names and values."
        case serializers.BooleanField():
            return "Give true or false, without quotes."
        case serializers.ChoiceField():
            return f"Give one of {', '.join(str(choice) for choice in field.choices)}."
        case serializers.IntegerField():
            return f"Give a whole number{_range(field)}."
        case serializers.DateTimeField():
            return "Give a moment in ISO 8601, such as 2031-04-09T08:00:00Z."
        case serializers.DateField():
            return "Give a day, such as 2031-04-09."
        case serializers.SlugRelatedField():
            return f"Give the {field.slug_field} of one that there is, as a text."
        case serializers.PrimaryKeyRelatedField():
            return "Give the id of one that there is, as a number."
        case serializers.CharField():
            return f"Give a text{_length(field)}."
    own: str = getattr(field, "remedy", "Give a value.")
    return own


def _names(serializer: Any) -> str:
    fields = serializer.fields.items()
    return ", ".join(name for name, field in fields if not field.read_only)


def _limits(field: Any) -> str:
    least = 1 if not getattr(field, "allow_empty", True) else 0
    most = getattr(field, "max_length", None)
    if most:
        return f"{least} to {most} "
    return "one or more " if least else ""


def _range(field: Any) -> str:
    least, most = field.min_value, field.max_value
    if least is not None and most is not None:
        return f" from {least} to {most}"
    if least is not None:
        return f" of {least} or more"
    return f" of {most} or less" if most is not None else ""


def _length(field: Any) -> str:
    most = f" of at most {field.max_length} characters" if field.max_length else ""
    if field.allow_blank:
        return most
    return f"{most}, and not an empty one"
