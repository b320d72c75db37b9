"""The fuzzing can fail: planted faults are found, and each kind of wrong answer is told."""

from __future__ import annotations

import orjson
import pytest

import labs
from fuzz import arena, soundness
from fuzz.oracle import FindingError, judge_body
from fuzz.storm import storm
from hvsim.xenserver import generic
from hvsim.xenserver.model import Model
from hvsim_fakes.xenserver import xmlwriter

MODEL = Model.for_profile("xenserver-8")


def planted(*_):
    raise KeyError("planted")


def test_a_planted_fault_is_found(monkeypatch, caplog):
    monkeypatch.setattr(generic, "set_field", planted)
    monkeypatch.setattr(generic, "add_to", planted)
    with caplog.at_level("CRITICAL", "nothing"):
        findings = "\n".join(storm("xenserver-8", 1_200, "planted").findings)
    assert "an internal error that the product does not give" in findings
    assert "a fault of the simulator" in findings


@pytest.mark.parametrize(
    "description",
    [
        ["INTERNAL_ERROR", "KeyError: 'x'"],
        ["INTERNAL_ERROR", "something else"],
        ["NO_SUCH_CODE"],
        ["HANDLE_INVALID", "VM", "<class 'str'>"],
        [],
    ],
)
def test_wrong_errors_are_told(description):
    for path, body in (
        ("/", xmlwriter.failure(description)),
        ("/jsonrpc", orjson.dumps({"result": None, "error": description, "id": 1})),
    ):
        with pytest.raises(FindingError):
            judge_body(MODEL, path, 200, body)


@pytest.mark.parametrize("body", [b"", b"<html/>", b'{"result": NaN, "error": null, "id": 1}'])
def test_what_is_no_answer_is_told(body):
    for path in ("/", "/jsonrpc"):
        with pytest.raises(FindingError):
            judge_body(MODEL, path, 200, body)


def test_good_errors_pass():
    body = xmlwriter.failure(["HANDLE_INVALID", "VM", "OpaqueRef:x"])
    assert judge_body(MODEL, "/", 200, body) == "HANDLE_INVALID"


def test_rows_that_do_not_fit_together_are_told():
    pool = arena.build("xenserver-8")
    assert soundness.problems(pool) == []
    web = labs.vm(pool, "web")
    pool.db.tables["VM"][web]["resident_on"] = "OpaqueRef:gone"
    pool.db.tables["VM"][web]["order"] = "1"
    told = "\n".join(soundness.problems(pool))
    assert "VM.resident_on" in told
    assert "does not mirror" in told
    assert "is no int" in told


def test_a_journal_that_does_not_replay_is_told():
    pool = arena.build("xenserver-8")
    pool.db.change("VM", labs.vm(pool, "web"), name_description="behind the journal's back")
    with pytest.raises(FindingError, match="replay gave"):
        soundness.replayed(pool, lambda: arena.build("xenserver-8"))
