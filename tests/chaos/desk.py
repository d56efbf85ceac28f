"""The people and systems at our web: they enter orders, approve, send and cancel them.

What each call answered is noted in the order's story, by which the books are judged.
"""

import threading
from collections import deque
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from tests.chaos.ours import Ours
from tests.chaos.plans import Content, Kind, Plan, plan_order
from tests.chaos.rest import Answer, Client, GaveUp

CANCEL_AFTER = 40
"""How many orders later one is cancelled that has to be at its supplier first."""


@dataclass
class Story:
    """What was done to one order, and what our web answered.

    Attributes:
        numbers: every order number an answer gave; must be one.
        content: the order as it stands.
        approved: every content that was approved.
        asked_to_send: the contents for which `send` was accepted.
        is_taken_back: a later call took the sending back: cancelled, or changed.
        surprises: answers that no rule explains.
    """

    plan: Plan
    content: Content
    numbers: set[str] = field(default_factory=set)
    approved: list[Content] = field(default_factory=list)
    asked_to_send: list[Content] = field(default_factory=list)
    is_taken_back: bool = False
    is_cancelled: bool = False
    is_cancel_asked: bool = False
    is_tampered: bool = False
    surprises: list[str] = field(default_factory=list)
    calls: int = 0

    @property
    def number(self) -> str:
        return next(iter(sorted(self.numbers)), "")


