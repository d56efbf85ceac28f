"""What a worker's processes write, all of them, when an order goes out."""

import json
from pathlib import Path
from typing import Any

import pytest

from procurement.transmissions.models import State
from tests.processes import process, wait_until
from tests.sandboxed import connect, queue_order, secret_of
from vendors.sandbox import Sandbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_what_happened_to_an_order_is_found_by_its_number(tmp_path: Path) -> None:
    log = tmp_path / "worker.log"
    with Sandbox(port=0) as sandbox:
        supplier = connect(sandbox, "extend")
        order, transmission = queue_order(supplier)

        def is_sent() -> bool:
            transmission.refresh_from_db()
            return transmission.state == State.SENT

        with process("manage.py", "worker", log=log, LOG_FORMAT="json"):
            wait_until("the order is sent", is_sent, seconds=90)
            wait_until("it is told", lambda: "try 1 to place_order" in log.read_text())

    lines: list[dict[str, Any]] = [
        json.loads(line) for line in log.read_text().splitlines()
    ]
    told = [line for line in lines if order.number in json.dumps(line)]
    by_logger = {line["logger"]: line for line in told}
    attempt = transmission.attempts.get()
    ids = {
        "order": order.number,
        "transmission": transmission.pk,
        "attempt": attempt.pk,
        "supplier": supplier.slug,
        "vendor": "extend",
    }
    for name in ("vendors", "procurement.attempts"):
        assert {key: by_logger[name][key] for key in ids} == ids
        assert ":carriers:" in by_logger[name]["worker"]
        assert by_logger[name]["task"] == "procurement.transmissions.tasks.carry"
    assert by_logger["procurement.attempts"]["outcome"] == "accepted"
    assert by_logger["vendors"]["operation"] == "place_order"
    events = [line["event"] for line in told if line["logger"] == "procurement.orders"]
    assert events[:2] == ["sending", "sent"]
    assert secret_of("extend") not in log.read_text()
    assert not [line for line in lines if line["logger"] == "django-q"]
