"""What the web server does: lists, search, entering, approving, memory, starting."""

import itertools
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import psycopg

from tests.bench.client import Call, Figures, Target, measure
from tests.bench.goals import Figure, ratio
from tests.bench.installation import FLOOR_SETTINGS, Installation
from tests.bench.servers import Web, web

ORDERS, ADMIN = "/api/v1/orders/", "/admin/orders/purchaseorder/"
FLOOR_ORDERS = "/api/orders/"
OURS, FLOOR = "procurement.wsgi", "tests.bench.floor.wsgi"


class Pair:
    """The product and the floor over one database, both warm."""

    def __init__(self, ours: Web, floor: Web, facts: Mapping[str, str]) -> None:
        self.ours, self.floor = ours, floor
        self.key = {"Authorization": f"Bearer {facts['key']}"}
        self.approver_key = {"Authorization": f"Bearer {facts['approver_key']}"}
        self.cookie = {"Cookie": f"sessionid={facts['session']}"}
        self.floor_cookie = {"Cookie": f"sessionid={facts['floor_session']}"}

    def compare(
        self, ours: list[Call], floor: list[Call], **counts: int
    ) -> tuple[Figures, Figures]:
        found = measure(
            {
                "ours": Target(self.ours.port, ours),
                "floor": Target(self.floor.port, floor),
            },
            **counts,
        )
        return found["ours"], found["floor"]

    def rest_list(self, **counts: int) -> tuple[Figures, Figures]:
        return self.compare(
            [Call(ORDERS, headers=self.key)], [Call(FLOOR_ORDERS)], **counts
        )

    def search(self, texts: list[str], **counts: int) -> tuple[Figures, Figures]:
        return self.compare(
            [Call(f"{ORDERS}?search={text}", headers=self.key) for text in texts],
            [Call(f"{FLOOR_ORDERS}?search={text}") for text in texts],
            **counts,
        )

    def admin_list(self, **counts: int) -> tuple[Figures, Figures]:
        return self.compare(
            [Call(ADMIN, headers=self.cookie)],
            [Call(ADMIN, headers=self.floor_cookie)],
            **counts,
        )

    def create(self, buyer: str, count: int, **counts: int) -> tuple[Figures, Figures]:
        """Orders of ten lines, each with a reference of its own."""
        return self.compare(
            _new_orders(ORDERS, self.key, count, {}),
            _new_orders("/api/create/", {}, count, {"buyer": buyer}),
            **counts,
        )

    def approve(self, numbers: list[str], **counts: int) -> tuple[Figures, Figures]:
        """Each order once: the first half by us, the second by the floor."""
        half = len(numbers) // 2
        json_type = {"Content-Type": "application/json"}
        return self.compare(
            [
                Call(
                    f"{ORDERS}{number}/approve/",
                    "POST",
                    self.approver_key | json_type,
                    "{}",
                )
                for number in numbers[:half]
            ],
            [
                Call(f"/api/approve/{n}/", "POST", json_type, "{}")
                for n in numbers[half:]
            ],
            **counts,
        )


_references = itertools.count(1)


def _new_orders(
    path: str, headers: dict[str, str], count: int, more: dict[str, str]
) -> list[Call]:
    return [
        Call(
            path,
            "POST",
            headers | {"Content-Type": "application/json"},
            json.dumps(
                {
                    "external_reference": f"BENCH-{next(_references)}",
                    "supplier": "eet-nord",
                    "shop": "shop-3",
                    "currency": "SEK",
                    "note": "Ring before you deliver",
                    "lines": [
                        {
                            "position": position,
                            "item_number": f"SKU-{position:06d}",
                            "description": f"Filter {position}",
                            "quantity": "6",
                            "unit": "ST",
                            "unit_price": "41.50",
                            "vat_percent": "25",
                        }
                        for position in range(1, 11)
                    ],
                    **more,
                }
            ),
        )
        for _ in range(count)
    ]


