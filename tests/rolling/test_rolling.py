"""Everything restarted in turn under load: a short form of `make rolling`."""

import os
import shutil
import tempfile
import warnings
from pathlib import Path

import pytest

from tests.rolling.home import CADDY, WEBS, WORKERS
from tests.rolling.run import Options, Rolling

pytestmark = pytest.mark.slow

HAS_POSTGRES = any(Path("/usr/lib/postgresql").glob("*/bin/postgres"))


@pytest.mark.skipif(not HAS_POSTGRES, reason="there is no PostgreSQL")
@pytest.mark.skipif(
    not os.environ.get("REDIS_URL"), reason="runs once, where PostgreSQL and Redis are"
)
def test_no_call_fails_and_no_order_is_doubled_or_lost() -> None:
    front = "proxy" if CADDY else "socket"
    if not CADDY:
        warnings.warn("There is no caddy: tried without a proxy", stacklevel=1)
    # No folder of pytest's: those let nobody else in, and PostgreSQL runs as itself.
    folder = Path(tempfile.mkdtemp(prefix="rolling-"))

    outcome = Rolling(Options(front, rounds=1, clients=3, seed=11), folder).go()

    machines = [WEBS[0], WORKERS[0], WEBS[1], WORKERS[1]]
    assert outcome.failed == []
    assert outcome.faults == []
    assert [each.name for each in outcome.restarts] == machines
    assert all(each.ended_by_itself for each in outcome.restarts)
    # Not for want of anything to break.
    assert outcome.orders > 20
    assert outcome.sent > 15
    assert outcome.calls > 300
    assert any(outcome.under_way)
    assert {"page", "create", "approve", "send"} <= outcome.longest_ms.keys()
    shutil.rmtree(folder, ignore_errors=True)
