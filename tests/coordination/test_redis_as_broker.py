"""With Redis as broker: away, flushed, and back; no work is lost or done twice."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from procurement.coordination.models import Heartbeat
from procurement.suppliers.models import Supplier
from tests.coordination.test_worker_processes import (
    IMPATIENT,
    becomes,
    booked,
    eet,
    sandbox,
    send,
)
from tests.processes import process, wait_until
from vendors.sandbox import Sandbox

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server"),
]
__all__ = ["eet", "sandbox"]


class OwnRedis:
    """A server that a test may take away and bring back, empty."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.url = f"redis://127.0.0.1:{self._port}/0"
        self.start()

    def start(self) -> None:
        address = ["--bind", "127.0.0.1", "--port", str(self._port)]
        self._server = subprocess.Popen(
            [
                str(shutil.which("redis-server")),
                *address,
                "--save",
                "",
                "--dir",
                str(self._folder),
            ],
            stdout=subprocess.DEVNULL,
        )
        wait_until("Redis answers", self._answers)

    def stop(self) -> None:
        self._server.kill()
        self._server.wait()

    def _answers(self) -> bool:
        try:
            return bool(redis.from_url(self.url).ping())
        except redis.exceptions.ConnectionError:
            return False


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    server = OwnRedis(tmp_path)
    yield server
    server.stop()


def test_redis_away_and_back_empty_loses_no_order(
    sandbox: Sandbox, eet: Supplier, own_redis: OwnRedis, tmp_path: Path
) -> None:
    log = tmp_path / "worker.log"
    environment = {**IMPATIENT, "QUEUE_BROKER": "redis", "REDIS_URL": own_redis.url}
    with process("manage.py", "worker", log=log, **environment):
        wait_until("all clusters live", lambda: Heartbeat.objects.count() >= 3)
        before, _ = send(eet)
        becomes(before, "transmission", "sent")

        own_redis.stop()
        meanwhile, _ = send(eet)
        time.sleep(3)
        own_redis.start()

        becomes(meanwhile, "transmission", "sent")
        redis.from_url(own_redis.url).flushall()
        after, _ = send(eet)
        becomes(after, "transmission", "sent")
    print(log.read_text())
    assert [len(booked(sandbox, each)) for each in (before, meanwhile, after)] == [
        1
    ] * 3
    assert "is replaced" not in log.read_text()
