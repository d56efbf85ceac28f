"""How another person logs in, and what can be done to let them in or keep them out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from allauth.socialaccount.models import SocialAccount
from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from procurement.accounts import factors, operations, sessions, throttling
from procurement.accounts.forms import ReasonForm
from procurement.accounts.models import AccountEvent
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.texts import Text, gettext_lazy

MAY_SEE = "accounts.view_accountevent"
LATEST = 50


@dataclass(frozen=True)
class Act:
    """Something that can be done; `waits` says whether there is anything to do."""

    name: str
    button: Text
    hint: Text
    done: Text
    run: Callable[..., object]
    waits: Callable[[User], bool]
    is_grave: bool = True


def _mark(**kwargs: Any) -> None:
    operations.mark_break_glass(is_marked=True, **kwargs)


def _unmark(**kwargs: Any) -> None:
    operations.mark_break_glass(is_marked=False, **kwargs)


ACTS = {
    act.name: act
    for act in (
        Act(
            "unlock",
            gettext_lazy("Let in again"),
            gettext_lazy("Failed logins counted so far are forgotten."),
            gettext_lazy("The account is open again."),
            operations.unlock_account,
            lambda user: throttling.locked_until(user) is not None,
            is_grave=False,
        ),
        Act(
            "reset-factors",
            gettext_lazy("Reset second factors"),
            gettext_lazy(
                "Apps, passkeys and recovery codes are gone, and every session ends. "
                "Be sure that it is this person who asks."
            ),
            gettext_lazy("The second factors are gone."),
            operations.reset_factors,
            lambda user: bool(factors.shown(user)),
        ),
        Act(
            "end-sessions",
            gettext_lazy("Log out everywhere"),
            gettext_lazy("Every session ends; the account stays open."),
            gettext_lazy("Every session has ended."),
            operations.end_all_sessions,
            lambda user: sessions.sessions_of(user).exists(),
        ),
        Act(
            "break-glass",
            gettext_lazy("Make it a break-glass account"),
            gettext_lazy(
                "It may log in with password and second factor while everybody else "
                "needs single sign-on. Each use is told to all administrators."
            ),
            gettext_lazy("It is a break-glass account now."),
            _mark,
            lambda user: not factors.is_break_glass(user),
        ),
        Act(
            "no-break-glass",
            gettext_lazy("End the break-glass account"),
            gettext_lazy("It logs in as everybody else does."),
            gettext_lazy("It is no break-glass account any more."),
            _unmark,
            factors.is_break_glass,
        ),
    )
}


def person(request: HttpRequest, user_id: int) -> HttpResponse:
    user = _user(request, user_id)
    return _page(request, user)


def act(request: HttpRequest, user_id: int, name: str) -> HttpResponse:
    user = _user(request, user_id)
    if name not in ACTS:
        raise Http404(_("There is no such page."))
    actor: Any = request.user
    if not actor.has_perm(operations.HELP):
        raise PermissionDenied
    back = reverse("accounts_person", args=[user.pk])
    if request.method != "POST":
        return HttpResponseRedirect(back)
    wanted, form = ACTS[name], ReasonForm(request.POST, prefix=name)
    try:
        reason = form.data.get(form.add_prefix("reason"), "")
        wanted.run(user_id=user.pk, actor=actor, reason=reason)
    except InvalidInput as refusal:
        form.refuse(refusal)
        return _page(request, user, name, form)
    except OperationNotAllowed as refusal:
        messages.error(request, refusal.text)
    else:
        messages.success(request, str(wanted.done))
    return HttpResponseRedirect(back)


def _user(request: HttpRequest, user_id: int) -> User:
    if not (request.user.has_perm(MAY_SEE) and request.user.has_perm("auth.view_user")):
        raise PermissionDenied
    return get_object_or_404(User, pk=user_id)


def _page(
    request: HttpRequest,
    user: User,
    tried: str = "",
    form: ReasonForm | None = None,
) -> HttpResponse:
    actor: Any = request.user
    until = throttling.locked_until(user)
    events = AccountEvent.objects.filter(user=user).select_related("actor")
    context = {
        **admin.site.each_context(request),
        "title": _("How %(user)s logs in") % {"user": user},
        "person": user,
        "factors": factors.shown(user),
        "must_have": factors.must_have_factor(user),
        "is_break_glass": factors.is_break_glass(user),
        "locked_until": operations.moment_text(until) if until else "",
        "sessions": sessions.sessions_of(user),
        "links": SocialAccount.objects.filter(user=user),
        "events": events[:LATEST],
        "acts": _offered(actor, user, tried, form),
        "is_beyond": actor.has_perm(operations.HELP)
        and not operations.may_help(actor, user),
    }
    status = 422 if form else 200
    return TemplateResponse(request, "accounts/person.html", context, status=status)


def _offered(
    actor: User, user: User, tried: str, form: ReasonForm | None
) -> list[dict[str, Any]]:
    if not operations.may_help(actor, user):
        return []
    return [
        {
            "act": each,
            "url": reverse("accounts_person_act", args=[user.pk, each.name]),
            "form": form if each.name == tried else ReasonForm(prefix=each.name),
            "is_open": each.name == tried,
        }
        for each in ACTS.values()
        if each.waits(user)
    ]
