"""The first contact with each vendor, against the sandbox."""

import pytest

from tests.vendors.suite.cases import CASES
from tests.vendors.suite.table import keep_placed
from vendors.contracts import Samples, Verdict


@pytest.mark.parametrize("code", CASES)
def test_every_step_bears_out_what_is_assumed(open_at, code):
    case, desk = CASES[code], open_at(code)
    number = ""
    if case.buying:
        keep_placed(case.buying.order)(desk)
        number = desk.kept["number"]
    samples = Samples(items=case.items, order_number=number)

    found = {
        check.name: check.run(desk.client, samples) for check in desk.vendor.checklist
    }

    assert [
        (name, finding.text)
        for name, findings in found.items()
        for finding in findings
        if finding.verdict is Verdict.DIFFERS
    ] == []
    for name, findings in found.items():
        assert findings, name
        for finding in findings:
            assert finding.text.strip(), name
            assert set(finding.mapping_keys) <= set(desk.vendor.mapping), name
            options = {option.name for option in desk.vendor.options}
            assert set(finding.options) <= options, name
    assert desk.strangers() == []


@pytest.mark.parametrize("code", CASES)
def test_a_step_that_only_reads_writes_nothing(open_at, sandbox, code):
    case, desk = CASES[code], open_at(code)

    for check in desk.vendor.checklist:
        if not check.writes:
            check.run(desk.client, Samples(items=case.items))

    assert sandbox.orders(code) == []
    assert sandbox.shops(code) == []
    assert sandbox.customers(code) == []
    assert not desk.client.has_written or code == "di"
