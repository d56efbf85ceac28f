"""How a worker tells whoever started it that its watchdog still goes round.

systemd hears it on the socket it names; a container engine looks at a file. Neither
says anything of the clusters: those the watchdog itself replaces.
"""

import os
import socket
from contextlib import suppress
from pathlib import Path

from django.conf import settings

NOTIFY_SOCKET = "NOTIFY_SOCKET"


def started() -> None:
    _tell("READY=1")
    going_round()


def going_round() -> None:
    """To be called at each round; never raises."""
    _tell("WATCHDOG=1")
    if settings.WORKER_ALIVE_FILE:
        with suppress(OSError):
            Path(settings.WORKER_ALIVE_FILE).touch()


def ending() -> None:
    _tell("STOPPING=1")


def _tell(text: str) -> None:
    """Send one message to systemd, if it is there (sd_notify(3))."""
    address = os.environ.get(NOTIFY_SOCKET, "")
    if not address:
        return
    # A name that begins with @ is in the kernel, not in the file system.
    name = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as line:
        line.setblocking(False)
        line.sendto(text.encode(), name)
