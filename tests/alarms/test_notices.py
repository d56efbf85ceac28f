"""Notices: once when it begins, again after a while, once when it is over."""

import logging
import smtplib
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend

from procurement.alarms.models import Alarm, Kind
from procurement.alarms.operations import acknowledge_alarm, look_for_silence
from procurement.orders.models import PurchaseOrder
from tests.alarms.silence import START, end_silence, leave_unsent, make_alarm
from tests.factories import make_supplier, make_user

pytestmark = pytest.mark.django_db

RAISED = START + timedelta(days=3)
MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def recipients(settings: Any) -> None:
    settings.ALARM_EMAILS = ["desk@example.com", "chief@example.com"]
    settings.ALARM_REPEAT_HOURS = 24
    settings.PUBLIC_URL = "https://procurement.example.com"


class MailServer(EmailBackend):
    """One that may be away."""

    is_away = False

    def send_messages(self, messages: Any) -> int:
        if MailServer.is_away:
            raise smtplib.SMTPServerDisconnected("bye from user:hunter2@mail.example")
        return super().send_messages(messages)


@pytest.fixture
def mail_server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[MailServer]:
    settings.EMAIL_BACKEND = f"{__name__}.MailServer"
    monkeypatch.setattr(MailServer, "is_away", False)
    return MailServer


def subjects() -> list[str]:
    return [message.subject for message in mail.outbox]


def test_alarm_is_mailed_when_it_is_raised_and_not_each_round() -> None:
    order = leave_unsent()

    look_for_silence(RAISED)
    look_for_silence(RAISED + MINUTE)

    (message,) = mail.outbox
    assert message.subject == "[Procurement] Alarms: 1 new"
    assert message.to == ["desk@example.com", "chief@example.com"]
    page = (
        f"https://procurement.example.com/admin/alarms/alarm/{Alarm.objects.get().pk}/"
    )
    assert message.body == (
        "NEW\n\n"
        "Approved, nobody sends it: Extend Nord\n"
        "  Approved 3 days ago or earlier, and nobody has pressed Send. Send them, or "
        "cancel those that are not wanted.\n"
        "  Silent since 2031-04-09 12:00 UTC, for 3 days.\n"
        f"  1: {order.number}\n"
        f"  {page}change/\n\n"
        "All alarms: https://procurement.example.com/admin/alarms/alarm/\n"
    )


def test_all_of_a_round_is_one_mail() -> None:
    for number in range(3):
        supplier = make_supplier(slug=f"extend-{number}")
        leave_unsent(supplier)
        leave_unsent(supplier)

    look_for_silence(RAISED)

    assert subjects() == ["[Procurement] Alarms: 3 new"]


def test_alarm_that_goes_on_is_repeated_after_a_while() -> None:
    leave_unsent()
    look_for_silence(RAISED)

    look_for_silence(RAISED + 24 * HOUR - MINUTE)
    assert len(mail.outbox) == 1
    look_for_silence(RAISED + 24 * HOUR)
    look_for_silence(RAISED + 25 * HOUR)

    assert subjects()[1:] == ["[Procurement] Alarms: 1 going on"]


@pytest.mark.parametrize(("quiet_for", "repeats"), [(None, 0), (36 * HOUR, 1)])
def test_nobody_is_reminded_of_what_somebody_looks_after(
    quiet_for: timedelta | None, repeats: int, time_machine: Any
) -> None:
    leave_unsent()
    look_for_silence(RAISED)
    time_machine.move_to(RAISED, tick=False)
    acknowledge_alarm(
        alarm_id=Alarm.objects.get().pk,
        actor=make_user("olga"),
        comment="I call them.",
        quiet_for=quiet_for,
    )

    look_for_silence(RAISED + 30 * HOUR)
    assert len(mail.outbox) == 1
    look_for_silence(RAISED + 36 * HOUR)

    assert len(mail.outbox) == 1 + repeats
    assert all("olga looks after it: I call them." in m.body for m in mail.outbox[1:])


def test_end_is_told_once_even_if_somebody_looks_after_it() -> None:
    leave_unsent()
    look_for_silence(RAISED)
    acknowledge_alarm(
        alarm_id=Alarm.objects.get().pk, actor=make_user("olga"), comment="Mine."
    )
    end_silence()

    look_for_silence(RAISED + HOUR)
    look_for_silence(RAISED + 2 * HOUR)

    assert subjects()[1:] == ["[Procurement] Alarms: 1 over"]
    assert "From 2031-04-12 12:00 UTC to 2031-04-12 13:00 UTC." in mail.outbox[1].body


