"""Kinds of work for tests: what they did stands in the database."""

from django.contrib.auth.models import User

from procurement.errors import InvalidInput, OperationNotAllowed
from procurement.runs.kinds import NewItem, RunKind, register
from procurement.runs.models import Run, RunItem


class Killed(BaseException):
    """Stands for a worker that is killed: nothing that catches errors catches it."""


def may_note(user: User, run: Run) -> bool:
    return user.first_name != "dismissed"


def note(item: RunItem, actor: User) -> str:
    """Leave a mark that shows how often it was done."""
    how = item.parameters.get("how")
    if how == "refuse":
        raise OperationNotAllowed("It is too late for that.")
    if how == "invalid":
        raise InvalidInput({"x": "That won't do."})
    if how == "break":
        raise ZeroDivisionError
    User.objects.filter(pk=int(item.subject)).update(last_name="noted")
    if how == "kill":
        RunItem.objects.filter(pk=item.pk).update(parameters={})
        raise Killed
    return f"Noted by {actor}."


def items(count: int, **how: str) -> list[NewItem]:
    """People to make a mark at, each of whom is named by its number."""
    people = User.objects.bulk_create(
        User(username=f"subject {n}") for n in range(count)
    )
    return [
        NewItem(
            subject=str(person.pk),
            label=person.username,
            parameters={"how": how[f"at_{n}"]} if f"at_{n}" in how else {},
        )
        for n, person in enumerate(people)
    ]


register(RunKind(name="note", label="Notes", may=may_note, do_one=note))
