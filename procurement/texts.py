"""Texts people read, in the language of whoever reads them.

`gettext_lazy` is Django's; to a type checker its texts are the `str` they behave as.
`Text` is the type of one that may be translated only when it is shown.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    Text = _StrOrPromise

    def gettext_lazy(message: str) -> str: ...

else:
    from django.utils.translation import gettext_lazy

    Text = object

__all__ = ["Text", "gettext_lazy"]
