"""Who calls in the play: people by their roles, each through a key of a system."""

import json
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import Group, User
from rest_framework.test import APIClient

from procurement.access.models import SCOPES, ApiKey
from procurement.shops.models import Shop

BUYER = frozenset(
    {"create", "change", "submit", "send", "cancel", "refresh", "check_lines"}
    | {"take_prices", "confirm", "ship", "receive", "invoice"}
    | {"record_cancellation", "comment", "assign"}
)
APPROVER = frozenset(
    {"approve", "return", "reject", "forward", "refresh", "check_lines", "comment"}
)
OPERATOR = frozenset(
    {"send", "cancel", "refresh", "check_lines", "resolve", "dismiss", "look_up"}
    | {"try_now", "confirm", "ship", "receive", "invoice"}
    | {"record_cancellation", "comment", "assign"}
)
"""What a role may do to orders, from the table of who works with the product."""

SHOP = "fjell"


@dataclass
class Caller:
    """A key of a user; `may` is empty where its scopes allow nothing but reading."""

    name: str
    username: str
    may: frozenset[str]
    shop: str | None
    key: str
    client: APIClient

    def call(
        self, method: str, path: str, body: Any = None, **headers: str
    ) -> tuple[int, dict[str, Any]]:
        """Status and JSON of a call under `/api/v1/`."""
        answer = self.client.generic(
            method,
            f"/api/v1/{path}",
            b"" if body is None else json.dumps(body).encode(),
            content_type="application/json",
            headers={"Authorization": f"Bearer {self.key}", **headers},
        )
        return answer.status_code, answer.json()


def make_callers() -> dict[str, Caller]:
    Shop.objects.create(slug=SHOP, name="Fjellbutikken")
    cast: dict[str, tuple[tuple[str, ...], frozenset[str]]] = {
        "bea": (("Buyer",), BUYER),
        "bo": (("Buyer",), BUYER),
        "anna": (("Approver",), APPROVER),
        "axel": (("Approver",), APPROVER),
        "otto": (("Operator",), OPERATOR),
        "chief": (("Buyer", "Approver", "Operator"), BUYER | APPROVER | OPERATOR),
    }
    # One for all: each client would look for the static files anew.
    client = APIClient()
    callers = {}
    for name, (groups, may) in cast.items():
        user = User.objects.create(username=name, is_staff=True)
        user.groups.set(Group.objects.filter(name__in=groups))
        callers[name] = _caller(
            client, name, user, may, shop=SHOP if name == "bo" else None
        )
    callers["reader"] = _caller(
        client,
        "reader",
        User.objects.get(username="bea"),
        frozenset(),
        scopes=["orders:read", "events:read"],
    )
    return callers


def _caller(
    client: APIClient,
    name: str,
    user: User,
    may: frozenset[str],
    *,
    shop: str | None = None,
    scopes: list[str] | None = None,
) -> Caller:
    bound = Shop.objects.get(slug=shop) if shop else None
    _, text = ApiKey.make(
        name=f"system of {name}",
        user=user,
        scopes=list(SCOPES) if scopes is None else scopes,
        shop=bound,
    )
    return Caller(name, user.username, may, shop, text, client)