@contextmanager
def pair(installation: Installation, database: str, logs: Path) -> Iterator[Pair]:
    is_sqlite = database.startswith("sqlite")
    facts = installation.facts_sqlite if is_sqlite else installation.facts
    ours_in = installation.environment(database)
    floor_in = installation.environment(database, FLOOR_SETTINGS)
    with (
        web(OURS, ours_in, logs / "ours.log") as ours,
        web(FLOOR, floor_in, logs / "floor.log") as floor,
    ):
        both = Pair(ours, floor, facts)
        ours.first_answer("/healthz", {})
        floor.first_answer("/admin/login/", {})
        yield both


def lists(both: Pair, orders: int, counts: dict[str, int]) -> Iterator[Figure]:
    """REST list and admin list; the goals depend on the size."""
    size = f"{orders:,}"
    ours, floor = both.rest_list(**counts)
    goal = 0.5 if orders == 100_000 else None
    yield ratio(f"REST list of 50, {size}", ours.typical, floor.typical, goal)
    ours, floor = both.admin_list(**counts)
    goal = {100_000: 1.5, 1_000_000: 1.0}.get(orders)
    yield ratio(f"admin order list, {size}", ours.typical, floor.typical, goal)


def searches(
    both: Pair, orders: int, database: str, counts: dict[str, int]
) -> Iterator[Figure]:
    middle = orders // 2
    texts = [f"SO-{70000 + middle + 1}", f"WEB-{middle * 2 // 2 + 4:07d}"]
    goal = 0.1 if orders == 1_000_000 else None
    # The floor reads every order for each of them.
    few = {**counts, "warm_up": 2, "rounds": 3, "per_round": 4}
    ours, floor = both.search(texts, **few)
    name = f"REST search by a number, {orders:,}, {database}"
    yield ratio(name, ours.typical, floor.typical, goal)


def writes(
    both: Pair, installation: Installation, database: str, counts: dict[str, int]
) -> Iterator[Figure]:
    count = counts["warm_up"] + counts["rounds"] * counts["per_round"]
    ours, floor = both.create("buyer0", count, **counts)
    yield ratio("create 10 lines over REST", ours.typical, floor.typical, 1.5)
    many = {**counts, "per_round": counts["per_round"] * 8, "clients": 8}
    ours, floor = both.create("buyer0", count * 8, **many)
    yield ratio(
        "the same, 8 clients",
        ours.throughput,
        floor.throughput,
        0.7,
        at_least=True,
        unit="/s",
    )
    with psycopg.connect(database) as connection:
        waiting = connection.execute(
            "SELECT number FROM orders_purchaseorder WHERE approval = 'pending'"
            " ORDER BY id DESC LIMIT %s",
            [count * 2],
        ).fetchall()
    numbers = [number for (number,) in waiting]
    rounds = (len(numbers) // 2 - counts["warm_up"]) // counts["per_round"]
    ours, floor = both.approve(numbers, **{**counts, "rounds": rounds})
    yield ratio(
        "approve, one client",
        1000 / ours.typical,
        1000 / floor.typical,
        0.5,
        at_least=True,
        unit="/s",
    )


def starting(
    installation: Installation, database: str, logs: Path, rounds: int = 3
) -> Iterator[Figure]:
    """From nothing to the first list page, each time anew."""
    key = {"Authorization": f"Bearer {installation.facts['key']}"}

    def seconds(application: str, settings: str, path: str) -> float:
        environment = installation.environment(database, settings)
        with web(application, environment, logs / "start.log") as server:
            return server.first_answer(path, key)

    ours = sorted(seconds(OURS, "procurement.settings", ORDERS) for _ in range(rounds))[
        rounds // 2
    ]
    floor = sorted(seconds(FLOOR, FLOOR_SETTINGS, FLOOR_ORDERS) for _ in range(rounds))[
        rounds // 2
    ]
    yield Figure(
        "start to first answer",
        ours,
        3,
        unit="s",
        detail=f"floor {floor:.1f} s",
        data={"floor": floor},
    )


def memory(both: Pair) -> Figure:
    floor = both.floor.memory()
    return Figure(
        "web memory, two workers",
        both.ours.memory(),
        300,
        unit="MiB",
        detail=f"floor {floor:.0f} MiB",
        data={"floor": floor},
    )
