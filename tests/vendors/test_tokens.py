import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from vendors.contracts import Token
from vendors.errors import Kind, NotSent
from vendors.tokens import MemoryTokenStore


def token(value: str, seconds: int = 60) -> Token:
    now = datetime.now(UTC)
    return Token(
        value=value, obtained_at=now, expires_at=now + timedelta(seconds=seconds)
    )


def test_one_login_serves_until_the_token_ends(time_machine):
    time_machine.move_to(datetime(2031, 4, 2, tzinfo=UTC), tick=False)
    store, values = MemoryTokenStore(), iter(["one", "two"])

    def login():
        return token(next(values))

    assert store.obtain("a", login).value == "one"
    time_machine.shift(59)
    assert store.obtain("a", login).value == "one"
    time_machine.shift(1)
    assert store.obtain("a", login).value == "two"


def test_a_rejected_token_is_replaced_once():
    store, values = MemoryTokenStore(), iter(["one", "two"])

    def login():
        return token(next(values))

    store.obtain("a", login)

    assert store.obtain("a", login, rejected="one").value == "two"
    assert store.obtain("a", login, rejected="one").value == "two"


def test_accounts_do_not_share_tokens():
    store = MemoryTokenStore()

    assert store.obtain("a", lambda: token("one")).value == "one"
    assert store.obtain("b", lambda: token("two")).value == "two"


def run_at_once(work, threads: int = 8) -> None:
    started = threading.Barrier(threads)

    def one():
        started.wait()
        work()

    running = [threading.Thread(target=one) for _ in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()


def test_threads_at_once_log_in_once():
    store, logins, found = MemoryTokenStore(), [], []

    def login():
        logins.append(1)
        time.sleep(0.05)
        return token("one")

    run_at_once(lambda: found.append(store.obtain("a", login).value))

    assert len(logins) == 1
    assert found == ["one"] * 8


def test_a_refused_login_is_not_repeated_by_those_who_waited():
    store, logins, errors = MemoryTokenStore(), [], []

    def login():
        logins.append(1)
        time.sleep(0.05)
        raise NotSent("no", kind=Kind.CREDENTIALS)

    def work():
        try:
            store.obtain("a", login)
        except NotSent as error:
            errors.append(error.kind)

    run_at_once(work)

    assert len(logins) == 1
    assert errors == [Kind.CREDENTIALS] * 8


def test_after_a_refused_login_the_next_caller_may_try():
    store = MemoryTokenStore()

    def refused():
        raise NotSent("no", kind=Kind.CREDENTIALS)

    with pytest.raises(NotSent):
        store.obtain("a", refused)

    assert store.obtain("a", lambda: token("one")).value == "one"
