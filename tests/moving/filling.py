"""Makes the world of `world`, with so many orders of ten lines, in any database."""

import sys

import django

django.setup()

from procurement.coordination.models import Heartbeat  # noqa: E402
from tests.moving.world import fill_world  # noqa: E402

if __name__ == "__main__":
    fill_world(orders=int(sys.argv[1]), lines=10)
    # A move is refused while a worker seems to be alive.
    Heartbeat.objects.all().delete()
