"""The screens of background runs: seen by who asked, and by who may see all."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from procurement.reach.models import Reach
from procurement.runs.kinds import NewItem, RunKind, register
from procurement.runs.models import Run
from procurement.runs.operations import ask_for_run
from procurement.runs.progress import Progress
from procurement.runs.working import work_off
from tests.admin.conftest import Browser, member
from tests.admin.pages import text_of
from tests.runs.kinds import items

RUNS = "/admin/runs/run/"


def asked(username: str = "buyer", count: int = 2, **how: str) -> Run:
    return ask_for_run(
        kind="note",
        actor=member(username, "Buyer"),
        title="Notes for all",
        items=items(count, **how),
    )


def page_of(run: Run) -> str:
    return f"{RUNS}{run.pk}/change/"


def test_page_follows_a_run_and_shows_what_became_of_each(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")
    run = asked(count=3, at_1="refuse", at_2="invalid")

    text = text_of(buyer.get(page_of(run)))
    assert f'data-run="{RUNS}{run.pk}/progress/"' in text
    assert "0 of 3: 0 done, 0 skipped, 0 failed" in text
    assert buyer.get(f"{RUNS}{run.pk}/progress/").json() == {
        "state": "Waiting for a worker",
        "tone": "grey",
        "said": "0 of 3: 0 done, 0 skipped, 0 failed",
        "percent": 0,
        "is_over": False,
    }

    work_off(run_id=run.pk)

    page = buyer.get(page_of(run))
    found = [(each.label, each.count) for each in page.context["groups"]]
    assert found == [("Failed", 1), ("Skipped", 1), ("Done", 1)]
    text = text_of(page)
    assert "It is too late for that." in text
    assert "That won&#x27;t do." in text
    assert "data-run=" not in text
    assert buyer.get(f"{RUNS}{run.pk}/progress/").json()["is_over"] is True


@pytest.mark.parametrize(
    "address", ["change/", "progress/", "stop/", "file/", "items/"]
)
def test_others_runs_are_not_there(browser: Browser, address: str) -> None:
    run = asked()
    other = browser("other", "Buyer")

    assert other.get(f"{RUNS}{run.pk}/{address}").status_code == 404
    assert other.post(f"{RUNS}{run.pk}/stop/").status_code == 404
    run.refresh_from_db()
    assert run.stop_asked_at is None


def test_list_has_ones_own_and_all_for_whoever_may(browser: Browser) -> None:
    mine, theirs = asked("buyer"), asked_again("other")

    def listed(client: Client) -> list[int]:
        return [row.run.pk for row in client.get(RUNS).context["rows"]]

    assert listed(browser("buyer", "Buyer")) == [mine.pk]
    assert listed(browser("auditor", "Auditor")) == [theirs.pk, mine.pk]
    assert browser("auditor", "Auditor").get(page_of(mine)).status_code == 200
    assert browser("nobody").get(RUNS).status_code == 403


def asked_again(username: str) -> Run:
    """A run about people that are there already."""
    return ask_for_run(
        kind="note",
        actor=member(username, "Buyer"),
        items=[NewItem(subject="1", label="One")],
    )


def test_whose_reach_is_limited_sees_no_others_runs(browser: Browser) -> None:
    run = asked("buyer")
    auditor = browser("auditor", "Auditor")
    Reach.objects.create(user=member("auditor", "Auditor"), orders="own")

    assert auditor.get(page_of(run)).status_code == 404
    assert auditor.get(RUNS).context["rows"] == []


def test_result_is_seen_although_the_role_is_gone(browser: Browser) -> None:
    run = asked("buyer")
    work_off(run_id=run.pk)

    assert browser("buyer").get(page_of(run)).status_code == 200


def test_stopping_is_a_post_of_whoever_may(browser: Browser) -> None:
    run = asked()
    address = f"{RUNS}{run.pk}/stop/"

    assert browser("buyer", "Buyer").get(address).status_code == 405
    assert browser("auditor", "Auditor").post(address).status_code == 403
    run.refresh_from_db()
    assert run.stop_asked_at is None

    page = browser("operator", "Operator").post(address, follow=True)

    run.refresh_from_db()
    assert (run.state, run.text) == ("stopped", "Stopped by operator.")
    assert "Stopped by operator." in text_of(page)


def test_side_bar_counts_what_is_under_way(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")

    def badge() -> str:
        groups = buyer.get("/admin/").context["sidebar_navigation"]
        entries = [each for group in groups for each in group["items"]]
        (entry,) = [each for each in entries if each["title"] == "Background runs"]
        return str(entry["badge"])

    assert badge() == ""
    run = asked()
    assert badge() == "1"
    work_off(run_id=run.pk)
    assert badge() == ""


@pytest.fixture
def export(browser: Browser) -> Callable[[], Run]:
    def work(run: Run, progress: Progress) -> None:
        with progress.file("Übersicht.csv", "text/csv; charset=utf-8") as file:
            file.write("a;b\n")

    def ask() -> Run:
        register(
            RunKind(
                name="export",
                label="Export",
                may=lambda user, run: user.has_perm("orders.view_purchaseorder"),
                work=work,
            )
        )
        return ask_for_run(kind="export", actor=member("buyer", "Buyer"))

    return ask


def test_file_is_for_who_asked_and_still_may(
    browser: Browser, export: Callable[[], Run]
) -> None:
    run = export()
    address = f"{RUNS}{run.pk}/file/"
    buyer = browser("buyer", "Buyer")
    assert buyer.get(address).status_code == 404
    work_off(run_id=run.pk)

    answer: Any = buyer.get(address)

    assert b"".join(answer.streaming_content) == b"a;b\n"
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith("attachment;")
    assert address in text_of(buyer.get(page_of(run)))
    assert browser("auditor", "Auditor").get(address).status_code == 404
    assert browser("buyer").get(address).status_code == 404


def test_items_as_csv_hold_no_formula(browser: Browser) -> None:
    buyer = browser("buyer", "Buyer")
    run = asked(count=1)
    run.items.update(label="=1+1", text="@SUM(A1)")

    answer: Any = buyer.get(f"{RUNS}{run.pk}/items/")

    lines = b"".join(answer.streaming_content).decode().splitlines()
    assert lines[1] == "'=1+1,Not done,'@SUM(A1)"


def test_page_takes_as_many_queries_for_many_items(
    browser: Browser, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    buyer = browser("buyer", "Buyer")
    run = asked(count=120)
    work_off(run_id=run.pk)
    buyer.get(page_of(run))

    with django_assert_max_num_queries(12):
        page = buyer.get(page_of(run))

    (done,) = page.context["groups"]
    assert (len(done.items), done.left_off) == (100, 20)
    assert "20 more are in the CSV." in text_of(page)
