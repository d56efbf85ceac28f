"""What the worker runs for runs."""

from procurement.runs import working


def work_off_run(run_id: int) -> None:
    working.work_off(run_id=run_id)


def hint_runs() -> None:
    working.hint_runs()
