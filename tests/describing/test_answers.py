"""Whatever a call answers is as the description says, and its examples work."""

from typing import Any

import pytest

from procurement.access.models import ApiKey
from tests.describing.calling import client_of, make, tries
from tests.describing.holding import Description
from tests.describing.stage import Stage, taken_back

pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def description(document: dict[str, Any]) -> Description:
    return Description(document)


def test_every_example_of_a_body_works_and_is_answered_as_described(
    stage: Stage, description: Description
) -> None:
    faults, never = [], []
    for path, method, call in description.calls():
        statuses = set()
        for answer in tries(stage, stage.key, path, method, call):
            statuses.add(answer.status_code)
            for fault in description.faults_of_answer(call, answer):
                faults.append(f"{method} {path} {answer.status_code}: {fault}")
        if not any(status < 300 for status in statuses):
            never.append(f"{method} {path}: {statuses}")
    assert not faults, "\n".join(faults)
    assert not never, "Nothing on the stage lets these succeed:\n" + "\n".join(never)


def test_refusals_are_as_described(stage: Stage, description: Description) -> None:
    faults = []
    _, bare = ApiKey.make(
        name="bare", user=ApiKey.objects.get(name="fuzz").user, scopes=[]
    )
    for path, method, call in description.calls():
        names = stage.names_for(path)[0]
        nobody = {name: "X-1" if name == "number" else 999999 for name in names}
        answers = {}
        for who, key in (("nobody", "wrong"), ("bare", bare), ("fuzz", stage.key)):
            with taken_back():
                answers[who] = make(client_of(key), path, method, call, names)
        if names:
            with taken_back():
                answers["absent"] = make(
                    client_of(stage.key), path, method, call, nobody
                )
        assert answers["nobody"].status_code == 401, path
        assert answers["bare"].status_code == 403, path
        assert not names or answers["absent"].status_code == 404, path
        faults += [
            f"{method} {path} {who}: {fault}"
            for who, answer in answers.items()
            for fault in description.faults_of_answer(call, answer)
        ]
    assert not faults, "\n".join(faults)
