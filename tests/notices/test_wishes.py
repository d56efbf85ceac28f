"""What each person chooses to be told, and what approvers can't leave out."""

from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from procurement.errors import InvalidInput
from procurement.notices.kinds import By, Kind, MailState
from procurement.notices.models import Notice, NoticeWishes
from procurement.notices.operations import Draft, change_wishes, give_notices
from procurement.notices.wishes import Wish, wishes_of
from procurement.preferences.operations import change_preferences
from tests.admin.conftest import Browser, browser  # noqa: F401 - a fixture
from tests.admin.pages import text_of
from tests.approvals.people import approver, pending, stand_in
from tests.notices.telling import mails_to, person, told, work

pytestmark = pytest.mark.django_db
PAGE = "/admin/my-settings/"
READING = {"reading-language": "", "reading-time_zone": "", "reading-page_size": ""}


def wish_of(user: User, kind: Kind) -> Wish:
    return wishes_of([user])[user.pk].of(kind)


@pytest.mark.parametrize(
    ("roles", "kind", "mail"),
    [
        ((), Kind.UNKNOWN, By.DIGEST),
        (("Operator",), Kind.UNKNOWN, By.AT_ONCE),
        (("Buyer",), Kind.APPROVED, By.DIGEST),
        (("Auditor",), Kind.APPROVED, By.NEVER),
        (("Auditor", "Buyer"), Kind.DEVIATION, By.AT_ONCE),
        (("Approver",), Kind.APPROVAL_ASKED, By.AT_ONCE),
        (("Buyer",), Kind.LATE, By.DIGEST),
        (("Buyer",), Kind.RUN_ENDED, By.NEVER),
    ],
)
def test_without_a_choice_roles_decide(roles: Any, kind: Kind, mail: By) -> None:
    assert wish_of(person("somebody", roles=roles), kind) == Wish(True, mail)


def test_own_choice_stands_above_the_roles() -> None:
    user = person("somebody", roles=("Operator",))
    change_wishes(
        actor=user, choices={Kind.UNKNOWN: Wish(False, By.NEVER)}, digest_hour=9
    )

    assert wish_of(user, Kind.UNKNOWN) == Wish(False, By.NEVER)
    assert wish_of(user, Kind.LATE) == Wish(True, By.DIGEST)
    assert wishes_of([user])[user.pk].digest_hour == 9


def test_stored_choice_that_is_not_offered_counts_as_none() -> None:
    user = person("somebody")
    NoticeWishes.objects.create(
        user=user, digest_hour=7, choices={"late": [True, "pigeon"], "unknown": 3}
    )

    assert wish_of(user, Kind.LATE) == Wish(True, By.DIGEST)
    assert wish_of(user, Kind.UNKNOWN) == Wish(True, By.DIGEST)


def test_what_is_switched_off_is_not_made() -> None:
    buyer = person("buyer")
    change_wishes(
        actor=buyer, choices={Kind.LATE: Wish(False, By.NEVER)}, digest_hour=7
    )
    draft = Draft(kind=Kind.LATE, recipient=buyer, occasion="one")

    assert give_notices(drafts=[draft], now=timezone.now()) == 0
    assert not Notice.objects.exists()


def test_mail_without_the_list_is_in_no_list() -> None:
    anna = person("anna", "approve_purchaseorder")
    change_wishes(
        actor=anna,
        choices={Kind.APPROVAL_ASKED: Wish(False, By.AT_ONCE)},
        digest_hour=7,
    )
    pending()

    work()

    assert len(mails_to(anna)) == 1
    assert not Notice.objects.shown_to(anna).exists()


def test_digest_is_due_at_the_hour_of_the_persons_own_clock() -> None:
    buyer = person("buyer")
    change_preferences(
        actor=buyer, language="", time_zone="America/New_York", page_size=None
    )
    change_wishes(
        actor=buyer, choices={Kind.LATE: Wish(True, By.DIGEST)}, digest_hour=16
    )
    with time_machine.travel("2031-07-15 12:00Z", tick=False):
        draft = Draft(kind=Kind.LATE, recipient=buyer, occasion="one")
        give_notices(drafts=[draft], now=timezone.now())

    notice = Notice.objects.get()
    assert notice.mail_due_at == datetime(2031, 7, 15, 20, tzinfo=UTC)


