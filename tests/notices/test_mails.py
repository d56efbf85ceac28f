"""Mails: to whom, when, in what words; and what a server that fails does to them."""

import re
import smtplib
from datetime import timedelta
from typing import Any, ClassVar

import pytest
from django.contrib.auth.models import User
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.utils import timezone

from procurement.approvals.operations import approve_order, return_order
from procurement.notices import mailing
from procurement.notices.kinds import By, Kind, MailState
from procurement.notices.mailing import remind, send_mails
from procurement.notices.models import Notice, NoticeProgress
from procurement.notices.operations import (
    Draft,
    change_wishes,
    give_notices,
    mark_read,
)
from procurement.notices.wishes import Wish
from procurement.orders.models import PurchaseOrder
from procurement.preferences.operations import change_preferences
from procurement.suppliers.models import Supplier
from tests.approvals.people import approver, pending
from tests.factories import make_order
from tests.notices.telling import mails_to, person, told, work

pytestmark = pytest.mark.django_db


class MailServer(EmailBackend):
    """One that may be away, refuse an address, or hang up half-way."""

    is_away: ClassVar[bool] = False
    refuses: ClassVar[set[str]] = set()
    hangs_up_on: ClassVar[set[str]] = set()
    opened: ClassVar[int] = 0

    def open(self) -> bool:
        MailServer.opened += 1
        if MailServer.is_away:
            raise ConnectionRefusedError("user:hunter2@mail.example is not there")
        return True

    def send_messages(self, messages: Any) -> int:
        (address,) = messages[0].to
        if address in MailServer.refuses:
            raise smtplib.SMTPRecipientsRefused({address: (550, b"no such box")})
        if address in MailServer.hangs_up_on:
            raise TimeoutError("timed out")
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[MailServer]:
    settings.EMAIL_BACKEND = f"{__name__}.MailServer"
    for name in ("is_away", "opened"):
        monkeypatch.setattr(MailServer, name, False)
    for name in ("refuses", "hangs_up_on"):
        monkeypatch.setattr(MailServer, name, set())
    return MailServer


@pytest.fixture
def anna() -> User:
    return person("anna", "approve_purchaseorder")


def tell(user: User, occasion: str = "one", **more: Any) -> Notice:
    """A notice with a mail that is due at once."""
    kind = more.pop("kind", Kind.RETURNED)
    draft = Draft(kind=kind, recipient=user, occasion=occasion, **more)
    give_notices(drafts=[draft], now=timezone.now())
    return Notice.objects.get(recipient=user, occasion=occasion)


# --- what it says -----------------------------------------------------------------


def test_mail_about_an_approval_names_the_order_and_has_a_link(anna: User) -> None:
    order = pending()

    work()

    (message,) = mails_to(anna)
    assert message.subject == (
        "[Procurement] Waits for your approval: "
        f"Extend Nord, {order.number}, 249.00 SEK, test"
    )
    page = f"https://procurement.example.com/admin/approvals/{order.pk}/"
    assert page in message.body
    (html, kind) = message.alternatives[0]
    assert kind == "text/html"
    for text in (message.body, html):
        assert re.search(r"https://procurement\.example\.com/approve/[\w-]{40,}", text)
    assert message.attachments == []
    assert message.extra_headers["Auto-Submitted"] == "auto-generated"


def test_link_of_the_mail_opens_and_decides_nothing(anna: User) -> None:
    order = pending()
    work()
    (message,) = mails_to(anna)
    link = re.search(r"https://procurement\.example\.com(/approve/\S+)", message.body)
    assert link is not None

    answer = Client().get(link[1])

    assert answer.status_code == 200
    order.refresh_from_db()
    assert order.approval == "pending"


def test_without_an_address_of_the_installation_there_is_no_link(
    anna: User, settings: Any
) -> None:
    settings.PUBLIC_URL = ""
    pending()

    work()

    (message,) = mails_to(anna)
    assert "/approve/" not in message.body
    assert "http" not in message.body


