"""`manage.py rotate_credentials`: write every stored secret anew, with the first key.

To be run after a new key was put in front of CREDENTIAL_KEYS, when every process has
been started with the new list; then the old one may be taken away (docs/secrets.md).
It may be broken off, run again, and run beside people who work.
"""

from argparse import ArgumentParser
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from procurement import rotating
from procurement.secrets import UNREADABLE, keys_in_use


class Command(BaseCommand):
    help = (
        "Encrypt all stored secrets with the first key in CREDENTIAL_KEYS. With "
        "--check nothing is written: it says how many are under which key."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="Say what is under which key, told by its fingerprint; fail if "
            "something can't be opened.",
        )
        parser.add_argument(
            "--batch",
            type=int,
            default=rotating.BATCH,
            help=f"Rows of one transaction. Default: {rotating.BATCH}.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if options["batch"] < 1:
            raise CommandError("--batch is a number of rows, 1 or more.")
        if options["check"]:
            self._check()
            return
        for place in (done := rotating.rotate(self._tell, batch=options["batch"])):
            text = f"{place.place}: {place.rewritten} written anew, "
            text += f"{place.current} were under the newest key"
            if place.discarded:
                text += f", {place.discarded} unreadable tokens taken away"
            self.stdout.write(f"{text}.")
        if unreadable := [name for place in done for name in place.unreadable]:
            raise CommandError(f"{_named(unreadable)}: {UNREADABLE}")
        if moving := [name for place in done for name in place.moving]:
            raise CommandError(f"{_named(moving)}: changed all the time. Run it again.")
        self.stdout.write("All stored secrets are under the newest key now.")
        self._say_what_can_go(rotating.look())

    def _tell(self, place: str, rows: int) -> None:
        self.stdout.write(f"{place}: {rows} rows …")

    def _check(self) -> None:
        found = rotating.look()
        for place in found:
            counts = [
                f"{place.under[key.fingerprint]} under key {key.fingerprint}"
                for key in keys_in_use()
                if place.under[key.fingerprint]
            ]
            if place.unreadable_count:
                counts.append(f"{place.unreadable_count} unreadable")
            self.stdout.write(f"{place.place}: {', '.join(counts) or 'nothing'}")
        unreadable = [name for place in found for name in place.unreadable]
        if unreadable:
            raise CommandError(f"{_named(unreadable)}: {UNREADABLE}")
        self._say_what_can_go(found)

    def _say_what_can_go(self, found: list[rotating.Look]) -> None:
        under: Counter[str] = sum((place.under for place in found), Counter())
        for place, key in enumerate(keys_in_use(), start=1):
            count = under[key.fingerprint]
            self.stdout.write(
                f"Key {place} in CREDENTIAL_KEYS ({key.fingerprint}): {count} stored. "
                + _advice(place, count)
            )


def _advice(place: int, count: int) -> str:
    if place == 1:
        return "It encrypts what is written now: keep it."
    if count:
        return "Keep it until rotate_credentials has been run."
    return "It can be taken away, once no process writes with it as the first one."


def _named(names: list[str]) -> str:
    named = list(dict.fromkeys(names))
    more = len(named) - rotating.NAMED
    told = ", ".join(named[: rotating.NAMED])
    return f"{told} and {more} more" if more > 0 else told
