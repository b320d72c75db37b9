"""The documentation of RHEL5-Xen says what there is."""

from __future__ import annotations

from pathlib import Path

from hvsim import behaviour_page, modules
from hvsim_fakes.rhel5xen import coverage, procedures, virsh, xm

DOCS = Path(__file__).parents[2] / "docs"


def test_coverage_page_is_current():
    command = "python -m hvsim_fakes.rhel5xen.coverage"
    told = (DOCS / "coverage" / "rhel5xen.md").read_text("utf-8")
    assert told == coverage.page(), f"run: {command}"


def test_behaviour_page_is_current():
    modules.load()
    command = "python -m hvsim.behaviour_page rhel5xen > docs/behaviours/rhel5xen.md"
    told = (DOCS / "behaviours" / "rhel5xen.md").read_text("utf-8")
    assert told == behaviour_page.page("rhel5xen"), f"run: {command}"


def test_every_remark_is_about_what_there_is():
    names = {f"xm {name}" for name in xm.COMMANDS} | {f"virsh {name}" for name in virsh.COMMANDS}
    names |= {f"libvirt {found.name}" for found in procedures.KNOWN.values()}
    assert set(coverage.PARTLY) <= names


def test_no_procedure_is_younger_than_the_release():
    assert max(procedures.KNOWN) <= coverage.LAST_PROCEDURE
    assert set(xm.COMMANDS) >= xm.WRITES
    assert set(virsh.COMMANDS) >= virsh.WRITES
