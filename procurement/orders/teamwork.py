"""What colleagues do to an order among themselves: a comment, another buyer.

Neither is content: nothing of it is sent. An approval is lost only by whose own order
it is then, or by the rules that are then for it.
"""

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders import ledger
from procurement.orders.models import PurchaseOrder
from procurement.orders.operations import lock, void_if_objected
from procurement.orders.reaching import require_within_reach
from procurement.scoping import sight_of

COMMENT_LENGTH = 2000


@transaction.atomic
def comment_order(*, order_id: int, actor: User, comment: str) -> PurchaseOrder:
    """Put a note on the timeline; it stays inside the house.

    Raises:
        InvalidInput: nothing was said, or too much.
    """
    said = comment.strip()
    if not said:
        raise InvalidInput({"comment": _("Write what the others should know.")})
    if len(said) > COMMENT_LENGTH:
        raise InvalidInput(
            {
                "comment": _("Write at most %(comment_length)s characters.")
                % {"comment_length": COMMENT_LENGTH}
            }
        )
    order = lock(order_id, actor=actor)
    ledger.write(order, "commented", actor=actor, text=said)
    return order


@transaction.atomic
def assign_order(
    *, order_id: int, actor: User, buyer: str, comment: str = ""
) -> PurchaseOrder:
    """Make somebody else the buyer of an order, in whatever state it is.

    Args:
        buyer: the username of an active member of staff who may see orders.

    Raises:
        InvalidInput: there is no such person, one of the two would not see the order
            any more, or too much was said.
        OperationNotAllowed: the person is the buyer already.
    """
    person = _read_buyer(buyer)
    said = comment.strip()
    if len(said) > COMMENT_LENGTH:
        raise InvalidInput(
            {
                "comment": _("Write at most %(comment_length)s characters.")
                % {"comment_length": COMMENT_LENGTH}
            }
        )
    order = lock(order_id, actor=actor)
    before = order.buyer
    if before == person:
        raise OperationNotAllowed(
            _("%(order)s has %(person)s as its buyer already.")
            % {"order": order, "person": person.get_username()},
            code="already_assigned",
        )
    order.buyer = person
    _require_reach(order, actor, person)
    order.former_buyers.add(before)
    moved = f"From {before.get_username()} to {person.get_username()}."
    ledger.write(
        order,
        "assigned",
        actor=actor,
        text=f"{moved} {said}".strip(),
        data={"buyer": [before.get_username(), person.get_username()]},
        buyer=person,
    )
    if order.is_changeable:
        void_if_objected(order, actor=actor)
    return order


def _require_reach(order: PurchaseOrder, actor: User, person: User) -> None:
    require_within_reach(order, actor, {"buyer": person})
    sight = sight_of(person)
    if sight is not None and not sight.takes_shop(order.shop_id):
        raise InvalidInput(
            {
                "buyer": _("%(person)s does not buy for this order's shop.")
                % {"person": person.get_username()}
            }
        )


def _read_buyer(username: str) -> User:
    person = User.objects.filter(
        username=username.strip(), is_staff=True, is_active=True
    ).first()
    if person is None:
        raise InvalidInput(
            {
                "buyer": _("There is no active member of staff “%(username)s”.")
                % {"username": username}
            }
        )
    if not person.has_perm("orders.view_purchaseorder"):
        raise InvalidInput(
            {
                "buyer": _("%(username)s may not see orders. Choose somebody who may.")
                % {"username": username}
            }
        )
    return person
