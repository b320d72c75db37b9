"""Assails a XenAPI lab from several threads at once, and judges every answer and the world."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import TYPE_CHECKING, Any, Final, Self

from fuzz import arena, sockets, soundness
from fuzz.arena import Arena
from fuzz.calls import Caller, Handles, Post
from fuzz.oracle import FindingError, judge, judge_body, no_python
from hvsim_fakes.server import Request

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim.xenserver.pool import Member

THREADS: Final = 4
_SOCKETS: Final = 0.15
_PATIENT: Final = 0.06
"""Share of the callers in the same process that wait for an answer."""
_ENOUGH: Final = 20
"""Findings after which going on tells nothing new."""
_HTTP_STATUS: Final = frozenset(
    {200, 400, 401, 403, 404, 405, 408, 411, 413, 414, 417, 431, 500, 501, 503, 505}
)
_SERVERS_OWN: Final = frozenset({400, 405, 408, 411, 413, 414, 417, 431, 505})


@dataclass
class Tally:
    """What was sent, what came back, and what was wrong with it."""

    requests: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    findings: list[str] = field(default_factory=list)
    slowest: float = 0.0
    seconds: float = 0.0

    def add(self, other: Tally) -> None:
        self.requests += other.requests
        self.outcomes += other.outcomes
        self.findings += other.findings
        self.slowest = max(self.slowest, other.slowest)
        self.seconds += other.seconds


class Assailant:
    """One thread's requests to a lab."""

    def __init__(self, arena: Arena, seed: str, count: int) -> None:
        self.arena = arena
        self.random = Random(seed)
        self.handles = Handles()
        self.caller = Caller(self.random, arena.pool, self.handles)
        self.left = count
        self.tally = Tally()

    def run(self) -> None:
        while self.left > 0 and len(self.tally.findings) < _ENOUGH:
            if self.left % 40 == 0 or not self.handles.refs:
                self.handles.refresh(self.arena.pool)
                self.caller.session = self.arena.log_in() or self.caller.session
            self.left -= 1
            if self._once() == "SESSION_INVALID" and self._chance(0.5):
                self.caller.session = self.arena.log_in() or self.caller.session

    def _once(self) -> str:
        post = self.caller.post()
        began = time.monotonic()
        try:
            outcome = self._by_socket(post) if self._chance(_SOCKETS) else self._directly(post)
        except FindingError as finding:
            self.tally.findings.append(f"{post.what}: {finding}\n    {post.body[:600]!r}")
            outcome = "finding"
        self.tally.slowest = max(self.tally.slowest, time.monotonic() - began)
        self.tally.requests += 1
        self.tally.outcomes[outcome] += 1
        return outcome

    def _directly(self, post: Post) -> str:
        member = self._member()
        patience = 10.0 if self._chance(_PATIENT) and not post.waits else 0.0
        request = self._odd_request(post) if self._chance(0.02) else None
        request = request or Request("POST", post.path, body=post.body)
        response = self.arena.post(member, request, patience)
        if response is None:
            return "machine down"
        if request.method != "POST" or request.path not in ("/", "/jsonrpc"):
            no_python(str(response))
            return f"HTTP {response.status}"
        return judge(self.arena.pool.model, request.path, response)

    def _by_socket(self, post: Post) -> str:
        member = self._member()
        url = self.arena.lab.member_url(self.arena.pool.name, member.host)
        good = self._chance(0.7)
        if good:
            data = sockets.head(post.path, len(post.body)) + post.body
        else:
            data = sockets.bad_head(self.random) + post.body
        with self.arena.world.access():
            if member.answers() is not None:
                return "machine down"
        stay = good and not post.waits and self._chance(0.3)
        try:
            found = sockets.exchange(url, data, stay=stay)
        except ConnectionError:
            return "refused"
        except sockets.NoAnswerError:
            if self.arena.serving() is None:
                # Members wait for their master, and links drop packets, as in a real pool.
                return "pool down"
            raise
        if found is None:
            return "closed"
        status, body = found
        if status not in _HTTP_STATUS:
            raise FindingError(f"HTTP status {status} to {data[:200]!r}")
        if good and status not in _SERVERS_OWN:
            return judge_body(self.arena.pool.model, post.path, status, body)
        no_python(body.decode("utf-8", "replace"))
        return f"HTTP {status}"

    def _member(self) -> Member:
        """Choose the master half of the time."""
        members = list(self.arena.members.values())
        return (self._chance(0.7) and self.arena.serving()) or self.random.choice(members)

    def _odd_request(self, post: Post) -> Request:
        random = self.random
        path = random.choice(
            ("/", "/rrd_updates", "/vm_rrd", "/host_rrd", "/jsonrpc", "/import", "/\x00", "")
        )
        garbage = random.choice(
            ("", "\x00", "Basic !!!", "Basic " + "A" * 3, "a=b; session_id", ";;;=")
        )
        headers = {
            "cookie": garbage,
            "authorization": garbage,
            "content-type": garbage,
            "access-control-request-headers": garbage,
        }
        query = random.choice(
            ("", "session_id=x", "start=\ufffd&host=true", "uuid=%ff&json=true", "&&&=", "a" * 900)
        )
        method = random.choice(("GET", "POST", "PUT", "HEAD", "OPTIONS", "DELETE", "\x00"))
        return Request(method, path, query, headers, post.body)

    def _chance(self, share: float) -> bool:
        return self.random.random() < share


