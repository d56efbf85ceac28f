"""The page for Prometheus, read from the database at each scrape.

Counters in memory would be those of one web process; what the database says is right
on any number of machines, so it is enough to ask one of them. Every figure is bounded,
and the number of queries does not depend on what there is. Labels are our own words
and the slugs of suppliers.
"""

import logging
import time
from collections.abc import Callable, Iterator
from datetime import datetime

from django.utils import timezone
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

from procurement.figures import counted, families, machine, orders, suppliers, work

logger = logging.getLogger(__name__)

Part = Callable[[datetime], Iterator[Metric]]
PARTS: tuple[Part, ...] = (
    *orders.PARTS,
    *suppliers.PARTS,
    *work.PARTS,
    *counted.PARTS,
    *machine.PARTS,
)


def text() -> bytes:
    """All figures as they are now, in Prometheus' text format."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Figures())
    return generate_latest(registry)


class _Figures(Collector):
    def collect(self) -> Iterator[Metric]:
        started = time.monotonic()
        now = timezone.now()
        failed = 0
        for part in PARTS:
            try:
                yield from list(part(now))
            except Exception:
                # Some figures are better than none, and this one says that some lack.
                failed += 1
                logger.exception("Figures of %s can't be read", part.__name__)
        yield families.FAILED_PARTS.one(failed)
        yield families.SCRAPE.one(time.monotonic() - started)