def test_words_of_others_are_escaped_and_stay_out_of_the_headers() -> None:
    buyer = person("buyer")
    order = make_order()
    Supplier.objects.update(name="<b>Nord</b>\nBcc: all@example.com")
    PurchaseOrder.objects.update(approval="rejected")
    order = PurchaseOrder.objects.get(pk=order.pk)
    tell(
        buyer,
        kind=Kind.REJECTED,
        order=order,
        detail="<script>alert(1)</script> & more",
    )

    send_mails(timezone.now())

    (message,) = mails_to(buyer)
    assert "\n" not in message.subject
    assert "Bcc" not in message.message()
    html = message.alternatives[0][0]
    assert "<script>" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in html
    assert "<script>alert(1)</script> & more" in message.body


def test_times_are_those_of_the_person() -> None:
    buyer = person("buyer")
    change_preferences(
        actor=buyer, language="sv", time_zone="Asia/Tokyo", page_size=None
    )
    tell(buyer)

    send_mails(timezone.now())

    (message,) = mails_to(buyer)
    assert "JST" in message.body
    assert '<html lang="sv">' in message.alternatives[0][0]


# --- to whom ----------------------------------------------------------------------


def test_approval_given_before_the_mail_leaves_needs_no_mail(anna: User) -> None:
    order = pending()
    work(timedelta(0))
    Notice.objects.update(mail=MailState.DUE, mail_due_at=timezone.now())
    mail.outbox.clear()
    approve_order(order_id=order.pk, actor=approver("bea"))

    send_mails(timezone.now())

    assert mails_to(anna) == []
    assert set(Notice.objects.values_list("mail", flat=True)) == {"moot"}


@pytest.mark.parametrize(
    "change", [{"is_active": False}, {"email": ""}], ids=["left", "no address"]
)
def test_mail_that_waits_goes_to_nobody_who_has_no_use_for_it(
    change: dict[str, Any],
) -> None:
    buyer = person("buyer")
    notice = tell(buyer)
    User.objects.filter(pk=buyer.pk).update(**change)

    send_mails(timezone.now())

    notice.refresh_from_db()
    assert (mail.outbox, notice.mail) == ([], MailState.MOOT)


def test_what_was_read_in_the_list_is_not_mailed() -> None:
    buyer = person("buyer")
    notice = tell(buyer)
    mark_read(notice_id=notice.pk, actor=buyer)

    send_mails(timezone.now())

    assert mail.outbox == []


def test_where_no_server_is_named_nothing_is_mailed(settings: Any, anna: User) -> None:
    settings.NOTICE_MAILS = False
    pending()

    work()

    assert (told(anna), mail.outbox) == (["approval_asked"], [])
    assert Notice.objects.get(recipient=anna).mail == MailState.NONE


def test_mails_are_sent_once() -> None:
    buyer = person("buyer")
    tell(buyer)
    for _ in range(3):
        send_mails(timezone.now())

    assert len(mails_to(buyer)) == 1


# --- once a day -------------------------------------------------------------------


def wish(user: User, kind: Kind, mail_by: By, *, in_app: bool = True) -> None:
    change_wishes(actor=user, choices={kind: Wish(in_app, mail_by)}, digest_hour=7)


def test_digest_has_all_of_a_day_and_leaves_out_what_is_over() -> None:
    buyer = person("buyer")
    wish(buyer, Kind.RETURNED, By.DIGEST)
    never_returned = make_order()
    for occasion in ("one", "two"):
        tell(buyer, occasion, detail=f"Said {occasion}.")
    over = tell(buyer, "three", detail="Said three.", order=never_returned)
    assert Notice.objects.filter(is_digest=True).count() == 3

    send_mails(timezone.now())
    assert mail.outbox == []
    send_mails(timezone.now() + timedelta(days=1))

    (message,) = mails_to(buyer)
    assert message.subject == "[Procurement] 2 notices"
    assert "Said one." in message.body
    assert "Said two." in message.body
    over.refresh_from_db()
    assert over.mail == MailState.MOOT
    send_mails(timezone.now() + timedelta(days=2))
    assert len(mail.outbox) == 1


def test_who_wants_no_mail_any_more_gets_none_of_those_that_wait() -> None:
    buyer = person("buyer")
    wish(buyer, Kind.RETURNED, By.DIGEST)
    tell(buyer)
    wish(buyer, Kind.RETURNED, By.NEVER)

    send_mails(timezone.now() + timedelta(days=1))

    assert mail.outbox == []


