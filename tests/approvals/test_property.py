"""Whatever rules, people, decisions and changes: nothing unapproved is approved."""

from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import User
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from procurement.approvals.forwarding import forward_order
from procurement.approvals.models import ApprovalDecision, ApprovalStep
from procurement.approvals.operations import approve_order, return_order
from procurement.approvals.queries import approvers_of, may_decide
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.orders.models import OrderLine, PurchaseOrder
from procurement.orders.operations import change_order, submit_order
from procurement.orders.ready_views import to_approve
from procurement.orders.teamwork import assign_order
from tests.approvals.people import approver, level, make_rule, stand_in
from tests.factories import line, make_order, make_supplier, make_user

PEOPLE = ("anna", "bo", "cia", "dan")
indexes = st.integers(0, len(PEOPLE) - 1)
levels = st.tuples(st.sets(indexes, min_size=1, max_size=3), st.booleans())
rules = st.lists(
    st.tuples(st.lists(levels, min_size=1, max_size=2), st.sampled_from([0, 300])),
    max_size=2,
)
acts = st.one_of(
    st.tuples(st.just("submit"), indexes),
    st.tuples(st.just("approve"), indexes),
    st.tuples(st.just("approve"), indexes),
    st.tuples(st.just("approve"), indexes),
    st.tuples(st.just("return"), indexes),
    st.tuples(st.just("forward"), indexes),
    st.tuples(st.just("change"), indexes),
    st.tuples(st.just("assign"), indexes),
    st.tuples(st.just("rename"), indexes),
    st.tuples(st.just("write"), indexes),
)


class ApprovalHolds(TestCase):
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    @given(
        rules=rules,
        pairs=st.lists(st.tuples(indexes, indexes), max_size=2),
        acts=st.lists(acts, min_size=4, max_size=14),
    )
    def test_approved_means_every_level_by_somebody_entitled(
        self, rules: Any, pairs: Any, acts: Any
    ) -> None:
        people = [_colleague(name) for name in PEOPLE]
        demanded = _make_rules(rules, people)
        substitutes = _name_stand_ins(pairs, people)
        supplier = make_supplier()
        order = make_order(supplier, actor=people[0])
        hands = Hands(entered=0, bought={0}, changed=0)
        for name, index in [("submit", 0), *acts]:
            with suppress(OperationNotAllowed, InvalidInput):
                _act(name, order.pk, people, index)
                hands.note(name, index)
            order = PurchaseOrder.objects.get(pk=order.pk)
            own = {people[each].pk for each in hands.own()}
            _require_sound(order, demanded, substitutes, own)
            _require_one_answer(order, people)


@dataclass
class Hands:
    """Whose own the order is, noted beside it: what entering, buying and changing do.

    Those who bought before the last asking count no more, but for whoever asked.
    """

    entered: int
    bought: set[int]
    changed: int
    buyer: int = 0

    def note(self, name: str, index: int) -> None:
        """An act that was not refused."""
        if name == "submit":
            self.bought &= {self.buyer, index}
        elif name in ("assign", "rename"):
            self.buyer = index
            self.bought.add(index)
        elif name == "change":
            self.changed = index

    def own(self) -> set[int]:
        return {self.entered, self.changed, *self.bought}


def _colleague(name: str) -> User:
    """May approve, and is somebody to whom an order can be handed."""
    make_user(name, "view_purchaseorder")
    return approver(name)


def _make_rules(rules: Any, people: list[User]) -> dict[str, set[int]]:
    """Make those that can be fulfilled; the people of each level, by its name."""
    demanded = {}
    for number, (drawn, least) in enumerate(rules):
        made = [
            level(f"{number}.{index}", *(people[i] for i in sorted(members)), same=same)
            for index, (members, same) in enumerate(drawn)
        ]
        try:
            make_rule(
                *made,
                name=f"Rule {number}",
                position=number,
                currency="SEK",
                least_amount=Decimal(least),
            )
        except InvalidInput:
            continue
        demanded |= {each["name"]: {u.pk for u in each["people"]} for each in made}
    return demanded


def _name_stand_ins(pairs: Any, people: list[User]) -> set[tuple[int, int]]:
    named = {(a, b) for a, b in pairs if a != b}
    for substitute, absent in sorted(named):
        stand_in(people[substitute], people[absent])
    return {(people[a].pk, people[b].pk) for a, b in named}


def _act(name: str, order_id: int, people: list[User], index: int) -> None:
    user = people[index]
    if name == "submit":
        submit_order(order_id=order_id, actor=user)
    elif name == "approve":
        approve_order(order_id=order_id, actor=user)
    elif name == "return":
        return_order(order_id=order_id, actor=user, comment="No.")
    elif name == "forward":
        to = people[index - 1]
        forward_order(order_id=order_id, actor=user, colleague=to.username, comment="x")
    elif name == "change":
        lines = [line(quantity=Decimal(6 + index))]
        change_order(order_id=order_id, actor=user, data={"lines": lines})
    elif name == "assign":
        assign_order(order_id=order_id, actor=user, buyer=user.username)
    elif name == "rename":
        change_order(order_id=order_id, actor=people[0], data={"buyer": user})
    else:
        # As a script would, past everything that might notice.
        OrderLine.objects.filter(order=order_id).update(quantity=20 + index)


def _require_sound(
    order: PurchaseOrder,
    demanded: dict[str, set[int]],
    substitutes: set[tuple[int, int]],
    own: set[int],
) -> None:
    if order.approval != "approved":
        return
    content = order.approved_hash
    steps = list(ApprovalStep.objects.filter(order=order, is_past=False))
    used: set[int] = set()
    for step in sorted(steps, key=lambda each: each.position):
        assert (step.state, step.content_hash) == ("approved", content)
        user = step.decided_by_id
        person = step.in_place_of_id or user
        assert user is not None
        assert not own & {user, person}
        assert user == person or (user, person) in substitutes
        if step.handed_to_id:
            assert person == step.handed_to_id
        else:
            assert person in demanded[step.name]
        assert step.allows_same_person or not used & {user, person}
        used |= {user, person}
    decision = ApprovalDecision.objects.filter(order=order, decision="approved").first()
    assert decision is not None
    assert decision.content_hash == content
    assert decision.decided_by_id not in own


def _require_one_answer(order: PurchaseOrder, people: list[User]) -> None:
    """The list, the button and the notice agree on whose turn it is."""
    may = {user for user in people if may_decide(order, user)}
    everything = PurchaseOrder.objects.all()
    listed = {user for user in people if to_approve(everything, user).exists()}
    assert listed == may
    assert set(approvers_of(order)) & set(people) == may
