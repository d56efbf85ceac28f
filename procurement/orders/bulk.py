"""One action on many orders, as a background run.

What is done to which order, and the version of each that the person saw, is fixed in
the moment of the confirmation. At each order its turn is taken by the same operation
as ever, after the person's right and reach were asked anew.
"""

from collections.abc import Iterable, Mapping

from django.contrib.auth.models import User
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from procurement.adminshow import list_url
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders import operations
from procurement.orders.actions import OrderAction, get_action, has_action
from procurement.orders.admin_actions import reason_against, run_action
from procurement.orders.admin_forms import ActionForm
from procurement.orders.models import PurchaseOrder
from procurement.orders.queries import orders_with_names
from procurement.runs.kinds import NewItem, RunKind
from procurement.runs.models import Run, RunItem
from procurement.runs.operations import ask_for_run

ORDER_ACTION = "order_action"
ORDER_QUESTION = "order_question"

MOST_ORDERS = 2000
"""As many as a person can be thought to have looked through."""
MOST_QUESTIONS = 500
"""Each of them is a call to a supplier."""

Versions = Mapping[int, int | None]
"""Key of an order -> the version the person saw, where the page said which."""


def most_orders(action: OrderAction) -> int:
    return MOST_QUESTIONS if action.is_question else MOST_ORDERS


def title_of(action: OrderAction, count: int) -> str:
    """What is done to how many, for a button and for the run."""
    text = ngettext(
        "%(action)s: %(count)d order", "%(action)s: %(count)d orders", count
    )
    return text % {"action": action.label, "count": count}


def orders_to_judge(
    action: OrderAction, user: User, keys: Iterable[int]
) -> list[PurchaseOrder]:
    """Of these orders those the person may see, with all that `why_not` asks for."""
    seen = orders_with_names(user).filter(pk__in=list(keys))
    orders = list(seen.defer("supplier__credentials").order_by("-pk"))
    if action.prepare is not None:
        action.prepare(orders, user)
    return orders


def ask_for_action(
    *,
    action: OrderAction,
    actor: User,
    versions: Versions,
    left_out: Iterable[int],
    entered: Mapping[str, str],
    token: str,
    wake: bool = True,
) -> Run:
    """Have an action done to orders; those left out are listed with the reason.

    Args:
        entered: what was typed into the form of the action.
        token: of the confirmation; sent again, it is the same run.

    Raises:
        InvalidInput: none of these orders is there to be seen.
        OperationNotAllowed: the actor may not, or has too many runs under way.
    """
    items = [
        *_items(action, actor, versions),
        *_left_out(action, actor, left_out),
    ]
    return ask_for_run(
        kind=ORDER_QUESTION if action.is_question else ORDER_ACTION,
        actor=actor,
        title=title_of(action, len(versions)),
        parameters={"action": action.name, "entered": dict(entered)},
        items=items,
        token=token,
        wake=wake,
    )


def _items(action: OrderAction, actor: User, versions: Versions) -> Iterable[NewItem]:
    seen = PurchaseOrder.objects.visible_to(actor).filter(pk__in=list(versions))
    for pk, number in seen.order_by("-pk").values_list("pk", "number"):
        is_unseen = versions[pk] is None and not action.is_question
        yield NewItem(
            subject=str(pk),
            label=number,
            parameters={"version": versions[pk]},
            skipped=_("The page did not say which version you looked at.")
            if is_unseen
            else "",
        )


def _left_out(
    action: OrderAction, actor: User, keys: Iterable[int]
) -> Iterable[NewItem]:
    for order in orders_to_judge(action, actor, keys):
        reason = reason_against(action, order, actor)
        yield NewItem(
            subject=str(order.pk),
            label=order.number,
            skipped=reason or _("It was left out."),
        )


# --- what the worker does ---------------------------------------------------------


def may_act(user: User, run: Run) -> bool:
    name = run.parameters["action"]
    return has_action(name) and get_action(name).may(user)


def act_on_order(item: RunItem, actor: User) -> str:
    """Do it to one order, unless it has changed since the person looked at it.

    Raises:
        OperationNotAllowed: it is not as it was, can't be done now, or is out of the
            person's sight.
    """
    action = get_action(item.run.parameters["action"])
    order = operations.lock(int(item.subject), actor=actor)
    if reason := action.why_not(order, actor):
        raise OperationNotAllowed(reason)
    if order.version != item.parameters["version"]:
        raise OperationNotAllowed(
            _(
                "%(order)s was changed since you looked at it. Look again "
                "before you repeat."
            )
            % {"order": order},
            code="version_conflict",
        )
    return _act(action, item, actor)


def ask_about_order(item: RunItem, actor: User) -> str:
    """Ask the supplier about one order; it matters little what it was before."""
    action = get_action(item.run.parameters["action"])
    return _act(action, item, actor)


def _act(action: OrderAction, item: RunItem, actor: User) -> str:
    entered = item.run.parameters["entered"]
    version = item.parameters["version"]
    form = ActionForm(action, (), {**entered, "version": version})
    if not form.is_valid():
        told = form.errors.get_json_data()
        raise InvalidInput(
            {
                name: " ".join(each["message"] for each in texts)
                for name, texts in told.items()
            }
        )
    run_action(action, int(item.subject), actor, form)
    order = PurchaseOrder.objects.get(pk=int(item.subject))
    return f"Now: {order.status.label}"


def order_url(item: RunItem) -> str:
    return reverse("admin:orders_purchaseorder_change", args=[int(item.subject)])


def list_of_orders() -> tuple[str, str]:
    return _("Back to the orders"), list_url("orders_purchaseorder")


KINDS = (
    RunKind(
        name=ORDER_ACTION,
        label=gettext_lazy("Action on many orders"),
        may=may_act,
        do_one=act_on_order,
        link=order_url,
        back=list_of_orders,
    ),
    RunKind(
        name=ORDER_QUESTION,
        label=gettext_lazy("Suppliers asked about many orders"),
        may=may_act,
        do_one=ask_about_order,
        # No supplier is called in a transaction; asking twice does no harm.
        in_transaction=False,
        link=order_url,
        back=list_of_orders,
    ),
)