class Desk:
    """Drives orders with several clients at once.

    Args:
        may_go_on: blocks while too much is on its way already.
    """

    def __init__(
        self,
        *,
        seed: int,
        orders: int,
        run: str,
        buyer: Client,
        approver: Client,
        ours: Ours,
        may_go_on: Callable[[], None],
    ) -> None:
        self.stories: dict[int, Story] = {}
        self.driven = 0
        self._seed, self._orders, self._run = seed, orders, run
        self._buyer, self._approver, self._ours = buyer, approver, ours
        self._may_go_on = may_go_on
        self._next = 0
        self._lock = threading.Lock()
        self._to_cancel: deque[tuple[int, Story]] = deque()
        self._second = ThreadPoolExecutor(8, thread_name_prefix="second client")
        self.stop = threading.Event()

    def work(self) -> None:
        """Drive orders until there are none left; one of several clients."""
        while not self.stop.is_set():
            self._may_go_on()
            with self._lock:
                index = self._next
                self._next += 1
            self._cancel_due(index)
            if index >= self._orders:
                return
            plan = plan_order(self._seed, index, self._run)
            story = Story(plan, plan.content)
            self.stories[index] = story
            try:
                SCRIPTS[plan.kind](self, story)
            except GaveUp as error:
                story.surprises.append(str(error))
            with self._lock:
                self.driven += 1

    # --- single calls -----------------------------------------------------------------

    def _create(self, story: Story) -> Answer:
        plan = story.plan
        body = {"external_reference": plan.reference, **plan.content.as_document()}
        key = f"create-{plan.reference}" if plan.has_key else ""
        answer = self._buyer.post(
            "orders/", body, key=key, is_dropped=self._drops(story)
        )
        if answer.is_good:
            story.numbers.add(answer.body["number"])
        else:
            story.surprises.append(f"create: {answer.status} {answer.body}")
        return answer

    def _act(
        self, story: Story, action: str, *, expected: bool | None = True
    ) -> Answer:
        """Do one action on an order; `expected` None = either answer will do."""
        client = self._approver if action in ("approve", "reject") else self._buyer
        answer = client.post(
            f"orders/{story.number}/{action}/", {}, is_dropped=self._drops(story)
        )
        is_definite = answer.is_good or answer.status == 409
        if not is_definite or expected not in (None, answer.is_good):
            story.surprises.append(f"{action}: {answer.status} {answer.body}"[:400])
        if answer.is_good and action == "approve":
            story.approved.append(story.content)
        if answer.is_good and action == "send":
            story.asked_to_send.append(story.content)
        return answer

    def _drops(self, story: Story) -> bool:
        story.calls += 1
        return story.calls == story.plan.drops

    def _change(self, story: Story) -> Answer:
        answer = self._buyer.patch(
            f"orders/{story.number}/", story.plan.changed.as_document()
        )
        if answer.is_good:
            story.content = story.plan.changed
        elif answer.status != 409:
            story.surprises.append(f"change: {answer.status} {answer.body}"[:400])
        return answer

    def _at_once(self, *calls: Callable[[], Answer]) -> list[Answer]:
        """Make calls as nearly at one moment as threads can."""
        barrier = threading.Barrier(len(calls))

        def run(call: Callable[[], Answer]) -> Answer:
            barrier.wait(30)
            return call()

        others = [self._second.submit(run, call) for call in calls[1:]]
        return [run(calls[0]), *(other.result() for other in others)]

    def _enter_and_approve(self, story: Story) -> bool:
        if not self._create(story).is_good:
            return False
        self._act(story, "submit")
        return self._act(story, "approve").is_good

    # --- what happens to an order -----------------------------------------------------

    def plain(self, story: Story) -> None:
        if self._enter_and_approve(story):
            self._act(story, "send")

    def created_twice(self, story: Story) -> None:
        self._at_once(lambda: self._create(story), lambda: self._create(story))
        if story.numbers:
            self._act(story, "submit")
            self._act(story, "approve")
            self._act(story, "send")

    def sent_twice(self, story: Story) -> None:
        if not self._enter_and_approve(story):
            return

        def press() -> Answer:
            return self._act(story, "send", expected=None)

        if not any(answer.is_good for answer in self._at_once(press, press)):
            story.surprises.append("send: both clients were refused")

    def changed(self, story: Story) -> None:
        if not self._enter_and_approve(story) or not self._change(story).is_good:
            return
        self._act(story, "send", expected=False)
        if story.plan.is_approved_again:
            self._act(story, "submit")
            self._act(story, "approve")
            self._act(story, "send")

    def changed_while_sent(self, story: Story) -> None:
        if not self._enter_and_approve(story):
            return
        approved = story.content
        change, send = self._at_once(
            lambda: self._change(story),
            lambda: self._act(story, "send", expected=None),
        )
        if send.is_good:
            # Whatever the change came to, what was asked to be sent is the old one.
            story.asked_to_send[-1] = approved
            story.is_taken_back = change.is_good

    def tampered(self, story: Story) -> None:
        if not self._enter_and_approve(story):
            return
        story.is_tampered = True
        self._ours.tamper(story.number)
        self._act(story, "send", expected=False)

    def cancelled_before(self, story: Story) -> None:
        if self._enter_and_approve(story) and self._act(story, "cancel").is_good:
            story.is_cancelled = True
            self._act(story, "send", expected=False)

    def cancelled_queued(self, story: Story) -> None:
        if self._enter_and_approve(story) and self._act(story, "send").is_good:
            self._cancel(story)

    def _cancel(self, story: Story) -> None:
        """Cancel what may be queued, on its way, or at the supplier already."""
        answer = self._act(story, "cancel", expected=None)
        if not answer.is_good:
            return
        if answer.body["fulfilment"] == "cancelled":
            story.is_cancelled = story.is_taken_back = True
        else:
            story.is_cancel_asked = True

    def cancelled_after(self, story: Story) -> None:
        if self._enter_and_approve(story) and self._act(story, "send").is_good:
            with self._lock:
                self._to_cancel.append((story.plan.index + CANCEL_AFTER, story))

    def _cancel_due(self, index: int) -> None:
        while True:
            with self._lock:
                is_due = self._to_cancel and (
                    self._to_cancel[0][0] <= index or index >= self._orders
                )
                if not is_due:
                    return
                _, story = self._to_cancel.popleft()
            try:
                self._cancel(story)
            except GaveUp as error:
                story.surprises.append(str(error))

    def unapproved(self, story: Story) -> None:
        if self._create(story).is_good:
            self._act(story, "send", expected=False)
            self._act(story, "submit")
            self._act(story, "send", expected=False)

    def rejected(self, story: Story) -> None:
        if self._create(story).is_good:
            self._act(story, "submit")
            self._approver.post(
                f"orders/{story.number}/reject/", {"comment": "Not needed."}
            )
            self._act(story, "send", expected=False)


SCRIPTS: dict[Kind, Callable[[Desk, Story], None]] = {
    Kind.PLAIN: Desk.plain,
    Kind.CREATED_TWICE: Desk.created_twice,
    Kind.SENT_TWICE: Desk.sent_twice,
    Kind.CHANGED: Desk.changed,
    Kind.CHANGED_WHILE_SENT: Desk.changed_while_sent,
    Kind.TAMPERED: Desk.tampered,
    Kind.CANCELLED_BEFORE: Desk.cancelled_before,
    Kind.CANCELLED_QUEUED: Desk.cancelled_queued,
    Kind.CANCELLED_AFTER: Desk.cancelled_after,
    Kind.UNAPPROVED: Desk.unapproved,
    Kind.REJECTED: Desk.rejected,
}
