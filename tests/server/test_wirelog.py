"""The wire log."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hvsim_fakes.wirelog import MASK, Exchange, WireLog, WireLogOverrunError, mask


def record(log: WireLog, call: str = "VM.start", *, is_write: bool = True, **facts: str):
    usual = {"product": "xenserver", "endpoint": "host1", "client": "10.0.0.1:5", "outcome": "ok"}
    return log.record(time=1.5, call=call, is_write=is_write, **(usual | facts))


def test_an_exchange_keeps_its_facts():
    log = WireLog()
    params = {"vm": "OpaqueRef:1"}
    exchange = log.record(
        time=2.5,
        product="xenserver",
        endpoint="host1",
        client="c",
        call="VM.start",
        is_write=True,
        outcome="HANDLE_INVALID",
        params=params,
    )
    expected = Exchange(
        1, 2.5, "xenserver", "host1", "c", "VM.start", True, "HANDLE_INVALID", params
    )
    assert exchange == expected
    assert log.entries() == [expected]


def test_was_a_write_recorded_between_two_moments():
    log = WireLog()
    record(log)
    before = log.last_seq
    record(log, "VM.get_record", is_write=False)
    assert not log.wrote(before)
    record(log, endpoint="host2")
    middle = log.last_seq
    assert log.wrote(before)
    assert not log.wrote(before, endpoint="host1")
    record(log, endpoint="host1", outcome="VM_BAD_POWER_STATE")
    assert log.wrote(before, endpoint="host1")
    assert not log.wrote(before, middle, endpoint="host1")
    assert [entry.seq for entry in log.writes(before)] == [3, 4]
    assert not log.wrote(log.last_seq)


@pytest.mark.parametrize(
    ("question", "seqs"),
    [
        ({}, [1, 2, 3]),
        ({"since": 1}, [2, 3]),
        ({"since": 1, "until": 2}, [2]),
        ({"since": 3}, []),
        ({"since": 9}, []),
        ({"until": 99}, [1, 2, 3]),
        ({"since": 2, "until": 1}, []),
        ({"since": -5}, [1, 2, 3]),
        ({"endpoint": "host2"}, [2]),
        ({"client": "me"}, [3]),
        ({"call": "VM.start"}, [1, 2]),
        ({"product": "vcenter"}, []),
        ({"is_write": False}, [3]),
        ({"is_write": True, "endpoint": "host1"}, [1]),
    ],
)
def test_questions(question: dict[str, object], seqs: list[int]):
    log = WireLog(3)
    record(log)
    record(log, endpoint="host2")
    record(log, "event.from", is_write=False, client="me")
    assert [entry.seq for entry in log.entries(**question)] == seqs


@given(capacity=st.integers(1, 7), count=st.integers(0, 20), since=st.integers(0, 25))
def test_bounded_log_answers_truly_or_not_at_all(capacity: int, count: int, since: int):
    log = WireLog(capacity)
    for _ in range(count):
        record(log)
    kept = range(1, count + 1)[-capacity:]
    assert [e.seq for e in log.newest(3)] == list(kept[-3:])
    assert log.dropped == count - len(kept)
    if since < log.dropped:
        with pytest.raises(WireLogOverrunError, match=f"after {since}"):
            log.wrote(since)
    else:
        assert [e.seq for e in log.entries(since)] == [seq for seq in kept if seq > since]


def test_no_capacity_is_refused():
    with pytest.raises(ValueError, match="at least one"):
        WireLog(0)


def test_many_threads_leave_no_gap():
    log, start = WireLog(), threading.Barrier(8)

    def work(name: str) -> None:
        start.wait(20)
        for _ in range(200):
            record(log, client=name)

    threads = [threading.Thread(target=work, args=(str(n),)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [entry.seq for entry in log.entries()] == list(range(1, 1601))
    assert all(len(log.entries(client=str(n))) == 200 for n in range(8))


def test_secrets_are_masked_at_any_depth():
    params = {
        "uname": "root",
        "Password": "p",
        "new_pwd": {"deep": "p"},
        "session_id": "OpaqueRef:1",
        "auth": [{"authToken": "t", "name": "n"}],
        "keyboard": "us",
        "blob": b"12345",
        "text": "x" * 300,
        "number": 3,
        "nothing": None,
    }
    assert mask(params) == {
        "uname": "root",
        "Password": MASK,
        "new_pwd": MASK,
        "session_id": MASK,
        "auth": [{"authToken": MASK, "name": "n"}],
        "keyboard": "us",
        "blob": "<5 bytes>",
        "text": "x" * 256 + "...",
        "number": 3,
        "nothing": None,
    }
    assert params["Password"] == "p"
