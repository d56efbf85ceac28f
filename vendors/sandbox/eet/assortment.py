"""The rest of what EET sells in the sandbox: as many articles as a price file wants.

They are made from their numbers, the same in every run, so that nobody has to keep a
hundred thousand of them.
"""

from collections.abc import Iterator
from decimal import Decimal

from vendors.sandbox.eet.catalogue import ARTICLES, BRANDS, Article

MOST_GENERATED = 200_000
PREFIX, DIGITS = "SBX", 7
THINGS = (
    "Toner cartridge black",
    "Fuser unit 230 V",
    "Notebook keyboard, Nordic",
    'Display 15,6" FHD; matt',
    "Pickup roller kit",
    "Fibre patch cable LC-LC",
    "Rack shelf 1U, 350 mm",
    "Battery pack Li-Ion",
)


def find_article(item_id: object) -> Article | None:
    """Return an article by its number, from the catalogue or the range."""
    if not isinstance(item_id, str):
        return None
    digits = item_id.removeprefix(PREFIX)
    is_generated = item_id.startswith(PREFIX) and len(digits) == DIGITS
    if is_generated and digits.isascii() and digits.isdigit():
        index = int(digits)
        return _article(index) if 1 <= index <= MOST_GENERATED else None
    return ARTICLES.get(item_id)


def generated_articles() -> Iterator[Article]:
    return map(_article, range(1, MOST_GENERATED + 1))


def articles_of_brand(brand_id: int) -> Iterator[Article]:
    """Yield the articles of the catalogue that are of a brand, without the range."""
    return (each for each in ARTICLES.values() if each.brand_id == brand_id)


def _article(index: int) -> Article:
    # A fixed stride through the numbers looks like chance and repeats itself.
    spread = index * 7919
    brand_id = tuple(BRANDS)[index % len(BRANDS)]
    return Article(
        item_id=f"{PREFIX}{index:0{DIGITS}d}",
        brand_id=brand_id,
        mpn=f"{BRANDS[brand_id][:2].upper()}-{spread % 99991:05d}",
        description=f"{THINGS[index % len(THINGS)]} no. {index}",
        price=Decimal(spread % 900_000 + 95) / 100,
        local=0 if index % 3 == 0 else spread % 250,
        remote=0 if index % 4 == 0 else spread % 900,
        incoming=spread % 60,
        gtin="" if index % 7 == 0 else _gtin(index),
        weight=Decimal(spread % 9000 + 20) / 1000,
    )


def _gtin(index: int) -> str:
    """Return a GTIN-13 with its check digit, from the range kept for use in house."""
    digits = f"20{index:010d}"
    odd, even = (sum(map(int, digits[start::2])) for start in (0, 1))
    return f"{digits}{-(odd + 3 * even) % 10}"
