"""Scripts with what PowerShell 5.1 makes of them: each case names its rule and where it is from."""

from __future__ import annotations

import pytest

from hvsim_fakes.powershell.engine.streams import Streams
from hvsim_fakes.powershell.format.render import render
from hvsim_fakes.powershell.host import PlainHost
from hvsim_fakes.powershell.runspace import Runspace
from hvsim_fakes.powershell.standard import library
from powershell.cases import load

CASES = load()
LIBRARY = library()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_case(case):
    space, streams = Runspace(PlainHost(), LIBRARY), Streams()
    outcome = space.run(case.script, streams)
    lines = render(streams.outputs, space.engine)
    errors = [one.full_id for one in streams.errors]
    errors += [outcome.error.full_id] if outcome.error else []
    told = [one.message for one in streams.errors] + [str(outcome.error and outcome.error.message)]
    assert (lines, errors) == (case.output, case.errors), (case.title, told)


def test_there_are_cases_of_all_kinds():
    assert len(CASES) > 150
    assert all(case.title for case in CASES)
