"""The coverage page tells what is there."""

from pathlib import Path

import pytest

from hvsim.xenserver.model import Model
from hvsim_fakes import pages
from hvsim_fakes.xenserver import coverage
from hvsim_fakes.xenserver.coverage import Status, status_of

PAGE = Path(__file__).parents[2] / coverage.DEFAULT_PAGE


def test_the_page_in_the_repository_is_current():
    told = PAGE.read_text(encoding="utf-8")
    assert told == coverage.page(), "run: python -m hvsim_fakes.xenserver.coverage"


def test_the_page_can_be_written_elsewhere(tmp_path):
    wanted = tmp_path / "sub" / "page.md"
    assert pages.write(coverage.page, coverage.DEFAULT_PAGE, [str(wanted)]) == 0
    assert wanted.read_text() == coverage.page()


def test_help_writes_nothing(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit) as ended:
        pages.write(coverage.page, coverage.DEFAULT_PAGE, ["--help"])
    assert ended.value.code == 0
    assert "usage:" in capsys.readouterr().out
    assert not list(tmp_path.iterdir())


def test_every_message_has_its_line():
    page = coverage.page()
    for profile in ("xenserver-5.5", "xenserver-8"):
        for message in Model.for_profile(profile).messages.values():
            assert f"`{message.verb}`" in page


def test_statuses():
    coverage.load_behaviours()
    new = Model.for_profile("xenserver-8")
    expected = {
        "VM.get_record": Status.GENERIC,
        "VM.set_name_label": Status.GENERIC,
        "event.from": Status.WRITTEN,
        "event.next": Status.PARTLY,
        "session.login_with_password": Status.WRITTEN,
        "VIF_metrics.get_all": Status.REMOVED,
        "VMSS.snapshot_now": Status.MISSING,
    }
    for name, status in expected.items():
        assert status_of(new, new.message(name)) is status, name


def test_partly_names_only_messages_that_exist():
    new = Model.for_profile("xenserver-8")
    assert all(new.message(name) for name in coverage.PARTLY)
