"""Tasks that fail are told where they fail, with what they were about.

django-q2 tells of them in the process that records results, which knows neither the
trace as such nor what the task was about.
"""

import logging

import django_q.worker

logger = logging.getLogger("procurement.tasks")


class _Told:
    """What django-q2 calls inside the handler of the exception."""

    def report(self) -> None:
        logger.exception("A task failed")


class _NotAgain(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        return not (
            record.module == "monitor" and str(record.msg).startswith("Failed ")
        )


def tell_of_failures() -> None:
    """From now on, in this process and those it forks."""
    django_q.worker.error_reporter = _Told()
    logging.getLogger("django-q").addFilter(_NotAgain())
