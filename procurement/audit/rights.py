"""Users, groups, permissions and what people see, changed through any door."""

from collections.abc import Collection, Iterable
from typing import Any

from django.contrib.auth.models import Group, Permission, User
from django.db.models import Model, signals

from procurement import trail
from procurement.reach.models import Reach

_ID = "procurement.audit.rights"
_FLAGS = ("is_active", "is_superuser", "is_staff")
_TOLD = ("username", "email", "first_name", "last_name", *_FLAGS)
_BEFORE = "_audited_before"


def connect() -> None:
    for model, before, after, gone in (
        (User, _before_user, _after_user, _user_gone),
        (Group, _before_group, _after_group, _group_gone),
        (Reach, _before_reach, _after_reach, _reach_gone),
    ):
        signals.pre_save.connect(before, sender=model, dispatch_uid=_ID)
        signals.post_save.connect(after, sender=model, dispatch_uid=_ID)
        signals.post_delete.connect(gone, sender=model, dispatch_uid=_ID)
    for through, receiver in (
        (User.groups.through, _groups_of_user),
        (User.user_permissions.through, _permissions_of_user),
        (Group.permissions.through, _permissions_of_group),
        (Reach.shops.through, _shops_of_reach),
    ):
        signals.m2m_changed.connect(receiver, sender=through, dispatch_uid=_ID)


# --- users ------------------------------------------------------------------------


def _before_user(
    sender: Any, instance: User, update_fields: Any = None, **more: Any
) -> None:
    """Read what is there, unless only the moment of the last login is written."""
    names = {*_TOLD, "password"}
    if instance.pk is None or more.get("raw"):
        return
    if update_fields is not None and not names & set(update_fields):
        setattr(instance, _BEFORE, None)
        return
    before = User.objects.filter(pk=instance.pk).values(*names).first()
    setattr(instance, _BEFORE, before)


def _after_user(
    sender: Any,
    instance: User,
    created: bool,
    update_fields: Any = None,
    **more: Any,
) -> None:
    if more.get("raw"):
        return
    if created:
        flags = [name for name in _FLAGS if getattr(instance, name)]
        trail.record("user.made", subject=instance, details={"flags": flags})
        if instance.is_superuser:
            trail.record(
                "rights.superuser", subject=instance, details={"is": [False, True]}
            )
        return
    before = instance.__dict__.pop(_BEFORE, None)
    if before is None:
        return
    now = {name: getattr(instance, name) for name in (*_TOLD, "password")}
    written = now.keys() if update_fields is None else set(update_fields)
    if _is_rehashed(instance, written):
        return
    changes = {
        name: [before[name], now[name]]
        for name in now
        if name in written and before[name] != now[name]
    }
    _tell_of_user(instance, changes)


def _tell_of_user(user: User, changes: dict[str, list[Any]]) -> None:
    """One entry for each thing that somebody may look for."""
    if changes.pop("password", None):
        trail.record("password.changed", subject=user)
    if active := changes.pop("is_active", None):
        kind = "user.switched_on" if active[1] else "user.switched_off"
        trail.record(kind, subject=user)
    if flag := changes.pop("is_superuser", None):
        trail.record("rights.superuser", subject=user, details={"is": flag})
    if changes:
        trail.record("user.changed", subject=user, details={"changes": changes})


def _is_rehashed(user: User, written: Collection[str]) -> bool:
    """A login brings a hash up to date: another text for the same password."""
    is_new = getattr(user, "_password", None) is not None
    return set(written) == {"password"} and not is_new and user.has_usable_password()


def _user_gone(sender: Any, instance: User, **more: Any) -> None:
    trail.record("user.deleted", subject=instance)


# --- groups -----------------------------------------------------------------------


def _before_group(sender: Any, instance: Group, **more: Any) -> None:
    names = Group.objects.filter(pk=instance.pk).values_list("name", flat=True)
    setattr(instance, _BEFORE, names.first() if instance.pk else None)


