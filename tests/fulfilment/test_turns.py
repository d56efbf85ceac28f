import time
from datetime import timedelta

import pytest
from django.utils import timezone

from procurement.coordination import jobs
from procurement.coordination.models import Lease
from procurement.fulfilment.turns import turn_at
from tests.factories import make_supplier
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)


def test_turn_is_renewed_beside_work_that_takes_longer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(jobs, "RENEW_SECONDS", 0.05)
    supplier = make_supplier()

    with turn_at(supplier) as turn:
        assert turn
        soon = timezone.now() + timedelta(seconds=1)
        Lease.objects.update(expires_at=soon)
        wait_until("it is renewed", lambda: Lease.objects.get().expires_at > soon)
        with turn_at(supplier) as second:
            assert second is None

    time.sleep(0.1)
    assert Lease.objects.get().expires_at <= timezone.now(), "it was given back"
