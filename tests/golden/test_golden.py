"""Golden traffic: recordings of the real SDK play back, and the product still says the same."""

from __future__ import annotations

import socket
from importlib import resources
from importlib.metadata import version

import pytest

import hvsim_fixtures
from golden import scripts, taping, vim_scripts, winrm_scripts  # noqa: F401 - they register their own
from golden.vim_player import RECORDED_WITH


def spoken_here(recording):
    """Skip what another release of pyVmomi says than the one that is installed."""
    installed = version("pyvmomi")
    if recording.profile.startswith("vsphere") and installed != RECORDED_WITH:
        pytest.skip(f"it was recorded with pyVmomi {RECORDED_WITH}, not {installed}")


each = pytest.mark.parametrize("recording", scripts.recordings(), ids=str)


@each
def test_the_sdk_works_against_the_recording(recording, monkeypatch):
    spoken_here(recording)

    def forbidden(*_args, **_options):
        raise AssertionError("a recording needs no network")

    monkeypatch.setattr(socket.socket, "connect", forbidden)
    assert taping.play(recording, taping.file_of(recording)) > 0


@each
def test_the_product_still_says_the_same(recording, tmp_path):
    spoken_here(recording)
    fresh = tmp_path / "fresh.yaml"
    taping.record(recording, fresh)
    difference = taping.difference(taping.file_of(recording), fresh)
    assert not difference, (
        f"{recording} is answered differently; if that is meant, run:"
        f" python -m tests.golden {recording}\n{difference}"
    )


def test_every_recording_is_shipped_and_nothing_else():
    assert set(hvsim_fixtures.golden()) == {str(one) for one in scripts.recordings()}
    packaged = resources.files("hvsim_fixtures") / "golden" / "xenserver-8" / "login.yaml"
    assert packaged.read_text(encoding="utf-8").startswith("interactions:")


def test_recordings_are_small_and_hold_no_secret_and_nothing_of_a_machine():
    texts = [path.read_text(encoding="utf-8") for path in hvsim_fixtures.golden().values()]
    assert sum(map(len, texts)) < 2_500_000
    for text in texts:
        for word in (
            taping.PASSWORD,
            taping.OPERATOR[1],
            "User-Agent",
            "/home/",
            "/root/",
            "/work",
        ):
            assert word not in text


def test_a_difference_is_told_where_it_is(tmp_path):
    committed = hvsim_fixtures.golden()["xenserver-8/login"]
    changed = tmp_path / "changed.yaml"
    text = committed.read_text(encoding="utf-8")
    changed.write_text(text.replace("SESSION_INVALID", "SESSION_GONE"), encoding="utf-8")
    told = taping.difference(committed, changed)
    assert "-" in told
    assert "SESSION_GONE" in told
    assert told.startswith("--- exchange ")
    assert taping.difference(committed, committed) == ""
