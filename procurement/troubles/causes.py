"""Why something did not go through, in plain words: what it means, and what to do.

The one table of its kind. A cause says what happened, a reaction what that asks of
people; the reaction decides the buttons. Whatever may have landed is `UNKNOWN`,
whatever the cause.
"""

from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext_lazy as _

from procurement.texts import Text
from procurement.transmissions.models import Operation, State
from vendors.errors import Kind


class Reaction(StrEnum):
    """What a trouble asks of people."""

    UNKNOWN = "unknown"
    DATA = "data"
    CREDENTIALS = "credentials"
    NETWORK = "network"
    LIMIT = "limit"
    BUG = "bug"


@dataclass(frozen=True)
class Advice:
    """One reaction: its short name, the colour of its badge, what to do now.

    `waiting` is what to do while the system still tries by itself.
    """

    label: Text
    tone: str
    now: Text
    waiting: Text = ""


ADVICE: dict[Reaction, Advice] = {
    Reaction.UNKNOWN: Advice(
        _("Outcome unknown"),
        "red",
        _(
            "It may have landed, so it is never sent again by itself. Look it up, or "
            "ask the supplier, and settle it with what was said."
        ),
        _("It is looked up by itself. Nothing is sent again meanwhile."),
    ),
    Reaction.DATA: Advice(
        _("Refused data"),
        "amber",
        _(
            "Nothing was ordered. Change what the supplier objects to; it then needs "
            "approval again and may be sent. Or abandon it with a reason."
        ),
    ),
    Reaction.CREDENTIALS: Advice(
        _("Account"),
        "red",
        _(
            "Nothing was sent. Replace the credentials or mend the setting, check the "
            "connection, then send again what was given up."
        ),
        _(
            "Nothing was sent. Replace the credentials or mend the setting, and check "
            "the connection; what waits then goes by itself."
        ),
    ),
    Reaction.NETWORK: Advice(
        _("Not reached"),
        "amber",
        _("Nothing was sent, and it is not tried again. Send it again, or abandon it."),
        _("Nothing was sent. It is tried again by itself; nobody need do anything."),
    ),
    Reaction.LIMIT: Advice(
        _("Busy"),
        "grey",
        _("Nothing was sent in a whole day of waiting. Send it again, or abandon it."),
        _("Nothing was sent. It waits as long as the supplier asks, and then goes."),
    ),
    Reaction.BUG: Advice(
        _("Fault"),
        "violet",
        _(
            "Nothing was sent. Copy the evidence for whoever looks after this program, "
            "or for the supplier's help desk, before you send it again."
        ),
        _("Nothing was sent. It is tried again by itself; the evidence can be copied."),
    ),
}


@dataclass(frozen=True)
class Cause:
    """One kind of failure: a title, what it means, and what it asks of people where
    nothing landed."""

    title: Text
    meaning: Text
    reaction: Reaction


CAUSES: dict[Kind, Cause] = {
    Kind.DATA: Cause(
        _("Refused data"),
        _("The supplier read it and said no to what it says."),
        Reaction.DATA,
    ),
    Kind.NOT_FOUND: Cause(
        _("Not known there"),
        _("The supplier does not know something it names: an item, a number."),
        Reaction.DATA,
    ),
    Kind.NOT_ALLOWED: Cause(
        _("Not allowed any more"),
        _("At the supplier it is too far for that, or the account may not do it."),
        Reaction.DATA,
    ),
    Kind.GUARD: Cause(
        _("Stopped by our own check"),
        _("A rule of this program stopped it before anything left."),
        Reaction.DATA,
    ),
    Kind.CONNECTION: Cause(
        _("Connection failed"),
        _("No connection to the supplier came about, so nothing was sent."),
        Reaction.NETWORK,
    ),
    Kind.CREDENTIALS: Cause(
        _("Login unknown"),
        _("User name, password, token or a right of the account was refused."),
        Reaction.CREDENTIALS,
    ),
    Kind.THROTTLED: Cause(
        _("Throttled"),
        _("Too many calls: the supplier asks us to wait."),
        Reaction.LIMIT,
    ),
    Kind.CONFIGURATION: Cause(
        _("Setting missing or wrong"),
        _("A setting of the supplier is missing or does not fit."),
        Reaction.CREDENTIALS,
    ),
    Kind.TIMEOUT: Cause(
        _("Timed out"),
        _("The supplier gave no answer in time."),
        Reaction.NETWORK,
    ),
    Kind.CUT: Cause(
        _("Connection broke"),
        _("The connection, or the worker that held it, ended before the answer."),
        Reaction.NETWORK,
    ),
    Kind.SERVER: Cause(
        _("Trouble at the supplier (5xx)"),
        _("The supplier's own system failed and said so."),
        Reaction.NETWORK,
    ),
    Kind.UNREADABLE: Cause(
        _("Unreadable answer"),
        _("An answer came, and it has no status or can't be understood."),
        Reaction.BUG,
    ),
    Kind.BUG: Cause(
        _("Fault of this program"),
        _("Our own code failed while it was at work on it."),
        Reaction.BUG,
    ),
}

_BY_WORD = {str(kind): cause for kind, cause in CAUSES.items()}

UNTOLD = Cause(
    _("Cause not recorded"),
    _("Nothing more is kept of why it did not go through."),
    Reaction.BUG,
)
"""For a word that no table has: something older, or newer, than this program."""


def cause_of(kind: str) -> Cause:
    return _BY_WORD.get(kind, UNTOLD)


def reaction_to(state: str, kind: str) -> Reaction:
    """What a transmission in that state, for that cause, asks of people."""
    if state == State.UNKNOWN:
        return Reaction.UNKNOWN
    if state == State.REFUSED:
        return Reaction.DATA
    return cause_of(kind).reaction


STEPS: dict[str, Text] = {
    Operation.PLACE_ORDER: _("place"),
    Operation.CANCEL_ORDER: _("cancel"),
    Operation.CREATE_SHOP: _("create"),
    Operation.UPDATE_SHOP: _("push"),
    Operation.CREATE_CUSTOMER: _("create"),
}


def step_of(operation: str, kind: str) -> Text:
    """At which step it stopped; who was not let in never came to the next one."""
    return _("login") if kind == Kind.CREDENTIALS else STEPS[operation]
