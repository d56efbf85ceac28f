"""Whether a price file may be taken over as it is, judged by what is known.

A file that was cut off, or whose prices went wrong, looks like any other one line by
line; only beside what is known it shows.
"""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.db.models import Count, DecimalField, F, Q
from django.db.models.functions import Cast

from procurement.catalogue.models import PriceFile, StagedRow
from procurement.money import plain
from procurement.suppliers.models import SupplierItem

HUNDRED = Decimal(100)
RATIO_STEP = Decimal("0.0001")
LEAST_TO_JUDGE = 3
"""Of fewer prices in common, shares and medians say nothing."""


@dataclass(frozen=True)
class Judgement:
    """What a file was judged by, and what stands against it; empty if nothing."""

    figures: dict[str, Any]
    reasons: list[str]


def judge(file: PriceFile) -> Judgement:
    rows = StagedRow.objects.filter(file=file)
    listed = SupplierItem.objects.filter(supplier=file.supplier_id, is_listed=True)
    listed_count = listed.count()
    below = Decimal(settings.PRICE_FILE_CHEAPER_BELOW_PERCENT) / HUNDRED
    comparable = Q(known_price__gt=0, price__gt=0)
    counts = rows.aggregate(
        kept=Count("item", filter=Q(item__is_listed=True), distinct=True),
        common=Count("pk", filter=comparable),
        cheaper=Count("pk", filter=comparable & Q(price__lt=F("known_price") * below)),
    )
    median = _median_ratio(file, counts["common"])
    found = {
        "rows": file.row_count,
        "faults": file.fault_count,
        "listed_before": listed_count,
        **counts,
        "median_ratio": None if median is None else plain(median),
    }
    return Judgement(found, _reasons(found, median))


def _median_ratio(file: PriceFile, common: int) -> Decimal | None:
    """The middle one of the new prices, each divided by the one known before.

    The database only puts them in order; the number itself is exact.
    """
    if not common:
        return None
    rows = StagedRow.objects.filter(file=file, known_price__gt=0, price__gt=0)
    wide = DecimalField(max_digits=38, decimal_places=10)
    ordered = rows.order_by(Cast("price", wide) / Cast("known_price", wide), "line")
    price, known = ordered.values_list("price", "known_price")[common // 2]
    if not price or not known:
        return None
    return (price / known).quantize(RATIO_STEP)


def _reasons(found: dict[str, Any], median: Decimal | None) -> list[str]:
    reasons = []
    listed, kept, common = found["listed_before"], found["kept"], found["common"]
    least = settings.PRICE_FILE_LEAST_KEPT_PERCENT
    most = settings.PRICE_FILE_MOST_CHEAPER_PERCENT
    below = settings.PRICE_FILE_CHEAPER_BELOW_PERCENT
    if not found["rows"]:
        reasons.append("No line of it could be read.")
    if kept * 100 < listed * least:
        reasons.append(
            f"Only {kept} of the {listed} items of the last file are in it, which is "
            f"less than {least} %."
        )
    if common >= LEAST_TO_JUDGE and found["cheaper"] * 100 > common * most:
        reasons.append(
            f"{found['cheaper']} of {common} prices known before are below {below} % "
            f"of what they were; more than {most} % of them may not be."
        )
    if common >= LEAST_TO_JUDGE and median is not None and _is_hundredfold(median):
        reasons.append(
            f"The prices are about {plain(median)} times what they were, which looks "
            "like a mistake of a factor of 100."
        )
    return reasons


def _is_hundredfold(median: Decimal) -> bool:
    return median <= Decimal("0.02") or median >= 50
