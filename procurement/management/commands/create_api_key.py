"""Makes a key for another system and prints it, this one time."""

from argparse import ArgumentParser
from datetime import datetime, time, timedelta
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.utils.dateparse import parse_date

from procurement import clock
from procurement.access import operations
from procurement.access.models import ApiKey
from procurement.access.scopes import SCOPES
from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.shops.models import Shop

AN_HOUR = timedelta(hours=1)
OF_NEW_KEYS = ("name", "user", "scopes", "shop", "networks", "calls_per_minute")


class Command(BaseCommand):
    help = (
        "Makes an API key and prints it, alone on one line. It is not shown again. "
        "With --replace it is made in the place of another key, which works on for a "
        "while."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", nargs="?", default="", help="The system that will use the key."
        )
        parser.add_argument("--user", default="", help="Whose permissions it has.")
        parser.add_argument(
            "--scopes", default="", help=f"Comma-separated, of {', '.join(SCOPES)}."
        )
        parser.add_argument(
            "--shop", default="", help="The slug of the one shop it is bound to."
        )
        parser.add_argument(
            "--ends", default="", help="Its last day, as 2031-04-09. Without it: none."
        )
        parser.add_argument(
            "--networks",
            default="",
            help="Addresses and networks it is taken from, comma-separated. Without "
            "it: any.",
        )
        parser.add_argument(
            "--calls-per-minute",
            type=int,
            help="Its own limit, 0 for none. Without it: API_CALLS_PER_MINUTE.",
        )
        parser.add_argument(
            "--replace",
            metavar="PREFIX",
            default="",
            help="Make it like the key that begins so, and end that one after "
            "--overlap-hours.",
        )
        parser.add_argument(
            "--overlap-hours",
            type=int,
            help="How long the replaced key works on; 0 ends it at once. Default: "
            f"{operations.OVERLAP // AN_HOUR}.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        act = _replace if options["replace"] else _make
        try:
            made = act(options)
        except (InvalidInput, OperationNotAllowed) as refusal:
            raise CommandError(refusal.text) from None
        self.stdout.write(made.text)
        if old := getattr(made.key, "replaces", None):
            self.stderr.write(f"{old} works until {old.expires_at:%Y-%m-%d %H:%M %Z}.")


def _make(options: dict[str, Any]) -> operations.NewKey:
    if options["overlap_hours"] is not None:
        raise CommandError("--overlap-hours goes with --replace.")
    if not options["user"]:
        raise CommandError("Say with --user whose permissions it has.")
    return operations.make_key(
        actor=None,
        name=options["name"],
        user_id=_user(options["user"]).pk,
        scopes=[name.strip() for name in options["scopes"].split(",") if name.strip()],
        shop_id=_shop_id(options["shop"]),
        expires_at=_end(options["ends"]),
        networks=options["networks"],
        calls_per_minute=options["calls_per_minute"],
    )


def _replace(options: dict[str, Any]) -> operations.NewKey:
    if given := [name for name in OF_NEW_KEYS if options[name] not in ("", None)]:
        raise CommandError(
            f"The new key has {', '.join(given)} of the old one. Leave that away."
        )
    prefix = options["replace"].partition(".")[0]
    key = ApiKey.objects.filter(prefix=prefix).first()
    if key is None:
        raise CommandError(f"There is no key that begins with {prefix}.")
    hours = options["overlap_hours"]
    return operations.replace_key(
        key_id=key.pk,
        actor=None,
        overlap=operations.OVERLAP if hours is None else hours * AN_HOUR,
        expires_at=_end(options["ends"]),
    )


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username}.")
    return user


def _shop_id(slug: str) -> int | None:
    if not slug:
        return None
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None:
        raise CommandError(f"There is no shop {slug}.")
    return shop.pk


def _end(text: str) -> datetime | None:
    """The last moment of a day here."""
    if not text:
        return None
    try:
        day = parse_date(text)
    except ValueError:
        day = None
    if day is None:
        raise CommandError(f"{text} is no day, such as 2031-04-09.")
    return datetime.combine(day, time.max, clock.zone())
