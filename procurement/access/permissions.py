"""What a key may do: it needs the scope, and its user the admin's permission."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from django.contrib.auth.models import User
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from procurement.access.authentication import key_of, user_of
from procurement.access.problems import PermissionMissing, ScopeMissing

if TYPE_CHECKING:
    # It reads its settings, which name this module, while it is being imported.
    from rest_framework.views import APIView


@dataclass(frozen=True)
class Needs:
    """What one call demands.

    Attributes:
        scope: of the key.
        permissions: of the key's user, all of them. `app.view_model` is had by
            whoever may change the model too, as in the admin.
    """

    scope: str
    permissions: tuple[str, ...]


class GuardedView(Protocol):
    """A view says what each of its actions, or methods in lower case, demands."""

    needs: Mapping[str, Needs]


class HasScope(BasePermission):
    """Refuses whatever a view does not declare, so that nothing opens by mistake."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        if request.auth is None:
            return False
        needs = needs_of(view, request.method or "")
        if needs is None:
            raise MethodNotAllowed(request.method or "")
        if needs.scope not in key_of(request).scopes:
            raise ScopeMissing(needs.scope)
        for permission in needs.permissions:
            if not is_permitted(user_of(request), permission):
                raise PermissionMissing(permission)
        return True


class KeyOrStaff(BasePermission):
    """For the description of the API: any usable key, or staff logged in."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        return request.auth is not None or bool(request.user and request.user.is_staff)


def needs_of(view: "APIView", method: str) -> Needs | None:
    """What a call of this view demands; None if there is no such call."""
    by_method = "get" if method == "HEAD" else method.lower()
    name = getattr(view, "action", by_method)
    return cast(GuardedView, view).needs.get(name)


def is_permitted(user: User, permission: str) -> bool:
    if user.has_perm(permission):
        return True
    app, _, name = permission.partition(".")
    verb, _, model = name.partition("_")
    return verb == "view" and user.has_perm(f"{app}.change_{model}")
