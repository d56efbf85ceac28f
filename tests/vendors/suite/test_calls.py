"""Each call of each vendor: that it works, and how it ends if something goes wrong."""

import pytest

from tests.vendors.suite.cases import CALLS, CASES
from tests.vendors.suite.desk import IMPATIENT
from tests.vendors.suite.table import DONE, NOT_DONE
from vendors.errors import Kind, NotSent, OutcomeUnknown, VendorError

SECONDS = 3.0
"""How long the sandbox is silent, or drips: longer than anybody here waits."""
EVERY_CALL = pytest.mark.parametrize("name", CALLS)
ONCE_ONLY = ("extend-cancel_order", "di-update_shop")
"""Writes whose repeat the vendor itself turns down."""


HEAVY = ("slow_drip", "gzip_bomb")
"""Faults that cost time and befall all reads alike: one of each vendor will do."""


def stands_for_all(case, call):
    return call.writes or call is case.calls[0]


def faults_of(case, call):
    return [
        each for each in call.endings if each not in HEAVY or stands_for_all(case, call)
    ]


@EVERY_CALL
def test_it_does_what_it_is_for(ready, name):
    case, call = CALLS[name]
    desk = ready(case.code, call)

    result = call.run(desk)

    call.check(result, desk)
    assert desk.strangers() == []
    if call.entries:
        assert call.entries(desk) == 1
        assert desk.endpoints().count(call.endpoint) == 1


@pytest.mark.parametrize(
    ("name", "fault"),
    [
        pytest.param(name, fault, id=f"{name}-{fault}")
        for name, (case, call) in CALLS.items()
        for fault in faults_of(case, call)
    ],
)
def test_each_fault_ends_in_the_right_error(sandbox, ready, name, fault):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    if fault in ("slow", "slow_drip"):
        # Logged in beforehand, so that nothing but the call itself can come too late.
        desk.vendor.check_connection(desk.client)
        desk.start_counting()
        desk.client.time_limits = IMPATIENT
    sandbox.add_fault(
        case.code, endpoint=call.endpoint, fault=fault, times=1, seconds=SECONDS
    )

    error = caught(call, desk)

    ending = call.endings[fault]
    assert (type(error), error and error.kind) == (
        ending.error or type(None),
        ending.kind,
    ), error
    assert desk.strangers() == [], "a redirect was followed"
    if call.entries:
        assert call.entries(desk) == (fault not in NOT_DONE)
        assert desk.endpoints().count(call.endpoint) == 1, "made again by itself"
    if error:
        assert error.text.endswith(".")
        assert case.credentials[case.secret] not in f"{error.text} {error.vendor_text}"
    assert case.credentials[case.secret] not in repr(desk.exchanges)


def caught(call, desk):
    """Make the call; return the error it ended in, or None."""
    try:
        call.run(desk)
    except VendorError as error:
        return error
    return None


def test_no_read_ends_in_the_unknown():
    for name, (_, call) in CALLS.items():
        errors = {ending.error for ending in call.endings.values()}
        assert call.writes or OutcomeUnknown not in errors, name
        assert call.writes or DONE not in call.endings.values(), name


# --- credentials --------------------------------------------------------------

BEHIND_A_TOKEN = [
    name
    for name, (case, call) in CALLS.items()
    if case.has_tokens and call.endpoint != "login"
]
WITHOUT_RENEWAL = [
    name for name, (case, call) in CALLS.items() if name not in BEHIND_A_TOKEN
]


@pytest.mark.parametrize("name", BEHIND_A_TOKEN)
def test_a_token_that_dies_early_costs_one_login(sandbox, ready, name):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    sandbox.add_fault(case.code, endpoint=call.endpoint, fault="token_dies", times=1)

    result = call.run(desk)

    call.check(result, desk)
    if call.entries:
        assert call.entries(desk) == 1
        assert desk.endpoints().count(call.endpoint) == 2


