"""A cluster from inside: django-q2's, with what its supervisor needs of it."""

import gc
import logging
import os
import signal
import time
from collections.abc import Mapping
from typing import Any, NoReturn

import django_q.cluster
from django.db import DatabaseError, InterfaceError, connections
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.signals import post_execute_in_worker, pre_execute

from procurement.coordination.failures import tell_of_failures
from procurement.coordination.notes import Notes
from procurement.coordination.stopping import is_stopping
from procurement.logs.ids import start_anew

logger = logging.getLogger(__name__)

LOOK_SECONDS = 0.3
"""How often the main process looks whether it is to stop."""


def enter_cluster(
    environment: Mapping[str, str], *, queue: str, processes: int
) -> NoReturn:
    """Be a cluster from now on: a fresh fork of the supervisor, never to return."""
    code = 1
    try:
        os.setsid()
        os.environ.update(environment)
        Conf.CLUSTER_NAME = queue
        Conf.WORKERS = processes
        Conf.QUEUE_LIMIT = processes
        code = run_cluster()
    except BaseException:
        logger.exception("The cluster failed")
    finally:
        logging.shutdown()
        # Not by way of the supervisor's own exit, which we are a copy of.
        os._exit(code)


def run_cluster() -> int:
    """Run the cluster until it is told to stop; return the exit code."""
    pre_execute.connect(_begin)
    post_execute_in_worker.connect(_end)
    django_q.cluster.Sentinel = Sentinel
    tell_of_failures()
    cluster = django_q.cluster.Cluster()
    cluster.start()
    while cluster.sentinel.is_alive():
        if is_stopping():
            cluster.stop()
            break
        time.sleep(LOOK_SECONDS)
    return 0 if cluster.has_stopped else 1


class Sentinel(django_q.cluster.Sentinel):  # type: ignore[misc]
    """Guards the processes of a cluster, and makes them."""

    def start(self) -> None:
        # Inherited by all it makes: a signal to the whole group, as systemd sends
        # one, must not cut tasks. The main process takes it and stops in order.
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        # What is there now is shared with the processes as long as nothing, the
        # garbage collector's marks included, is written to it.
        gc.collect()
        gc.freeze()
        super().start()


def _begin(sender: object, task: dict[str, Any], **kwargs: Any) -> None:
    """Note that the task begins, and use its message up.

    Whatever waits stands in a table that is swept, so a message that is lost with a
    killed process costs seconds; one that comes again would cost a second run each
    time that django-q2 fails to note the end of the first.
    """
    message = task.get("ack_id")
    start_anew(task=_name_of(task.get("func")))
    if notes := Notes.of_this_process():
        notes.begun(message)
    if message is None:
        return
    try:
        get_broker().acknowledge(message)
    except (DatabaseError, InterfaceError) as error:
        # The process that records results tries again when the task has ended.
        logger.warning("Message %s not dropped: %s", message, type(error).__name__)
        connections.close_all()
    else:
        task["ack_id"] = None


def _name_of(func: Any) -> str:
    return func if isinstance(func, str) else getattr(func, "__qualname__", str(func))


def _end(sender: object, **kwargs: Any) -> None:
    start_anew()
    if notes := Notes.of_this_process():
        notes.ended()