def _after_group(sender: Any, instance: Group, created: bool, **more: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, None)
    if created:
        trail.record("group.made", subject=instance)
    elif before not in (None, instance.name):
        changes = {"changes": {"name": [before, instance.name]}}
        trail.record("group.renamed", subject=instance, details=changes)


def _group_gone(sender: Any, instance: Group, **more: Any) -> None:
    trail.record("group.deleted", subject=instance)


def _groups_of_user(sender: Any, **told: Any) -> None:
    _moved("groups", User, Group, **told)


def _permissions_of_user(sender: Any, **told: Any) -> None:
    _moved("permissions", User, Permission, **told)


def _permissions_of_group(sender: Any, **told: Any) -> None:
    _moved("permissions", Group, Permission, **told)


def _moved(
    what: str,
    holder: type[Model],
    given: type[Model],
    *,
    instance: Any,
    action: str,
    reverse: bool,
    pk_set: Iterable[Any] | None,
    **more: Any,
) -> None:
    """Told from either end: `user.groups.add(group)` and `group.user_set.add(user)`."""
    verbs = {
        "post_add": "rights.given",
        "post_remove": "rights.taken",
        # Afterwards nobody knows what there was.
        "pre_clear": "rights.taken",
    }
    if action not in verbs:
        return
    if action == "pre_clear":
        pk_set = _linked(more["model"], instance, holder, given, reverse)
    if not pk_set:
        return
    others = (holder if reverse else given)._default_manager.filter(pk__in=pk_set)
    if reverse:
        for each in others:
            _tell_of_rights(verbs[action], each, what, [instance])
    else:
        _tell_of_rights(verbs[action], instance, what, list(others))


def _linked(
    model: Any, instance: Any, holder: type[Model], given: type[Model], reverse: bool
) -> list[Any]:
    field = next(
        each for each in holder._meta.many_to_many if each.related_model is given
    )
    name = field.name if reverse else field.related_query_name()
    return list(
        model._default_manager.filter(**{name: instance}).values_list("pk", flat=True)
    )


def _tell_of_rights(kind: str, holder: Any, what: str, given: list[Any]) -> None:
    names = sorted(_name(each) for each in given)
    trail.record(kind, subject=holder, details={what: names})


def _name(given: Any) -> str:
    if isinstance(given, Permission):
        return f"{given.content_type.app_label}.{given.codename}"
    return str(given)


# --- what people see --------------------------------------------------------------


def _before_reach(sender: Any, instance: Reach, **more: Any) -> None:
    rows = Reach.objects.filter(pk=instance.pk)
    before = rows.values("orders", "is_bound_to_shops").first()
    setattr(instance, _BEFORE, before if instance.pk else None)


def _after_reach(sender: Any, instance: Reach, created: bool, **more: Any) -> None:
    before = instance.__dict__.pop(_BEFORE, None) or {
        "orders": "all",
        "is_bound_to_shops": False,
    }
    now = {"orders": instance.orders, "is_bound_to_shops": instance.is_bound_to_shops}
    changes = {
        name: [before[name], now[name]] for name in now if before[name] != now[name]
    }
    if changes:
        _tell_of_reach(instance, {"changes": changes})


def _reach_gone(sender: Any, instance: Reach, **more: Any) -> None:
    _tell_of_reach(instance, {"removed": True})


def _shops_of_reach(
    sender: Any,
    instance: Any,
    action: str,
    reverse: bool,
    pk_set: Any = None,
    **more: Any,
) -> None:
    verbs = {"post_add": "added", "post_remove": "taken", "pre_clear": "taken"}
    if action not in verbs or reverse:
        return
    rows = instance.shops.all()
    if pk_set is not None:
        rows = more["model"]._default_manager.filter(pk__in=pk_set)
    if names := sorted(map(str, rows)):
        _tell_of_reach(instance, {f"shops_{verbs[action]}": names})


def _tell_of_reach(reach: Reach, details: dict[str, Any]) -> None:
    user = User.objects.filter(pk=reach.user_id).first()
    if user is not None:
        trail.record("rights.reach", subject=user, details=details)
