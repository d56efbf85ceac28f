"""Makes a key for another system and prints it, this one time."""

from argparse import ArgumentParser
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError

from procurement.access.models import SCOPES, ApiKey
from procurement.shops.models import Shop


class Command(BaseCommand):
    help = "Makes an API key and prints it, alone on one line. It is not shown again."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("name", help="The system that will use the key.")
        parser.add_argument("--user", required=True, help="Whose permissions it has.")
        parser.add_argument(
            "--scopes", required=True, help=f"Comma-separated, of {', '.join(SCOPES)}."
        )

        parser.add_argument(
            "--shop", default="", help="The slug of the one shop it is bound to."
        )

    def handle(self, *args: Any, **options: Any) -> None:
        name = options["name"].strip()
        longest = ApiKey._meta.get_field("name").max_length or 0
        if not 0 < len(name) <= longest:
            raise CommandError(f"Give a name of 1 to {longest} characters.")
        _, text = ApiKey.make(
            name=name,
            user=_user(options["user"]),
            scopes=_scopes(options["scopes"]),
            shop=_shop(options["shop"]),
        )
        self.stdout.write(text)


def _user(username: str) -> User:
    user = User.objects.filter(username=username).first()
    if user is None:
        raise CommandError(f"There is no user {username}.")
    if not user.is_active:
        raise CommandError(f"The user {username} is not active.")
    return user


def _shop(slug: str) -> Shop | None:
    if not slug:
        return None
    shop = Shop.objects.filter(slug=slug).first()
    if shop is None:
        raise CommandError(f"There is no shop {slug}.")
    return shop


def _scopes(text: str) -> list[str]:
    scopes = [scope.strip() for scope in text.split(",") if scope.strip()]
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise CommandError(
            f"There is no scope {', '.join(unknown)}; there are {', '.join(SCOPES)}."
        )
    if not scopes:
        raise CommandError("Give one scope or more.")
    return list(dict.fromkeys(scopes))
