"""What tests of notices say often: people with addresses, a round of the worker."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.models import Group, User
from django.core import mail
from django.utils import timezone

from procurement.notices.gathering import gather
from procurement.notices.mailing import remind, send_mails
from procurement.notices.models import Notice
from tests.factories import make_user

MINUTE = timedelta(minutes=1)


def person(username: str, *permissions: str, roles: Any = ()) -> User:
    """Somebody with an address."""
    user = make_user(username, *permissions)
    user.email = f"{username}@example.com"
    user.save(update_fields=["email"])
    user.groups.add(*Group.objects.filter(name__in=roles))
    return User.objects.get(pk=user.pk)


def work(later: timedelta = MINUTE) -> None:
    """A round of the worker, a while from now."""
    now = timezone.now() + later
    gather(now)
    remind(now)
    send_mails(now)


def told(user: User | str) -> list[str]:
    """The kinds of a person's notices, the oldest first."""
    name = user if isinstance(user, str) else user.username
    rows = Notice.objects.filter(recipient__username=name).order_by("pk")
    return list(rows.values_list("kind", flat=True))


def mails_to(user: User) -> list[Any]:
    return [message for message in mail.outbox if message.to == [user.email]]