@pytest.mark.parametrize("name", BEHIND_A_TOKEN)
def test_a_token_refused_for_good_is_trouble_of_the_credentials(sandbox, ready, name):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    sandbox.add_fault(case.code, endpoint=call.endpoint, fault="token_dies")

    error = caught(call, desk)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert desk.endpoints().count(call.endpoint) == 2
    assert desk.endpoints().count("login") <= 2
    assert call.entries is None or call.entries(desk) == 0


@pytest.mark.parametrize("name", WITHOUT_RENEWAL)
def test_a_refused_password_is_not_tried_twice(sandbox, ready, name):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    sandbox.add_fault(case.code, endpoint=call.endpoint, fault="token_dies")

    error = caught(call, desk)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert desk.endpoints().count(call.endpoint) == 1
    assert call.entries is None or call.entries(desk) == 0


@pytest.mark.parametrize("name", CALLS)
def test_a_wrong_password_is_told_and_changes_nothing(open_at, name):
    case, call = CALLS[name]
    wrong = {**case.credentials, case.secret: "not-the-secret-of-anybody"}
    right, desk = open_at(case.code), open_at(case.code, credentials=wrong)
    call.begin(right)
    desk.kept = right.kept
    before = call.entries(right) if call.entries else 0

    error = caught(call, desk)

    assert (type(error), error.kind) == (NotSent, Kind.CREDENTIALS)
    assert (call.entries(desk) if call.entries else 0) == before
    assert "not-the-secret-of-anybody" not in repr((error.args, desk.exchanges))


# --- too many calls -----------------------------------------------------------


@EVERY_CALL
def test_the_wait_a_vendor_asks_for_is_passed_on(sandbox, ready, name):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    sandbox.add_fault(
        case.code, endpoint=call.endpoint, fault="throttled", times=1, retry_after=7
    )

    error = caught(call, desk)

    assert (error.kind, error.retry_after) == (Kind.THROTTLED, 7)


@pytest.mark.parametrize("code", CASES)
def test_a_wait_is_not_invented(sandbox, ready, code):
    case, call = CASES[code], CASES[code].calls[0]
    desk = ready(code, call)
    sandbox.add_fault(code, endpoint=call.endpoint, fault="throttled", times=1)

    error = caught(call, desk)

    assert error.kind is Kind.THROTTLED
    assert (error.retry_after is not None) == case.limits_are_told


# --- answers that are hard to take --------------------------------------------


@pytest.mark.parametrize(
    "name", [name for name, found in CALLS.items() if stands_for_all(*found)]
)
def test_five_megabytes_of_blanks_change_nothing(sandbox, ready, name):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    sandbox.add_fault(case.code, endpoint=call.endpoint, fault="huge", times=1)

    call.check(call.run(desk), desk)


@pytest.mark.parametrize("fault", ["hostile_texts", "long_texts"])
@EVERY_CALL
def test_texts_nobody_expects_break_nothing(sandbox, ready, name, fault):
    case, call = CALLS[name]
    desk = ready(case.code, call)
    sandbox.add_fault(case.code, endpoint=call.endpoint, fault=fault, times=1)

    error = caught(call, desk)

    # Whatever is made of them: an answer, or one of the errors there are for it.
    assert error is None or error.kind in (Kind.UNREADABLE, Kind.CREDENTIALS), error
    assert call.writes or type(error) is not OutcomeUnknown
    assert desk.strangers() == []
    if call.entries:
        assert call.entries(desk) == 1
        assert type(error) in (type(None), OutcomeUnknown)


@pytest.mark.parametrize(
    "name",
    [
        name
        for name, (_, call) in CALLS.items()
        if call.writes and name not in ONCE_ONLY
    ],
)
def test_the_same_call_made_twice_is_two(ready, name):
    """Books that could not tell a second one would prove nothing above."""
    case, call = CALLS[name]
    desk = ready(case.code, call)

    call.run(desk)
    call.run(desk)

    assert call.entries(desk) == 2
