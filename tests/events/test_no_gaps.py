"""Nothing is missed by whoever reads on, whatever writers do at the same time."""

from collections import defaultdict
from contextlib import ExitStack
from pathlib import Path

import pytest

from procurement.events.streams import STREAMS
from procurement.reach.models import Orders, Reach
from tests.api.clients import permit
from tests.events.reading import EVERY_STREAM
from tests.factories import make_order, make_supplier, make_user
from tests.parties import make_customer, make_shop
from tests.processes import process, wait_until

WRITERS, SECONDS = 8, 12
FOLLOWERS = {
    "whole": {"order", "shop", "customer", "supplier"},
    "choosy": {"order", "shop"},
    "limited": {"order", "shop", "customer", "supplier"},
}
"""Each with the streams it reads; the last is a person who sees their own orders."""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_every_event_is_read_once_and_in_the_order_of_its_subject(
    tmp_path: Path,
) -> None:
    limited = permit(make_user("limited"), *EVERY_STREAM)
    Reach.objects.create(user=limited, orders=Orders.OWN)
    supplier = make_supplier()
    own = [make_order(supplier, actor=limited).pk for _ in range(3)]
    others = [make_order(supplier).pk for _ in range(2)]
    make_shop()
    make_customer()
    stop, logs = tmp_path / "stop", {name: tmp_path / name for name in FOLLOWERS}
    crowd = ("-m", "tests.events.crowd")

    with ExitStack() as running:
        followers = [
            running.enter_context(
                process(
                    *(*crowd, "follow", name, str(log), str(stop)),
                    log=tmp_path / f"{name}.err",
                )
            )
            for name, log in logs.items()
        ]
        writers = [
            running.enter_context(
                process(
                    *(*crowd, "write", f"w{number}", str(SECONDS)),
                    # Clocks up to two hours wrong, in both directions.
                    str((number - WRITERS / 2) / 2),
                    log=tmp_path / "writers.err",
                )
            )
            for number in range(WRITERS)
        ]
        codes = [writer.wait(timeout=SECONDS + 90) for writer in writers]
        assert codes == [0] * WRITERS, (tmp_path / "writers.err").read_text()
        stop.touch()
        for follower in followers:
            wait_until("a follower ends", lambda f=follower: f.poll() is not None, 90)

    subjects = subjects_of_events()
    assert len(subjects) > 100
    of_others = {key for key in subjects.values() if key[0] == "order"} - {
        ("order", pk) for pk in own
    }
    assert of_others == {("order", pk) for pk in others}
    for name, streams in FOLLOWERS.items():
        assert not (tmp_path / f"{name}.err").read_text()
        seen = logs[name].read_text().split()
        expected = {
            event
            for event, subject in subjects.items()
            if subject[0] in streams
            and not (name == "limited" and subject in of_others)
        }
        missing, ghosts = expected - set(seen), set(seen) - expected
        assert (sorted(missing), sorted(ghosts)) == ([], []), name
        assert len(seen) == len(expected), f"{name} read something twice"
        of_subject = defaultdict(list)
        for event in seen:
            of_subject[subjects[event]].append(int(event.partition("-")[2]))
        for subject, ids in of_subject.items():
            assert ids == sorted(ids), f"{name} read {subject} out of order"


def subjects_of_events() -> dict[str, tuple[str, int]]:
    """The id of every event there is, with its stream and what it is about."""
    columns = {"login": "customer_id"}
    return {
        f"{stream.name}-{pk}": (stream.name, subject)
        for stream in STREAMS.values()
        for pk, subject in stream.model._default_manager.values_list(
            "pk", columns.get(stream.name, f"{stream.name}_id")
        )
    }
