"""The coverage page tells what is there."""

from pathlib import Path

from hvsim_fakes.vcenter import coverage
from hvsim_fakes.vcenter.coverage import Status, status_of
from hvsim_fakes.vcenter.registry import method

PAGE = Path(__file__).parents[2] / coverage.DEFAULT_PAGE


def test_the_page_in_the_repository_is_current():
    told = PAGE.read_text(encoding="utf-8")
    assert told == coverage.page(), "run: python -m hvsim_fakes.vcenter.coverage"


def test_every_method_has_its_line():
    page = coverage.page()
    for one in coverage.methods():
        assert f"| `{one.name}` |" in page
    assert len(coverage.methods()) > 1_000


def test_statuses():
    coverage.page()
    expected = {
        "PowerOnVM_Task": Status.SIMULATED,
        "RetrievePropertiesEx": Status.READ,
        "Fetch": Status.READ,
        "DestroyView": Status.READ,
        "CreateIpPool": Status.MISSING,
    }
    for name, status in expected.items():
        found = method(name)
        assert found is not None
        assert status_of(found) is status
