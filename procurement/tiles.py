"""What waits for a person, as told by the apps it waits in.

An app registers a tile for each kind of thing in its `ready`:

    register_tile(Tile(name="troubles", label=_("Needs a person"), ...))

The first page shows the tiles a person may see. One that names an entry of the menu
lends it its figure as a badge. Whatever is registered, the figures of a page come in
one query that reads no more than `MOST` + 1 keys of each tile, by an index.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import User
from django.db.models import CharField, QuerySet, Value
from django.http import HttpRequest

from procurement.texts import Text

MOST = 100
"""A figure stops here, and says that there are more."""

BADGES_COUNTED_AGAIN_AFTER = 10.0
"""Seconds. Putting the question together costs every page more than its answer."""
_MOST_REMEMBERED = 1000


@dataclass(frozen=True)
class Tile:
    """One kind of thing that waits.

    Args:
        name: told apart by it; short, since the database sends it for each row.
        permission: `app.codename`; without it the tile is not there.
        rows: what waits for a person. It has to be found by an index, and for orders
            it begins with what the person may see.
        url: the list that has exactly these rows.
        tone: the colour while something waits: red, amber, blue, green.
        position: smaller ones come first; the orders' own are 10, 20, ...
        badge_on: the key of a menu entry (`Entry.key`, or `app_model` of a list).
        on_home: False for a figure that is a badge and no tile.
    """

    name: str
    label: Text
    hint: Text
    permission: str
    rows: Callable[[User], QuerySet[Any]]
    url: Callable[[], str]
    tone: str = "blue"
    position: int = 100
    badge_on: str = ""
    on_home: bool = True


@dataclass(frozen=True)
class Shown:
    """A tile with its figure, as the first page shows it."""

    name: str
    label: Text
    hint: Text
    url: str
    figure: str
    tone: str

    @property
    def waits(self) -> bool:
        return self.figure != "0"


_tiles: dict[str, Tile] = {}


def register_tile(tile: Tile) -> None:
    """Add a tile; one of the same name is replaced."""
    _tiles[tile.name] = tile


def tiles_of(user: User) -> list[Tile]:
    """The tiles a person may see, in their order."""
    may_see = (tile for tile in _tiles.values() if user.has_perm(tile.permission))
    return sorted(may_see, key=lambda tile: (tile.position, tile.name))


def shown_to(request: HttpRequest) -> list[Shown]:
    """The first page's tiles with their figures."""
    user: Any = request.user
    tiles = tiles_of(user)
    figures = _figures(request, tiles)
    return [_show(tile, figures[tile.name]) for tile in tiles if tile.on_home]


def badge_text(request: HttpRequest, key: str) -> str:
    """The badge of a menu entry; empty if nothing waits.

    Read for pages that are looked at: a form that is posted and a popup have none.
    """
    if request.method != "GET":
        return ""
    user: Any = request.user
    tiles = [tile for tile in tiles_of(user) if tile.badge_on]
    figures = _remembered.of(user, lambda: _figures(request, tiles))
    waiting = sum(figures[tile.name] for tile in tiles if tile.badge_on == key)
    return _text(waiting) if waiting else ""


class _Remembered:
    """What this process counted lately for each person; shared by its threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: dict[int, tuple[float, Counter[str]]] = {}

    def of(self, user: User, count: Callable[[], Counter[str]]) -> Counter[str]:
        now = time.monotonic()
        nothing: Counter[str] = Counter()
        with self._lock:
            counted_at, figures = self._known.get(user.pk, (float("-inf"), nothing))
        if now - counted_at < BADGES_COUNTED_AGAIN_AFTER:
            return figures
        figures = count()
        with self._lock:
            if len(self._known) >= _MOST_REMEMBERED:
                self._known.clear()
            self._known[user.pk] = (now, figures)
        return figures

    def forget(self, user: User) -> None:
        with self._lock:
            self._known.pop(user.pk, None)


_remembered = _Remembered()


def count_again(user: User) -> None:
    """Have a person's next page count anew: what they did has changed a figure."""
    _remembered.forget(user)


def badged() -> set[str]:
    """The keys of menu entries that may have a badge."""
    return {tile.badge_on for tile in _tiles.values() if tile.badge_on}


def _show(tile: Tile, count: int) -> Shown:
    return Shown(
        name=tile.name,
        label=tile.label,
        hint=tile.hint,
        url=tile.url(),
        figure=_text(count),
        tone=tile.tone if count else "",
    )


def _text(count: int) -> str:
    return f"{MOST}+" if count > MOST else str(count)


def _figures(request: HttpRequest, tiles: list[Tile]) -> Counter[str]:
    """The tiles' figures; what this request has read already is not read again."""
    known: dict[str, int] = request.__dict__.setdefault("_figures", {})
    missing = [tile for tile in tiles if tile.name not in known]
    user: Any = request.user
    known |= dict.fromkeys((tile.name for tile in missing), 0)
    known |= _read(user, missing)
    return Counter(known)


def _read(user: User, tiles: Iterable[Tile]) -> Counter[str]:
    """Each tile's name, once for each of its rows, in one query."""
    parts = [_names(tile, tile.rows(user)) for tile in tiles]
    if not parts:
        return Counter()
    first, *others = parts
    return Counter(first.union(*others, all=True) if others else first)


def _names(tile: Tile, rows: QuerySet[Any]) -> QuerySet[Any, str]:
    # SQLite takes no limit inside a union, but does in what a part of it looks into.
    limited = rows.order_by().values("pk")[: MOST + 1]
    name = Value(tile.name, output_field=CharField())
    known = rows.model._base_manager.filter(pk__in=limited).order_by()
    names: QuerySet[Any, str] = known.values_list(name, flat=True)
    return names
