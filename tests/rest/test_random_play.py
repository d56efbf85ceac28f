"""Anybody does anything to any order over REST: it is as the model foretold, or a bug.

`PLAY_EXAMPLES` and `PLAY_STEPS` make it longer, and another one every time.
"""

import os

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test

from procurement.orders.actions import all_actions
from tests.rest import bodies
from tests.rest.judging import JUDGES
from tests.rest.machine import RestMachine
from tests.rest.people import APPROVER, BUYER, OPERATOR

EXAMPLES = int(os.environ.get("PLAY_EXAMPLES", "0"))
LENGTH = settings(
    max_examples=EXAMPLES or 8,
    stateful_step_count=int(os.environ.get("PLAY_STEPS", "30")),
    # The suite plays the same pieces every time; a long play looks for new ones.
    derandomize=not EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    print_blob=True,
)


def test_every_action_there_is_is_played_and_judged() -> None:
    names = {action.name for action in all_actions()}

    assert bodies.GOOD.keys() == names
    assert JUDGES.keys() | {"refresh", "check_lines", "resolve"} == names | {"change"}
    assert names <= BUYER | APPROVER | OPERATOR


@pytest.mark.django_db
def test_random_play_is_as_foretold() -> None:
    run_state_machine_as_test(RestMachine, settings=LENGTH)