# --- a mail server that is away ---------------------------------------------------


def test_mail_that_did_not_go_out_is_tried_each_round(
    mail_server: type[MailServer],
) -> None:
    leave_unsent()
    mail_server.is_away = True

    done = look_for_silence(RAISED)

    assert done is not None
    assert len(done.raised) == 1
    assert Alarm.objects.get().noticed_at is None
    mail_server.is_away = False
    look_for_silence(RAISED + MINUTE)
    look_for_silence(RAISED + 2 * MINUTE)
    assert subjects() == ["[Procurement] Alarms: 1 new"]
    assert Alarm.objects.get().noticed_at == RAISED + MINUTE


def test_what_came_and_went_meanwhile_is_still_told(
    mail_server: type[MailServer],
) -> None:
    leave_unsent()
    mail_server.is_away = True
    look_for_silence(RAISED)
    end_silence()
    look_for_silence(RAISED + HOUR)

    mail_server.is_away = False
    look_for_silence(RAISED + 2 * HOUR)

    assert subjects() == ["[Procurement] Alarms: 1 over"]


def test_error_of_the_mail_server_is_named_and_not_quoted(
    mail_server: type[MailServer], caplog: pytest.LogCaptureFixture
) -> None:
    leave_unsent()
    mail_server.is_away = True

    look_for_silence(RAISED)

    assert "tried again: SMTPServerDisconnected" in caplog.text
    assert "hunter2" not in caplog.text


# --- the log ----------------------------------------------------------------------


def told(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [
        record.getMessage()
        for record in caplog.records
        if record.name == "procurement.alarms" and record.levelno == logging.WARNING
    ]


def test_log_has_a_line_of_stable_shape_for_each_turn(
    caplog: pytest.LogCaptureFixture,
) -> None:
    order = leave_unsent()
    figures = f"count=1 since=2031-04-09T12:00:00+00:00 oldest={order.number}"

    look_for_silence(RAISED)
    look_for_silence(RAISED + MINUTE)
    look_for_silence(RAISED + 24 * HOUR)
    end_silence()
    look_for_silence(RAISED + 25 * HOUR)

    assert told(caplog) == [
        f"alarm {turn} kind=nobody_sends supplier=extend-nord {figures}"
        for turn in ("raised", "goes_on", "cleared")
    ]


def test_machine_is_named_by_a_dash(caplog: pytest.LogCaptureFixture) -> None:
    make_alarm(Kind.JOB_LATE)

    look_for_silence(RAISED)

    assert told(caplog) == [
        "alarm cleared kind=job_late supplier=- count=1 "
        "since=2031-04-09T12:00:00+00:00 oldest=-"
    ]


def test_without_recipients_the_log_alone_tells_and_old_news_stays_old(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.ALARM_EMAILS = []
    leave_unsent()
    look_for_silence(RAISED)

    settings.ALARM_EMAILS = ["desk@example.com"]
    look_for_silence(RAISED + MINUTE)

    assert len(told(caplog)) == 1
    assert not mail.outbox


# --- what a mail may hold ---------------------------------------------------------


def test_mail_holds_no_address_of_a_customer_and_no_secret() -> None:
    leave_unsent()
    PurchaseOrder.objects.update(delivery_name="Anna Persson", note="Gate code 4711")

    look_for_silence(RAISED)

    body = mail.outbox[0].body
    assert "Provgatan" not in body
    assert "Anna" not in body
    assert "4711" not in body
    assert "a-password-for-tests" not in body


def test_mail_has_no_links_without_an_address_of_ours(settings: Any) -> None:
    settings.PUBLIC_URL = ""
    leave_unsent()

    look_for_silence(RAISED)

    assert "http" not in mail.outbox[0].body
    assert "/admin/" not in mail.outbox[0].body


def test_flood_is_told_in_parts_and_none_is_left_out() -> None:
    suppliers = [make_supplier(slug=f"extend-{number}") for number in range(101)]
    Alarm.objects.bulk_create(
        Alarm(
            kind=Kind.NOBODY_SENDS,
            supplier=supplier,
            since=START,
            raised_at=START,
            seen_at=START,
            cleared_at=START,
        )
        for supplier in suppliers
    )

    for minute in range(3):
        look_for_silence(RAISED + minute * MINUTE)

    assert subjects() == [
        "[Procurement] Alarms: 100 over",
        "[Procurement] Alarms: 1 over",
    ]
