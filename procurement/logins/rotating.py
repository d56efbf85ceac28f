"""Writing the tokens of logins anew, with the first key in use."""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Model

from procurement.logins.models import CustomerLoginToken, LoginAttempt
from procurement.secrets import SecretUnreadable

SECRETS: Sequence[tuple[type[Model], tuple[str, ...]]] = (
    (CustomerLoginToken, ("access_token", "refresh_token")),
    (LoginAttempt, ("code_verifier",)),
)


def rotate_logins() -> list[str]:
    """Rotate every secret of logins; return the names of those no key opens.

    Unlike a supplier's own token these can't be had again without the customer.
    """
    return [
        f"{model._meta.verbose_name} {pk}"
        for model, names in SECRETS
        for pk in list(
            model._default_manager.order_by("pk").values_list("pk", flat=True)
        )
        if not _rotate(model, pk, names)
    ]


@transaction.atomic
def _rotate(model: type[Model], pk: int, names: tuple[str, ...]) -> bool:
    rows = model._default_manager.select_for_update().filter(pk=pk).defer(*names)
    row = rows.first()
    if row is None:
        return True
    try:
        values = {name: getattr(row, name) for name in names}
    except SecretUnreadable:
        return False
    if any(values.values()):
        rows.update(**values)
    return True
