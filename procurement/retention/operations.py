"""Deleting by the table, and saying beforehand what would go."""

import logging
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Min
from django.utils import timezone

from procurement.retention.table import KEPT, Kept

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Standing:
    """How a kind of record stands now.

    Attributes:
        going: rows that would go now.
        oldest: of all rows there are, those that go included; None without any.
    """

    kept: Kept
    going: int
    oldest: datetime | None


def standing_of(kept: Kept, now: datetime) -> Standing:
    """Counts what goes, which takes as long as the database needs for that."""
    rows = kept.model._default_manager.all()
    oldest = rows.aggregate(oldest=Min(kept.moment))["oldest"]
    return Standing(kept, kept.rows(now - kept.time).count(), oldest)


def purge_of_job(job: str) -> int:
    """Delete what a recurring job is there for; return how many rows went."""
    return sum(purge_kind(kept) for kept in KEPT if kept.job == job)


def purge_kind(kept: Kept) -> int:
    began = timezone.now()
    gone = kept.purge(kept.time)
    if gone:
        seconds = (timezone.now() - began).total_seconds()
        logger.info("%s: %s went in %.0f s", kept.what, gone, seconds)
    return gone
