"""The type of a text that may be translated only when it is shown."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Text = _StrOrPromise
else:
    Text = object

__all__ = ["Text"]
