"""Keeping, renaming, sharing and dropping views; each person their own."""

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.lists.models import (
    NAME_LENGTH,
    QUERY_LENGTH,
    DefaultView,
    SavedView,
)

MOST_VIEWS = 50
"""Of one person for one list; beyond that nobody finds theirs among the chips."""


@transaction.atomic
def save_view(
    *, actor: User, list_name: str, name: str, query: str, is_shared: bool = False
) -> SavedView:
    """Keep filters under a name; the person's view of that name takes them over.

    Args:
        query: the filters as they stand in the address, known ones only.

    Raises:
        InvalidInput: no name, or nothing to keep.
        OperationNotAllowed: sharing without the permission, or too many views.
    """
    name = _read_name(name)
    if not query:
        raise InvalidInput({"query": _("Choose filters first; then save them.")})
    if len(query) > QUERY_LENGTH:
        raise InvalidInput({"query": _("That is too much to keep. Choose less.")})
    if is_shared:
        _require_sharing(actor)
    own = SavedView.objects.filter(owner=actor, list_name=list_name)
    is_new = not own.filter(name=name).exists()
    if is_new and own.count() >= MOST_VIEWS:
        raise OperationNotAllowed(
            _("You have %(most)d views of this list. Delete one first.")
            % {"most": MOST_VIEWS}
        )
    view, _made = SavedView.objects.update_or_create(
        owner=actor,
        list_name=list_name,
        name=name,
        defaults={"query": query, "is_shared": is_shared},
    )
    return view


@transaction.atomic
def rename_view(*, view_id: int, actor: User, name: str) -> SavedView:
    """
    Raises:
        InvalidInput: no name, or another view of theirs has it.
        OperationNotAllowed: it is somebody else's.
    """
    view = _own(view_id, actor)
    view.name = _read_name(name)
    try:
        with transaction.atomic():
            view.save(update_fields=["name"])
    except IntegrityError:
        raise InvalidInput(
            {"name": _("You have a view of that name already. Choose another.")}
        ) from None
    return view


@transaction.atomic
def share_view(*, view_id: int, actor: User, is_shared: bool) -> SavedView:
    """Show a view to everybody, or to its owner alone again.

    Raises:
        OperationNotAllowed: it is somebody else's, or the permission is missing.
    """
    view = _own(view_id, actor)
    if is_shared:
        _require_sharing(actor)
    else:
        DefaultView.objects.filter(view=view).exclude(user=actor).delete()
    view.is_shared = is_shared
    view.save(update_fields=["is_shared"])
    return view


@transaction.atomic
def delete_view(*, view_id: int, actor: User) -> None:
    """
    Raises:
        OperationNotAllowed: it is somebody else's, or gone already.
    """
    _own(view_id, actor).delete()


@transaction.atomic
def open_with(*, actor: User, list_name: str, view_id: int | None) -> None:
    """Let a list open with a view for this person; with all rows, if there is none.

    Raises:
        OperationNotAllowed: the view is gone, or not shared any more.
    """
    if view_id is None:
        DefaultView.objects.filter(user=actor, list_name=list_name).delete()
        return
    view = SavedView.objects.offered_to(actor.pk, list_name).filter(pk=view_id).first()
    if view is None:
        raise OperationNotAllowed(_("That view is not there any more."))
    DefaultView.objects.update_or_create(
        user=actor, list_name=list_name, defaults={"view": view}
    )


def _read_name(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise InvalidInput({"name": _("Give the view a name.")})
    if len(name) > NAME_LENGTH:
        raise InvalidInput(
            {"name": _("Use at most %(most)d characters.") % {"most": NAME_LENGTH}}
        )
    return name


def _require_sharing(actor: User) -> None:
    if not actor.has_perm("lists.share_savedview"):
        raise OperationNotAllowed(_("You may not share views with everybody."))


def _own(view_id: int, actor: User) -> SavedView:
    view = SavedView.objects.select_for_update().filter(pk=view_id, owner=actor).first()
    if view is None:
        raise OperationNotAllowed(
            _("That view is not yours, or is not there any more.")
        )
    return view
