from __future__ import annotations

import threading
from hashlib import blake2b

import orjson

from hvsim.events import EventLog


def log_at(time: float = 0.0, **options) -> EventLog:
    return EventLog(lambda: time, **options)


def test_the_digest_covers_exactly_the_lines():
    log, lines = log_at(2.5), []
    log.sink = lines.append
    log.append("add", "a/1", None, {"b": 1, "a": 2})
    with log.caused_by("test"):
        log.append("del", "a/1", {"a": 2}, None)
    expected = blake2b(b"".join(lines), digest_size=16).hexdigest()
    assert log.digest == expected
    assert lines[0] == b'[1,2.5,"add","a/1",null,{"a":2,"b":1},"build"]\n'
    assert orjson.loads(lines[1])[-1] == "test"


def test_causes_nest_and_return():
    log = log_at()
    with log.caused_by("outer"):
        with log.caused_by("inner"):
            assert log.cause == "inner"
        assert log.cause == "outer"
    assert log.cause == "build"


def test_retention_forgets_the_oldest_but_hashes_all():
    short, whole = log_at(capacity=3), log_at()
    for log in (short, whole):
        for number in range(10):
            log.append("mod", "x", None, number)
    assert short.digest == whole.digest
    assert (short.oldest, whole.oldest) == (8, 1)
    assert [event.generation for event in short.since(0)] == [8, 9, 10]
    assert [event.after for event in short.since(8)] == [8, 9]
    assert [event.after for event in whole.since(2, limit=2)] == [2, 3]
    assert short.since(10) == []


def test_what_is_not_retained_counts_and_is_hashed():
    kept, dropped = log_at(), log_at()
    dropped.retain = False
    for log in (kept, dropped):
        log.append("add", "x", None, 1)
    assert dropped.digest == kept.digest
    assert (dropped.generation, dropped.since(0), dropped.oldest) == (1, [], 2)


def test_a_waiter_wakes_for_its_topics_only():
    log = log_at()
    with log.waiter(["a"]) as waiter, log.waiter(["*"]) as any_waiter:
        log.append("mod", "x", None, 1, topics=("b",))
        assert not waiter.wait(0)
        assert any_waiter.wait(0)
        log.append("mod", "x", None, 1, topics=("b", "a"))
        assert waiter.wait(0)
        assert not waiter.wait(0), "a wake is used up by the wait that saw it"


def test_many_parked_threads_are_woken_at_once():
    log, woken = log_at(), []
    parked = threading.Barrier(21)

    def park():
        with log.waiter(["topic"]) as waiter:
            parked.wait()
            if waiter.wait(30):
                woken.append(1)

    threads = [threading.Thread(target=park) for _ in range(20)]
    for thread in threads:
        thread.start()
    parked.wait()
    log.append("mod", "x", None, 1, topics=("topic",))
    for thread in threads:
        thread.join(30)
    assert len(woken) == 20


def test_a_gone_waiter_leaves_nothing_behind():
    log = log_at()
    with log.waiter(["a", "b"]), log.waiter(["a"]):
        pass
    assert log._waiters == {}


def test_who_is_busy_keeps_nobody_from_being_woken():
    log = log_at()
    woken, ready = [], threading.Barrier(2)

    def wait() -> None:
        with log.waiter(("a",)) as waiter:
            ready.wait(5)
            woken.append(waiter.wait(5))

    with log.waiter(("a",)) as busy:
        log.wake(("a",))
        thread = threading.Thread(target=wait)
        thread.start()
        ready.wait(5)
        while not woken:
            # Again and again, for the other may not be parked yet.
            log.wake(("a",))
        thread.join()
        assert woken == [True]
        assert busy.wait(0)
        assert not busy.wait(0)


def test_who_gives_up_as_it_is_woken_passes_its_turn_on():
    log = log_at()
    ended = []

    def wait(seconds: float) -> None:
        with log.waiter(("a",)) as waiter:
            while not waiter.wait(seconds):
                pass
            ended.append(seconds)

    threads = [threading.Thread(target=wait, args=(n % 2 * 5.0,)) for n in range(20)]
    for thread in threads:
        thread.start()
    while len(ended) < len(threads):
        log.wake(("a",))
    for thread in threads:
        thread.join(5)
    assert sorted(ended) == [0.0] * 10 + [5.0] * 10
