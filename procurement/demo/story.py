"""The demo, vendor by vendor; the worker is killed last, when nothing else runs."""

from collections.abc import Callable

from procurement.demo.desk import Desk, Row
from procurement.demo.installation import Installation
from procurement.demo.stories import di, eet, extend, kvik, simutek


def tell_story(
    installation: Installation, keys: dict[str, str], tell: Callable[[Row], None]
) -> bool:
    """Take every step; say whether all of them went well."""
    desk = Desk(installation, keys, tell)
    for story in (eet, kvik, di, simutek, extend):
        story.run(desk)
    eet.kill_the_worker(desk)
    return all(row.is_ok for row in desk.rows)
