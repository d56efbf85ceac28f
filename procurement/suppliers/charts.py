"""The last 24 hours of a supplier as bars, in words, and as rows of a table."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from procurement.suppliers.hours import Hour, Sum24, sum_of

HEIGHT = 40
SLOT = 10
BAR = 8
LEAST = 2
"""So high is a bar that has anything in it, so that one failure among many is seen."""


@dataclass(frozen=True)
class Bar:
    """One hour: a bar of good calls with the failed ones on top; whole units."""

    x: int
    good_y: int
    good_height: int
    failed_y: int
    failed_height: int
    told: str


@dataclass(frozen=True)
class Chart:
    """What `admin/suppliers/parts/hours.html` draws."""

    width: int
    height: int
    bar_width: int
    bars: list[Bar]
    told: str
    sums: Sum24
    busy: list[tuple[str, Hour]]
    """The hours in which there were calls, the latest first."""

    @classmethod
    def of(cls, hours: list[Hour]) -> "Chart":
        most = max((hour.calls for hour in hours), default=0)
        busy = [(_clock(hour), hour) for hour in reversed(hours) if hour.calls]
        return cls(
            width=SLOT * len(hours),
            height=HEIGHT,
            bar_width=BAR,
            bars=[_bar(place, hour, most) for place, hour in enumerate(hours)],
            told=in_words(sum_of(hours)),
            sums=sum_of(hours),
            busy=busy,
        )


def in_words(sums: Sum24) -> str:
    """`312 calls in 24 hours, 4 of them failed; 210 ms on average`."""
    if not sums.calls:
        return _("No calls in 24 hours")
    text = ngettext(
        "%(count)d call in 24 hours", "%(count)d calls in 24 hours", sums.calls
    ) % {"count": sums.calls}
    if sums.errors:
        failed = ngettext(
            "%(count)d of them failed", "%(count)d of them failed", sums.errors
        )
        text += ", " + failed % {"count": sums.errors}
    if sums.throttled:
        asked = ngettext(
            "%(count)d answer asked us to wait",
            "%(count)d answers asked us to wait",
            sums.throttled,
        )
        text += ", " + asked % {"count": sums.throttled}
    average = _("%(milliseconds)d ms on average") % {"milliseconds": sums.average_ms}
    return f"{text}; {average}"


def _bar(place: int, hour: Hour, most: int) -> Bar:
    failed = _high(hour.errors, most)
    good = min(_high(hour.good, most), HEIGHT - failed)
    return Bar(
        x=place * SLOT,
        good_y=HEIGHT - good,
        good_height=good,
        failed_y=HEIGHT - good - failed,
        failed_height=failed,
        told=_("%(hour)s: %(calls)d calls, %(errors)d failed")
        % {"hour": _clock(hour), "calls": hour.calls, "errors": hour.errors},
    )


def _high(count: int, most: int) -> int:
    return max(LEAST, count * HEIGHT // most) if count else 0


def _clock(hour: Hour) -> str:
    return f"{timezone.localtime(hour.begins):%H:%M}"
