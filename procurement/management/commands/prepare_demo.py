"""`manage.py prepare_demo`: people and keys for the demo."""

import json
from typing import Any

from django.contrib.auth.models import Group, User
from django.core.management.base import BaseCommand, CommandParser

from procurement.access import operations
from procurement.access.models import ApiKey

PEOPLE = {
    "bea.buyer": "Buyer",
    "anna.approver": "Approver",
    "olle.operator": "Operator",
}
# By the system that holds it: whose permissions it has (empty: the administrator's).
KEYS = {
    "web shop": (
        "bea.buyer",
        [
            "orders:read",
            "orders:write",
            "suppliers:read",
            "events:read",
            "webhooks:write",
        ],
    ),
    "approvals": ("anna.approver", ["orders:read", "orders:approve"]),
    "operations": ("olle.operator", ["orders:read", "orders:write"]),
    "set-up": (
        "",
        [
            "orders:read",
            "suppliers:read",
            "suppliers:write",
            "shops:write",
            "customers:write",
        ],
    ),
}


class Command(BaseCommand):
    help = "Make the demo's people and fresh keys; print the keys as JSON."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", required=True)
        parser.add_argument("--password", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        admin, _ = User.objects.get_or_create(username=options["username"])
        admin.is_staff = admin.is_superuser = True
        admin.set_password(options["password"])
        admin.save()
        for username, role in PEOPLE.items():
            person, _ = User.objects.get_or_create(
                username=username, defaults={"is_staff": True}
            )
            person.set_password(options["password"])
            person.save()
            person.groups.add(Group.objects.get(name=role))
        ApiKey.objects.filter(name__in=KEYS).delete()
        texts = {}
        for name, (username, scopes) in KEYS.items():
            user = User.objects.get(username=username or options["username"])
            made = operations.make_key(
                actor=None, name=name, user_id=user.pk, scopes=scopes
            )
            texts[name] = made.text
        self.stdout.write(json.dumps(texts))
