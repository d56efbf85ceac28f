"""The installation itself, as the machine sees it that was asked."""

import platform
from collections.abc import Iterator
from datetime import datetime

import django
from django.conf import settings
from prometheus_client.core import Metric

from procurement import VERSION
from procurement.figures import families, installation


def _build(now: datetime) -> Iterator[Metric]:
    api = str(settings.SPECTACULAR_SETTINGS["VERSION"])
    labels = (VERSION, api, django.get_version(), platform.python_version())
    yield families.BUILD.of([(labels, 1)])


def _database(now: datetime) -> Iterator[Metric]:
    yield families.MIGRATIONS.one(installation.unapplied_migrations())
    yield families.DATABASE_SIZE.one(installation.database_bytes())
    yield families.CLOCK.one(installation.clock_offset().total_seconds())


def _disk(now: datetime) -> Iterator[Metric]:
    free, size = installation.disk()
    yield families.DISK_FREE.one(free)
    yield families.DISK_SIZE.one(size)


def _keys(now: datetime) -> Iterator[Metric]:
    yield families.UNREADABLE.one(installation.unreadable_secrets())


PARTS = (_build, _database, _disk, _keys)
