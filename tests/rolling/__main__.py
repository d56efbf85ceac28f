"""`make rolling`: everything restarted in turn under load; no call may fail."""

import argparse
import secrets
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from tests.chaos.processes import Broken
from tests.rolling.home import CADDY
from tests.rolling.run import Options, Outcome, Rolling

FRONTS = ("socket", "proxy")
MOST_SHOWN = 20


def tell(front: str, outcome: Outcome) -> None:
    print(
        f"\nBehind a {front}: {outcome.calls} calls, {len(outcome.failed)} failed; "
        f"{outcome.orders} orders, {outcome.sent} sent, {len(outcome.faults)} faults; "
        f"{outcome.events} events followed"
    )
    for each in outcome.restarts:
        how = "" if each.ended_by_itself else ", KILLED"
        print(
            f"  {each.name}: ended in {each.stop_seconds:.1f} s{how}, "
            f"back in {each.start_seconds:.1f} s"
        )
    print(f"  sends under way when a worker was told to stop: {outcome.under_way}")
    slow = sorted(outcome.longest_ms.items(), key=lambda each: -each[1])[:5]
    print("  longest: " + ", ".join(f"{name} {ms:.0f} ms" for name, ms in slow))
    for text in (*outcome.faults, *outcome.failed)[:MOST_SHOWN]:
        print(f"  ! {text[:300]}")


def main() -> int:
    parser = argparse.ArgumentParser(prog="make rolling", description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--front", choices=FRONTS, action="append")
    given = parser.parse_args()
    seed = secrets.randbelow(10**6) if given.seed is None else given.seed
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    print(f"Seed {seed}, {given.rounds} rounds, {given.clients} clients", flush=True)
    is_good = True
    for front in given.front or FRONTS:
        if front == "proxy" and not CADDY:
            print("!!! There is no caddy on this machine: nothing tried behind a proxy")
            is_good = False
            continue
        folder = Path(tempfile.mkdtemp(prefix="rolling-"))
        options = Options(front, given.rounds, given.clients, seed)
        try:
            outcome = Rolling(options, folder).go()
        except Broken as broken:
            print(f"{broken}\nLogs: {folder}", file=sys.stderr)
            return 2
        tell(front, outcome)
        if outcome.failed or outcome.faults:
            print(f"  logs: {folder}")
            is_good = False
        else:
            shutil.rmtree(folder, ignore_errors=True)
    print("Passed" if is_good else "FAILED")
    return 0 if is_good else 1


if __name__ == "__main__":
    sys.exit(main())
