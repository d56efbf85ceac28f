"""The watchdog over the clusters of one worker.

A cluster of django-q2 can freeze for good when one of its processes is killed, and
looks healthy from outside while it does. So two things are looked at: whether all
of its processes are there, and whether it still runs tasks, heartbeats among them
that no other cluster can answer. One that fails either is replaced.
"""

import gc
import logging
import signal
import time
from collections.abc import Callable, Iterable
from types import FrameType

from django.conf import settings
from django.db import DatabaseError, InterfaceError, close_old_connections
from redis.exceptions import RedisError

from procurement.coordination import living
from procurement.coordination.operations import process_name
from procurement.coordination.posts import Post
from procurement.coordination.rounds import Rounds
from procurement.coordination.watching import Spec

logger = logging.getLogger(__name__)

FINISHING_LOOK_SECONDS = 0.2
SLEPT_TOO_LONG_SECONDS = 5.0
"""The machine stood still, or we did: no cluster could be heard meanwhile."""


def specs() -> list[Spec]:
    """The clusters of a worker: for calling vendors, for webhooks, and the rest."""
    carriers = settings.Q_CLUSTER["ALT_CLUSTERS"][settings.CARRIERS]["workers"]
    return [
        Spec("carriers", settings.CARRIERS, carriers, signs_itself=True),
        Spec("couriers", settings.COURIERS, 1, signs_itself=True),
        Spec(
            "general",
            settings.Q_CLUSTER["name"],
            settings.Q_CLUSTER["workers"],
            signs_itself=False,
        ),
    ]


class Supervisor:
    """Keeps clusters running until told to stop.

    Args:
        finders: called once a second by one worker of all; see `Rounds`.
    """

    def __init__(
        self, finders: Iterable[Callable[[], object]] = (), *, tick_seconds: float = 1.0
    ) -> None:
        self._tick_seconds = tick_seconds
        self._rounds = Rounds(finders, holder=process_name())
        self._posts: list[Post] = []
        self._signals = 0
        self._was_away = False

    def run(self) -> None:
        """Supervise until SIGTERM or SIGINT, then let the clusters finish.

        A second signal ends them at once.
        """
        signal.signal(signal.SIGTERM, self._stop)
        signal.signal(signal.SIGINT, self._stop)
        # What is loaded by now stays shared with the clusters forked from here.
        gc.collect()
        gc.freeze()
        self._posts = [Post(spec) for spec in specs()]
        living.started()
        while not self._signals:
            self._tick()
            living.going_round()
            self._sleep()
        self._finish()

    def _stop(self, signum: int, frame: FrameType | None) -> None:
        self._signals += 1

    # --- each second --------------------------------------------------------------

    def _tick(self) -> None:
        """One round. Whatever fails, a worker without its watchdog would be worse."""
        for post in self._posts:
            self._try(post.look_after)
        close_old_connections()
        is_there = self._try(*(post.look_for_signs for post in self._posts))
        if is_there and self._was_away:
            logger.warning("The database and broker answer again")
            self._excuse()
        self._was_away = not is_there
        if is_there:
            self._try(self._rounds.go)

    def _try(self, *steps: Callable[[], None]) -> bool:
        """Take the steps; say whether database and broker were there for them."""
        try:
            for step in steps:
                step()
        except (DatabaseError, InterfaceError, RedisError) as error:
            if not self._was_away:
                logger.warning("The database or broker does not answer: %s", error)
            return False
        except Exception:
            logger.exception("A round of the worker failed")
        return True

    def _sleep(self) -> None:
        before = time.time()
        time.sleep(self._tick_seconds)
        if time.time() - before > self._tick_seconds + SLEPT_TOO_LONG_SECONDS:
            self._excuse()

    def _excuse(self) -> None:
        for post in self._posts:
            post.excuse()

    # --- the end ------------------------------------------------------------------

    def _finish(self) -> None:
        """Let the clusters finish what they have begun and taken, then end them."""
        logger.info("Finishing; another signal ends what is under way")
        living.ending()
        self._try(self._rounds.hand_over)
        for post in self._posts:
            post.tell_to_stop()
        waited_for = list(self._posts)
        while waited_for and self._signals < 2:
            living.going_round()
            time.sleep(FINISHING_LOOK_SECONDS)
            waited_for = [post for post in waited_for if not post.has_finished()]
        for post in self._posts:
            post.kill()
            self._try(post.clear_away)
