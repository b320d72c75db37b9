"""The coverage page tells what is there."""

from pathlib import Path

from hvsim_fakes.vcenter.rest import coverage
from hvsim_fakes.vcenter.rest.operations import all_operations

PAGE = Path(__file__).parents[2] / coverage.DEFAULT_PAGE


def test_the_page_in_the_repository_is_current():
    told = PAGE.read_text(encoding="utf-8")
    assert told == coverage.page(), "run: python -m hvsim_fakes.vcenter.rest.coverage"


def test_every_operation_is_one_of_the_api():
    coverage.page()
    known = coverage.known()
    own = ("com.vmware.vapi.std.introspection", "com.vmware.vcenter.cluster.modules")
    for one in all_operations():
        assert one.service.startswith(own) or one.name in known[one.service], one.full_name
