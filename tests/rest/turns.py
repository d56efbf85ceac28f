"""What may happen next in the play, and how often.

Hypothesis would choose among rules evenly, and leave some of them out; here most turns
are calls, and most of those are made where they mean something.
"""

from typing import Any

from hypothesis import strategies as st

from tests.rest import bodies
from tests.rest.people import SHOP
from tests.rest.supplier import MOODS, MOVES

MOST_ORDERS = 4
WHO = (*("whoever does it",) * 7, *("an owner",) * 3, *bodies.PEOPLE, "reader")
VERSIONS = (None, None, None, "right", "stale")
AFTER_SENDING = frozenset(
    {"confirm", "ship", "receive", "invoice", "record_cancellation", "refresh"}
    | {"cancel", "dismiss"}
)
MEANWHILE = (
    "time passes",
    "look-ups are made",
    "the list is read",
    "a worker dies",
    *("an order goes on there",) * 3,
    "a price moves",
)
AGAIN = ("say again", "say again", "say something else", "read all", "look")
places = st.integers(0, MOST_ORDERS - 1)
moods = st.sampled_from((*("accepted",) * 5, *MOODS))
ahead = st.sampled_from((0, 0, 1, 2, 3, 4))
far_ahead = st.sampled_from((4, 4, 4, 0, 1, 2))
"""Steps an order takes before it is called about; with four it is sent."""

Arguments = dict[str, Any]


def _act(action: str) -> st.SearchStrategy[Arguments]:
    return st.fixed_dictionaries(
        {
            "action": st.just(action),
            "at": places,
            "steps": far_ahead if action in AFTER_SENDING else ahead,
            "mood": moods,
            "who": st.sampled_from(WHO),
            "version": st.sampled_from(VERSIONS),
            "body": bodies.GOOD[action],
            "is_bad": st.sampled_from((False, False, False, False, False, False, True)),
            "objects": st.sampled_from((False, False, False, True)),
        }
    )


TURNS: dict[str, st.SearchStrategy[Arguments]] = {
    "act": st.sampled_from(tuple(bodies.GOOD)).flatmap(_act),
    "change": st.fixed_dictionaries(
        {
            "at": places,
            "steps": ahead,
            "mood": moods,
            "who": st.sampled_from(WHO),
            "version": st.sampled_from(VERSIONS),
            "note": st.sampled_from((None, "Ring first.", "")),
            "lines": st.one_of(st.none(), bodies.lines()),
            "reference": st.sampled_from((None, None, "CHANGED")),
        }
    ),
    "enter": st.fixed_dictionaries(
        {
            "who": st.sampled_from(("bea", "bo", "chief", "anna", "reader")),
            "supplier": st.sampled_from(("extend-nord", "eet-nord")),
            "lines": bodies.lines(),
            "shop": st.sampled_from((None, SHOP)),
            "reference": st.sampled_from(("", "WEB-1", "WEB-2")),
        }
    ),
    "carry": st.fixed_dictionaries({"at": places, "mood": moods}),
    "again": st.fixed_dictionaries(
        {
            "what": st.sampled_from(AGAIN),
            "at": st.integers(0, 200),
            "who": st.sampled_from(bodies.PEOPLE),
            "page_size": st.integers(1, 20),
        }
    ),
    "meanwhile": st.fixed_dictionaries(
        {
            "what": st.sampled_from(MEANWHILE),
            "at": places,
            "how": st.sampled_from(MOVES),
            "is_so": st.booleans(),
            "price": st.sampled_from(("41.50", "41.75", "42")),
        }
    ),
}
WEIGHTS = {"act": 10, "change": 3, "enter": 1, "carry": 1, "again": 2, "meanwhile": 3}


def turns() -> st.SearchStrategy[tuple[str, Arguments]]:
    """The name of a method of the machine, and its arguments."""
    names = [name for name, weight in WEIGHTS.items() for _ in range(weight)]
    return st.sampled_from(names).flatmap(
        lambda name: st.tuples(st.just(name), TURNS[name])
    )
