"""What the worker runs for runs."""

from datetime import timedelta

from django.conf import settings

from procurement.runs import operations, working


def work_off_run(run_id: int) -> None:
    working.work_off(run_id=run_id)


def hint_runs() -> None:
    working.hint_runs()


def purge_runs() -> None:
    operations.purge_runs(
        older_than=timedelta(days=settings.RUN_RETENTION_DAYS),
        files_older_than=timedelta(days=settings.RUN_FILE_RETENTION_DAYS),
    )