class Watch(logging.Handler):
    """Collects what goes wrong outside of any answer: dead threads, logged errors."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.findings: list[str] = []
        self._before: Callable[..., Any] = threading.excepthook

    def emit(self, record: logging.LogRecord) -> None:
        self.findings.append("logged: " + logging.Formatter().format(record)[-3_000:])

    def __enter__(self) -> Self:
        self._before, threading.excepthook = threading.excepthook, self._died
        logging.getLogger().addHandler(self)
        return self

    def __exit__(self, *_: object) -> None:
        threading.excepthook = self._before
        logging.getLogger().removeHandler(self)

    def _died(self, args: threading.ExceptHookArgs) -> None:
        name = args.thread.name if args.thread else "a thread"
        self.findings.append(f"{name} died of {args.exc_type.__name__}: {args.exc_value}")
        self._before(args)


def storm(profile: str, count: int, seed: str) -> Tally:
    """Send ``count`` requests to a fresh lab of a profile; return what came of it."""
    began = time.monotonic()
    tally = Tally()
    with Watch() as watch, Arena(profile) as lab:
        assailants = [
            Assailant(lab, f"{seed}/{profile}/{n}", count // THREADS) for n in range(THREADS)
        ]
        _together(lab, assailants)
        for one in assailants:
            tally.add(one.tally)
        tally.findings += watch.findings
        tally.findings += _aftermath(lab)
    tally.seconds = time.monotonic() - began
    return tally


def _together(lab: Arena, assailants: list[Assailant]) -> None:
    """Let them all run, and an operator mend what they break."""
    threads = [threading.Thread(target=one.run, name="assailant") for one in assailants]
    for thread in threads:
        thread.start()
    idle = 0
    while any(thread.is_alive() for thread in threads):
        next(thread for thread in threads if thread.is_alive() or thread is threads[-1]).join(0.05)
        idle = 0 if lab.serving() else idle + 1
        if idle in (10, 20):
            lab.repair()
        if idle > 30:
            lab.lead()
            idle = 0


def _aftermath(lab: Arena) -> list[str]:
    """Judge what is left once everything has calmed down."""
    findings = []
    for _ in range(6):
        lab.repair(all_of_them=True)
        lab.world.advance(3 * 3_600.0)
        if lab.serving() is None:
            lab.lead()
            lab.world.advance(3_600.0)
    try:
        visit(lab)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is a finding
        members = [
            (m.server.name, m.server.power, m.server.link, m.role, m.master, m.running, m.emergency)
            for m in lab.members.values()
        ]
        findings.append(f"a legitimate client fails: {error}; members: {members}")
    lab.lab.stop()
    findings += soundness.problems(lab.pool)[:_ENOUGH]
    try:
        soundness.replayed(lab.pool, lambda: arena.build(lab.pool.profile))
    except FindingError as finding:
        findings.append(str(finding))
    return findings


def visit(lab: Arena) -> None:
    """Be a legitimate client of the master over the wire: log in, read, change, log out."""
    import XenAPI

    member = lab.serving()
    if member is None:
        raise FindingError("the pool has no master in service any more")
    session = XenAPI.Session(lab.lab.member_url(lab.pool.name, member.host))
    try:
        session.xenapi.login_with_password("root", arena.PASSWORD, "1.0", "visitor")
        api = session.xenapi
        (pool,) = api.pool.get_all()
        api.pool.set_name_description(pool, "alive")
        if api.pool.get_record(pool)["name_description"] != "alive":
            raise FindingError("a change was not made")
        for cls in ("VM", "host", "SR", "VDI", "VBD", "VIF", "network", "PBD", "PIF", "task"):
            getattr(api, cls).get_all_records()
        template = next(ref for ref in api.VM.get_all() if api.VM.get_is_a_template(ref))
        # A call among the random ones may have blocked just this, as any client may.
        api.VM.set_blocked_operations(template, {})
        copy = api.VM.clone(template, "visitor's")
        api.VM.destroy(copy)
        api.session.logout()
    except XenAPI.Failure as failure:
        raise FindingError(str(failure)) from failure