# --- one reminder -----------------------------------------------------------------


def test_one_reminder_and_no_second_one(anna: User, settings: Any) -> None:
    settings.NOTICE_REMIND_HOURS = 24
    pending()
    work()
    for hours in (23, 25, 26, 50, 100, 200):
        work(timedelta(hours=hours))

    first, second = mails_to(anna)
    assert second.subject.startswith("[Procurement] Reminder: Waits for your approval")
    assert first.extra_headers["Message-ID"] != second.extra_headers["Message-ID"]
    assert Notice.objects.shown_to(anna).count() == 1


def test_decided_order_is_nothing_to_be_reminded_of(anna: User) -> None:
    order = pending()
    work()
    return_order(order_id=order.pk, actor=approver("bea"), comment="Too dear.")

    remind(timezone.now() + timedelta(hours=25))

    assert not Notice.objects.filter(is_reminder=True).exists()


# --- servers that fail ------------------------------------------------------------


def test_server_that_is_away_is_asked_at_growing_waits(
    server: type[MailServer],
) -> None:
    buyer = person("buyer")
    tell(buyer)
    server.is_away = True
    start = timezone.now()
    for minute in range(31):
        send_mails(start + timedelta(minutes=minute))

    # At 0, 1, 3, 8 and 18 minutes; then each 15.
    assert server.opened == 5
    assert mail.outbox == []
    server.is_away = False
    send_mails(start + timedelta(minutes=33))
    assert len(mails_to(buyer)) == 1
    assert NoticeProgress.objects.get().mail_failures == 0


def test_bad_address_delays_nobody_and_is_given_up(server: type[MailServer]) -> None:
    bad, good = person("bad"), person("good")
    tell(bad)
    tell(good)
    server.refuses.add("bad@example.com")
    start = timezone.now()

    send_mails(start)

    assert len(mails_to(good)) == 1
    notice = Notice.objects.get(recipient=bad)
    assert (notice.mail, notice.mail_tries) == (MailState.DUE, 1)
    assert notice.mail_due_at == start + timedelta(minutes=1)
    for hours in range(1, 30):
        send_mails(start + timedelta(hours=hours))
    notice.refresh_from_db()
    assert (notice.mail, notice.mail_tries) == (MailState.FAILED, 6)


def test_mail_the_server_may_have_taken_is_not_sent_again(
    server: type[MailServer],
) -> None:
    buyer, other = person("buyer"), person("other")
    notice = tell(buyer)
    tell(other)
    server.hangs_up_on.add("buyer@example.com")
    send_mails(timezone.now())
    server.hangs_up_on.clear()

    send_mails(timezone.now() + timedelta(days=1))

    notice.refresh_from_db()
    assert notice.mail == MailState.MAYBE
    assert (len(mails_to(buyer)), len(mails_to(other))) == (0, 1)


def test_worker_killed_at_a_mail_leaves_it_as_perhaps_sent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    buyer = person("buyer")
    notice = tell(buyer)

    def kill(*_: Any) -> Any:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(mailing, "_send", kill)
        with pytest.raises(KeyboardInterrupt):
            send_mails(timezone.now())
    send_mails(timezone.now() + timedelta(minutes=5))
    notice.refresh_from_db()
    assert notice.mail == MailState.CLAIMED

    send_mails(timezone.now() + timedelta(minutes=16))
    send_mails(timezone.now() + timedelta(days=1))

    notice.refresh_from_db()
    assert (notice.mail, mail.outbox) == (MailState.MAYBE, [])


def test_log_names_no_address_and_no_host(
    server: type[MailServer], caplog: pytest.LogCaptureFixture
) -> None:
    tell(person("bad"))
    server.refuses.add("bad@example.com")
    send_mails(timezone.now())
    server.is_away = True
    send_mails(timezone.now() + timedelta(minutes=5))

    assert "SMTPRecipientsRefused" in caplog.text
    assert "ConnectionRefusedError" in caplog.text
    assert "example" not in caplog.text
    assert "hunter2" not in caplog.text
