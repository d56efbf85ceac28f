"""Reading what DI answers, whose form is nowhere described.

An id may be a number or digits; members may be missing or null; an address may
come back spelt differently, which is told and is no failure.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from vendors import reading
from vendors.contracts import ShopRequest
from vendors.di.details import country
from vendors.di.payload import address_as_sent

_ID = re.compile(r"0*[1-9]\d{0,17}", re.ASCII)
_ZIP_LENGTHS = {"NO": 4, "SE": 5}


def shop_ids(answer: Any, names: Mapping[str, str]) -> dict[str, str]:
    """Return every id an answer holds, by its place, the likeliest first.

    The place of a bare number is empty.
    """
    if not isinstance(answer, dict):
        bare = reading.text(answer)
        return {"": bare} if _ID.fullmatch(bare) else {}
    found = {
        place: reading.text(_at(answer, place)) for place in names["answer.id"].split()
    }
    return {place: number for place, number in found.items() if _ID.fullmatch(number)}


def _at(answer: Any, place: str) -> Any:
    for name in place.split("."):
        answer = reading.member(answer, name)
    return answer


def remarks(
    answer: Any, request: ShopRequest, names: Mapping[str, str]
) -> Iterator[str]:
    """Yield what a person should know of an answer that says it has worked."""
    ids = shop_ids(answer, names)
    if len(set(ids.values())) > 1:
        told = ", ".join(f"{place} {number}" for place, number in ids.items())
        yield f"DI's answer holds more than one id ({told}); check which is the shop's."
    if key := reading.text(reading.member(answer, names["error.key"])):
        yield f"DI's answer says it has worked and holds the error key {key[:100]}."
    if differing := list(_differing(answer, request, names)):
        yield f"DI keeps the address in another form: {', '.join(differing)}."


def _differing(
    answer: Any, request: ShopRequest, names: Mapping[str, str]
) -> Iterator[str]:
    places = (_at(answer, place) for place in names["answer.address"].split())
    address = next((found for found in places if isinstance(found, dict)), None)
    for key, sent in address_as_sent(request):
        kept = reading.text(reading.member(address, names[key]))
        if key == "address.zip_code" and kept:
            kept = kept.zfill(_ZIP_LENGTHS.get(country(request.address), 0))
        if kept and kept != sent:
            yield f"{names[key]} “{kept[:100]}”"
