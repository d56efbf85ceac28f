"""A worker of its own process that takes turns at one run, and may be slow at it."""

import os
import sys
import time

import django


def main(run_id: int, pause: float) -> None:
    django.setup()

    from procurement.orders import bulk
    from procurement.runs import kinds
    from procurement.runs.models import RunItem
    from procurement.runs.working import work_off

    (act,) = [kind for kind in bulk.KINDS if kind.name == bulk.ORDER_ACTION]

    def slowly(item: RunItem, actor: object) -> str:
        said = act.do_one(item, actor)  # type: ignore[misc, arg-type]
        # Between the deed and its mark: the worst moment to be killed.
        time.sleep(pause)
        return said

    if pause:
        kinds.register(
            kinds.RunKind(name=act.name, label=act.label, may=act.may, do_one=slowly)
        )
    sys.exit(0 if work_off(run_id=run_id) == "done" else 1)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    main(int(sys.argv[1]), float(sys.argv[2]))