# --- approvers --------------------------------------------------------------------

DEAF = {Kind.APPROVAL_ASKED: Wish(False, By.NEVER)}


def test_approver_without_a_stand_in_has_to_hear_of_it() -> None:
    anna = approver("anna")

    with pytest.raises(InvalidInput) as refusal:
        change_wishes(actor=anna, choices=DEAF, digest_hour=7)

    assert set(refusal.value.errors) == {"approval_asked"}
    assert not NoticeWishes.objects.exists()


def test_approver_with_a_stand_in_may_be_left_alone() -> None:
    anna, bea = approver("anna"), approver("bea")
    stand_in(bea, anna)
    change_wishes(actor=anna, choices=DEAF, digest_hour=7)
    pending()

    work()

    assert told(anna) == []
    assert "approval_asked" in told(bea)


def test_approver_whose_stand_in_is_gone_is_told_in_the_list_again() -> None:
    anna = person("anna", "approve_purchaseorder")
    row = stand_in(approver("bea"), anna)
    change_wishes(actor=anna, choices=DEAF, digest_hour=7)
    row.delete()
    pending()

    work()

    (notice,) = Notice.objects.shown_to(anna)
    assert notice.mail == MailState.NONE


@pytest.mark.parametrize(
    ("choices", "hour", "field"),
    [
        ({}, 24, "digest_hour"),
        ({"gossip": Wish(True, By.NEVER)}, 7, "gossip"),
        ({Kind.STAND_IN: Wish(True, By.NEVER)}, 7, "stand_in"),
    ],
)
def test_what_is_not_offered_is_refused(choices: Any, hour: int, field: str) -> None:
    with pytest.raises(InvalidInput) as refusal:
        change_wishes(actor=person("buyer"), choices=choices, digest_hour=hour)

    assert set(refusal.value.errors) == {field}
    assert not NoticeWishes.objects.exists()


# --- the page ---------------------------------------------------------------------


def posted(client: Client, **changes: str) -> dict[str, str]:
    """The form as it stands, with changes; an empty one is no tick."""
    sections = client.get(PAGE).context["sections"]
    (form,) = [form for section, form in sections if section.name == "notices"]
    values = {form[name].html_name: form[name].value() for name in form.fields}
    values |= {f"notices-{name}": value for name, value in changes.items()}
    ticked = {name: "on" if value is True else value for name, value in values.items()}
    kept = {name: value for name, value in ticked.items() if value not in (False, "")}
    return READING | kept


def test_choices_are_kept_by_the_page_of_settings(browser: Browser) -> None:  # noqa: F811
    client = browser("buyer", "Buyer")

    answer = client.post(
        PAGE,
        posted(client, late_in_app="", late_mail="at_once", digest_hour="16"),
        follow=True,
    )

    assert "Your settings are saved." in text_of(answer)
    user = User.objects.get(username="buyer")
    assert wish_of(user, Kind.LATE) == Wish(False, By.AT_ONCE)
    assert wish_of(user, Kind.DEVIATION) == Wish(True, By.AT_ONCE)
    assert wishes_of([user])[user.pk].digest_hour == 16


def test_refusal_stands_at_its_field_and_nothing_is_kept(
    browser: Browser,  # noqa: F811
) -> None:
    client = browser("anna", "Approver")

    answer = client.post(
        PAGE,
        posted(client, approval_asked_in_app="", approval_asked_mail="never"),
    )

    assert "Orders wait for you, so choose the list or a mail." in text_of(answer)
    assert not NoticeWishes.objects.exists()


def test_buyers_are_not_asked_about_what_approvers_are_told(
    browser: Browser,  # noqa: F811
) -> None:
    page = text_of(browser("buyer", "Buyer").get(PAGE))

    assert "notices-late_mail" in page
    assert "notices-approval_asked_mail" not in page


def test_page_that_posts_other_sections_alone_leaves_notices_as_they_are(
    browser: Browser,  # noqa: F811
) -> None:
    client = browser("buyer", "Buyer")

    answer = client.post(PAGE, READING, follow=True)

    assert "Your settings are saved." in text_of(answer)
    assert not NoticeWishes.objects.exists()
