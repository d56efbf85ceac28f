"""Every way in which a call can fail has plain words, and only safe buttons."""

import pytest

from procurement.transmissions.models import Operation, State
from procurement.troubles import causes
from procurement.troubles.causes import ADVICE, CAUSES, Reaction, cause_of, reaction_to
from vendors.errors import Kind

IN_TROUBLE = (State.QUEUED, State.UNKNOWN, State.REFUSED, State.FAILED)


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_has_words_of_its_own(kind: Kind) -> None:
    cause = CAUSES[kind]

    assert str(cause.title)
    assert str(cause.meaning).endswith(".")
    alike = [other for other in Kind if str(CAUSES[other].title) == str(cause.title)]
    assert alike == [kind]


@pytest.mark.parametrize("kind", [*Kind, "", "a-word-of-tomorrow"])
@pytest.mark.parametrize("state", IN_TROUBLE)
def test_every_state_and_kind_asks_for_something(state: State, kind: str) -> None:
    advice = ADVICE[reaction_to(state, kind)]

    assert str(advice.label)
    assert str(advice.now).endswith(".")


@pytest.mark.parametrize("kind", [*Kind, ""])
def test_what_may_have_landed_is_unknown_whatever_the_cause(kind: str) -> None:
    assert reaction_to(State.UNKNOWN, kind) == Reaction.UNKNOWN


@pytest.mark.parametrize("kind", [*Kind, ""])
def test_what_was_refused_is_for_whoever_knows_the_data(kind: str) -> None:
    assert reaction_to(State.REFUSED, kind) == Reaction.DATA


@pytest.mark.parametrize(
    ("kind", "title"),
    [
        (Kind.CONNECTION, "Connection failed"),
        (Kind.TIMEOUT, "Timed out"),
        (Kind.SERVER, "Trouble at the supplier (5xx)"),
        (Kind.CREDENTIALS, "Login unknown"),
        (Kind.THROTTLED, "Throttled"),
        (Kind.UNREADABLE, "Unreadable answer"),
        (Kind.DATA, "Refused data"),
    ],
)
def test_words_are_those_people_know(kind: Kind, title: str) -> None:
    assert str(cause_of(kind).title) == title


def test_word_that_no_table_has_is_told_as_such() -> None:
    assert str(cause_of("a-word-of-tomorrow").title) == "Cause not recorded"


@pytest.mark.parametrize("operation", Operation)
def test_every_operation_is_a_step(operation: Operation) -> None:
    assert str(causes.step_of(operation, Kind.TIMEOUT))
    assert str(causes.step_of(operation, Kind.CREDENTIALS)) == "login"
