"""Breaks what may break, at moments the seed names by the orders done till then."""

import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable

from tests.chaos.installation import IMPATIENT, Installation, Service
from tests.chaos.processes import below, children_of, kill_all, send

Act = Callable[["Monkey", random.Random], bool]
MOST_ORDERS_BETWEEN = 60
STALL_SECONDS = int(IMPATIENT["SEND_LEASE_SECONDS"]) + 3
DOWN_SECONDS = 1.5
VICTIM_SECONDS = 30


class Monkey:
    """Does its acts one after another, each when enough orders were driven.

    Args:
        progress: how many orders have been driven.
    """

    def __init__(
        self,
        home: Installation,
        *,
        seed: int,
        orders: int,
        progress: Callable[[], int],
    ) -> None:
        self.done: Counter[str] = Counter()
        self.remarks: list[str] = []
        self.stop = threading.Event()
        self._home, self._progress = home, progress
        self._plan = _plan(seed, orders, has_servers=home.postgres is not None)

    def work(self) -> None:
        for after, name, chance in self._plan:
            while self._progress() < after:
                if self.stop.wait(0.05):
                    return
            try:
                self._act(name, chance)
            except Exception as error:
                self.remarks.append(f"{name}: {type(error).__name__}: {error}")

    def _act(self, name: str, chance: random.Random) -> None:
        """Do it; what is only just being started again is waited for."""
        give_up_at = time.monotonic() + VICTIM_SECONDS
        while not self.stop.is_set():
            if ACTS[name][1](self, chance):
                self.done[name] += 1
                return
            if time.monotonic() > give_up_at:
                self.remarks.append(f"{name}: there was nobody to do it to")
                return
            time.sleep(0.5)

    # --- workers ----------------------------------------------------------------------

    def _worker(self, chance: random.Random) -> Service:
        return chance.choice(self._home.workers)

    def kill_process(self, chance: random.Random) -> bool:
        """One of a worker's processes, whichever it is."""
        pids = below(self._worker(chance).process.pid)
        return bool(pids) and send(chance.choice(pids), signal.SIGKILL)

    def kill_cluster(self, chance: random.Random) -> bool:
        """The main process of one of a worker's clusters."""
        pids = children_of(self._worker(chance).process.pid)
        return bool(pids) and send(chance.choice(pids), signal.SIGKILL)

    def kill_supervisor(self, chance: random.Random) -> bool:
        worker = self._worker(chance)
        worker.lets_orphans_live = chance.random() < 0.5
        return send(worker.process.pid, signal.SIGKILL)

    def kill_machine(self, chance: random.Random) -> bool:
        """All processes of a worker at one stroke."""
        worker = self._worker(chance)
        return kill_all(self._home.processes_of(worker)) > 0

    def stall_worker(self, chance: random.Random) -> bool:
        """A worker that sleeps past its leases and goes on as if nothing had been."""
        pids = self._home.processes_of(self._worker(chance))
        for pid in pids:
            send(pid, signal.SIGSTOP)

        def wake() -> None:
            time.sleep(STALL_SECONDS)
            for pid in pids:
                send(pid, signal.SIGCONT)

        threading.Thread(target=wake, daemon=True).start()
        return bool(pids)

    def restart_worker(self, chance: random.Random) -> bool:
        worker = self._worker(chance)

        def restart() -> None:
            if not worker.stop_and_start():
                self.remarks.append(f"{worker.name} did not end on SIGTERM in time")

        threading.Thread(target=restart, daemon=True).start()
        return True

    # --- the web ----------------------------------------------------------------------

    def kill_web_worker(self, chance: random.Random) -> bool:
        pids = children_of(self._home.services["web"].process.pid)
        return bool(pids) and send(chance.choice(pids), signal.SIGKILL)

    def kill_web(self, chance: random.Random) -> bool:
        return send(self._home.services["web"].process.pid, signal.SIGKILL)

    # --- servers ----------------------------------------------------------------------

    def flush_redis(self, chance: random.Random) -> bool:
        assert self._home.redis
        self._home.redis.flush()
        return True

    def restart_redis(self, chance: random.Random) -> bool:
        assert self._home.redis
        self._home.redis.stop()
        time.sleep(DOWN_SECONDS * chance.random())
        self._home.redis.start()
        return True

    def restart_postgres_fast(self, chance: random.Random) -> bool:
        return self._restart_postgres("fast", chance)

    def restart_postgres_immediate(self, chance: random.Random) -> bool:
        return self._restart_postgres("immediate", chance)

    def _restart_postgres(self, mode: str, chance: random.Random) -> bool:
        assert self._home.postgres
        self._home.postgres.stop(mode)
        time.sleep(DOWN_SECONDS * chance.random())
        self._home.postgres.start()
        return True


ACTS: dict[str, tuple[int, Act]] = {
    "worker process killed": (26, Monkey.kill_process),
    "cluster killed": (10, Monkey.kill_cluster),
    "supervisor killed": (8, Monkey.kill_supervisor),
    "worker machine killed": (6, Monkey.kill_machine),
    "worker stalled": (4, Monkey.stall_worker),
    "worker restarted": (6, Monkey.restart_worker),
    "web worker killed": (14, Monkey.kill_web_worker),
    "web server killed": (2, Monkey.kill_web),
    "Redis flushed": (8, Monkey.flush_redis),
    "Redis restarted": (5, Monkey.restart_redis),
    "PostgreSQL restarted, fast": (4, Monkey.restart_postgres_fast),
    "PostgreSQL restarted, immediate": (4, Monkey.restart_postgres_immediate),
}
"""What can be done, and how often it is compared with the others."""


def _plan(
    seed: int, orders: int, *, has_servers: bool
) -> list[tuple[int, str, random.Random]]:
    """After how many orders what is done, and the chance it draws from.

    Each act comes once before any comes by its weight, so that a short run has all.
    """
    chance = random.Random(f"{seed}/monkey")
    names = [name for name in ACTS if has_servers or not _wants_server(name)]
    first = chance.sample(names, len(names))
    count = max(len(names) + 2, orders // MOST_ORDERS_BETWEEN)
    weights = [ACTS[name][0] for name in names]
    more = chance.choices(names, weights, k=count - len(names))
    gap = orders / (count + 1)
    plan = []
    for place, name in enumerate(first + more, start=1):
        after = int(gap * (place + chance.uniform(-0.4, 0.4)))
        plan.append((after, name, random.Random(f"{seed}/monkey/{place}")))
    return plan


def _wants_server(name: str) -> bool:
    return name.startswith(("Redis", "PostgreSQL"))
