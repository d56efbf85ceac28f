"""What administrators do to other people's logins, and what they are refused."""

from collections.abc import Callable

import pytest
from allauth.mfa.models import Authenticator

from procurement.accounts import operations
from procurement.accounts.models import AccountEvent, BreakGlass, BreakGlassUse
from procurement.audit.models import Entry
from procurement.errors import InvalidInput, OperationNotAllowed
from tests.accounts.conftest import Person, is_in, log_in


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(OperationNotAllowed) as caught:
        act()
    return str(caught.value.text)


def test_somebody_is_logged_out_everywhere_once(person: Person) -> None:
    anna, adam = person("anna"), person("adam", "Administrator")
    clients = [log_in("anna")[0], log_in("anna")[0]]

    ended = operations.end_all_sessions(user_id=anna.pk, actor=adam, reason="Lost")

    assert ended == 2
    assert not any(is_in(client) for client in clients)
    event = AccountEvent.objects.get(kind="sessions_ended")
    assert (event.user, event.actor, event.reason) == (anna, adam, "Lost")
    entry = Entry.objects.get(kind="account.sessions_ended")
    assert (entry.actor_name, entry.subject) == ("adam", "anna")
    assert entry.details == {"reason": "Lost", "count": 2}
    assert "logged in nowhere" in refusal(
        lambda: operations.end_all_sessions(user_id=anna.pk, actor=adam, reason="Again")
    )


def test_account_is_made_one_for_emergencies_and_taken_back_once(
    person: Person,
) -> None:
    glass, adam = person("glass"), person("adam", "Administrator")
    Authenticator.objects.create(user=glass, type="totp", data={})

    def mark(is_marked: bool) -> None:
        operations.mark_break_glass(
            user_id=glass.pk, actor=adam, reason="Drill", is_marked=is_marked
        )

    assert "is no break-glass account" in refusal(lambda: mark(False))
    mark(True)
    assert BreakGlass.objects.get().user == glass
    assert "already" in refusal(lambda: mark(True))
    mark(False)
    assert not BreakGlass.objects.exists()
    kinds = AccountEvent.objects.order_by("pk").values_list("kind", flat=True)
    assert list(kinds) == ["break_glass_on", "break_glass_off"]


def test_use_of_an_emergency_account_is_looked_into_once_by_another(
    person: Person,
) -> None:
    adam, berit = person("adam", "Administrator"), person("berit", "Administrator")
    use = BreakGlassUse.objects.create(user=adam, at="2031-04-09 10:00Z")

    def look(actor: object) -> None:
        operations.acknowledge_use(use_id=use.pk, actor=actor, reason="Drill")  # type: ignore[arg-type]

    assert "your own login" in refusal(lambda: look(adam))
    look(berit)
    use.refresh_from_db()
    assert (use.acknowledged_by, use.reason) == (berit, "Drill")
    assert "berit has looked into it already" in refusal(lambda: look(berit))
    assert Entry.objects.get(kind="account.break_glass_seen").actor_name == "berit"


@pytest.mark.parametrize(
    ("reason", "says"), [(" ", "Say why"), ("x" * 501, "at most 500 characters")]
)
def test_reason_is_there_and_has_an_end(person: Person, reason: str, says: str) -> None:
    anna, adam = person("anna"), person("adam", "Administrator")

    with pytest.raises(InvalidInput) as caught:
        operations.end_all_sessions(user_id=anna.pk, actor=adam, reason=reason)

    assert says in caught.value.errors["reason"]


def test_superusers_are_helped_by_superusers_alone(person: Person) -> None:
    root = person("root", is_superuser=True)
    adam, buyer = person("adam", "Administrator"), person("bo", "Buyer")
    log_in("root")

    def end(actor: object) -> int:
        return operations.end_all_sessions(
            user_id=root.pk,
            actor=actor,  # type: ignore[arg-type]
            reason="Lost",
        )

    assert "is a superuser" in refusal(lambda: end(adam))
    assert "may not change how other people log in" in refusal(lambda: end(buyer))
    assert end(person("ruth", is_superuser=True)) == 1
