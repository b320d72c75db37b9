"""XenServer's own Python SDK, unmodified, against a lab over real sockets."""

from __future__ import annotations

import http.client
import socket
import threading
import xmlrpc.client
from typing import TYPE_CHECKING, Any

import pytest
import XenAPI

from hvsim.clock import Clock, ClockMode
from hvsim.hardware import Silence
from hvsim_fakes.lab import Lab
from labs import PROFILES, small_pool

if TYPE_CHECKING:
    from collections.abc import Iterator

PATIENCE = 30.0
"""Seconds after which a waiting test gives up; none of them comes near it."""


@pytest.fixture(params=PROFILES)
def lab(request: pytest.FixtureRequest) -> Iterator[Lab]:
    clock = Clock(ClockMode.SKIP_IDLE)
    with Lab(small_pool(request.param, clock=clock).world) as lab:
        yield lab


def opened(lab: Lab, url: str | None = None) -> Any:
    session = XenAPI.Session(url or lab.url(), ignore_ssl=True)
    session.xenapi.login_with_password(*lab.credentials())
    return session


def member_url(lab: Lab, name: str) -> str:
    pool = lab.pools["pool1"]
    member = pool.member_on(name)
    assert member is not None
    return lab.member_url("pool1", member.host)


def crash(lab: Lab, name: str, silence: Silence) -> None:
    with lab.world.access() as world:
        world.hardware.crash(name, silence)


def guest(session: Any, name: str) -> str:
    (ref,) = session.xenapi.VM.get_by_name_label(name)
    return ref


@pytest.mark.parametrize("tls", [False, True], ids=["http", "https"])
def test_log_in_read_and_log_out(lab: Lab, tls: bool) -> None:
    session = opened(lab, lab.url(tls=tls))
    records = session.xenapi.VM.get_all_records()
    guests = {
        row["name_label"]: row["power_state"]
        for row in records.values()
        if not (row["is_a_template"] or row["is_control_domain"])
    }
    assert guests == {"web": "Running", "db": "Running", "spare": "Halted", "lost": "Halted"}
    handle = session.handle
    session.xenapi.session.logout()
    # Without the SDK, which forgets the session and would log in again on its own.
    answer = xmlrpc.client.ServerProxy(lab.url()).VM.get_all(handle)
    assert answer == {"Status": "Failure", "ErrorDescription": ["SESSION_INVALID", handle]}


def test_a_wrong_password_is_refused(lab: Lab) -> None:
    session = XenAPI.Session(lab.url())
    with pytest.raises(XenAPI.Failure) as caught:
        session.xenapi.login_with_password("root", "wrong")
    assert caught.value.details[0] == "SESSION_AUTHENTICATION_FAILED"


def test_a_started_guest_runs_when_the_call_returns(lab: Lab) -> None:
    session = opened(lab)
    ref = guest(session, "spare")
    session.xenapi.VM.start(ref, False, False)
    assert session.xenapi.VM.get_power_state(ref) == "Running"
    assert session.xenapi.host.get_name_label(session.xenapi.VM.get_resident_on(ref)) == "host3"
    with pytest.raises(XenAPI.Failure) as caught:
        session.xenapi.VM.start(ref, False, False)
    assert caught.value.details == ["VM_BAD_POWER_STATE", ref, "halted", "running"]


def test_an_asynchronous_call_is_followed_by_its_task(lab: Lab) -> None:
    session = opened(lab)
    ref = guest(session, "spare")
    task = session.xenapi.Async.VM.start(ref, False, False)
    assert session.xenapi.task.get_status(task) == "pending"
    lab.world.advance(600)
    assert session.xenapi.task.get_status(task) == "success"
    assert session.xenapi.VM.get_power_state(ref) == "Running"
    session.xenapi.task.destroy(task)


def test_events_tell_of_a_start() -> None:
    with Lab(small_pool("xenserver-8", clock=Clock(ClockMode.SKIP_IDLE)).world) as lab:
        session = opened(lab)
        ref = guest(session, "spare")
        token = session.xenapi.event_from(["vm"], "", 5.0)["token"]
        seen: list[dict[str, Any]] = []

        def follow() -> None:
            nonlocal token
            watcher = opened(lab)
            while not any(e["snapshot"]["power_state"] == "Running" for e in seen):
                batch = watcher.xenapi.event_from(["vm"], token, PATIENCE)
                token = batch["token"]
                seen.extend(event for event in batch["events"] if event["ref"] == ref)

        thread = threading.Thread(target=follow)
        thread.start()
        session.xenapi.VM.start(ref, False, False)
        thread.join(PATIENCE)
        assert not thread.is_alive()
        assert {event["operation"] for event in seen} == {"mod"}


def test_a_member_sends_its_client_to_the_master(lab: Lab) -> None:
    session = XenAPI.Session(member_url(lab, "host2"))
    with pytest.raises(XenAPI.Failure) as caught:
        session.xenapi.login_with_password(*lab.credentials())
    assert caught.value.details == ["HOST_IS_SLAVE", "127.0.0.11"]
    port = lab.url().rpartition(":")[2]
    followed = opened(lab, f"http://{caught.value.details[1]}:{port}")
    assert len(followed.xenapi.host.get_all()) == 3


def test_a_master_that_is_down_refuses_its_clients(lab: Lab) -> None:
    session = opened(lab)
    url = lab.url()
    crash(lab, "host1", Silence.REFUSED)
    with pytest.raises(OSError, match=r"refused|reset|closed"):
        session.xenapi.VM.get_all()
    with pytest.raises(ConnectionRefusedError):
        opened(lab, url)
    member = XenAPI.Session(member_url(lab, "host2"))
    with pytest.raises(XenAPI.Failure) as caught:
        member.xenapi.login_with_password(*lab.credentials())
    assert caught.value.details == ["HOST_IS_SLAVE", "127.0.0.11"]


def test_a_master_in_a_black_hole_never_answers(lab: Lab) -> None:
    address = lab.url().removeprefix("http://").split(":")
    with socket.create_connection((address[0], int(address[1])), timeout=PATIENCE) as before:
        crash(lab, "host1", Silence.DROPPED)
        before.settimeout(0.3)
        before.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
        with pytest.raises(TimeoutError):
            before.recv(1)


def test_a_call_in_flight_gets_no_answer_when_the_master_dies(lab: Lab) -> None:
    session = opened(lab)
    ref = guest(session, "spare")
    lab.world.clock.set_mode(ClockMode.STEPPED)
    failures: list[Exception] = []

    def start() -> None:
        try:
            session.xenapi.VM.start(ref, False, False)
        except (OSError, http.client.HTTPException, XenAPI.Failure) as error:
            failures.append(error)

    caller = threading.Thread(target=start)
    caller.start()
    assert lab.world.park(("*",), lambda: bool(lab.world.operations.running), PATIENCE)
    crash(lab, "host1", Silence.REFUSED)
    caller.join(PATIENCE)
    assert not caller.is_alive()
    assert isinstance(failures[0], OSError)


def test_a_master_that_comes_back_answers_on_the_same_address(lab: Lab) -> None:
    url = lab.url()
    with lab.world.access() as world:
        world.hardware.set_link("host1", Silence.DROPPED)
    with lab.world.access() as world:
        world.hardware.set_link("host1", None)
    assert len(opened(lab, url).xenapi.host.get_all()) == 3


def test_a_slow_link_delays_by_simulated_seconds(lab: Lab) -> None:
    session = opened(lab)
    with lab.world.access() as world:
        world.hardware.set_link("host1", None, latency=5.0)
        before = world.now
    session.xenapi.VM.get_all()
    assert lab.world.now >= before + 5.0


def test_every_exchange_is_on_the_wire_log(lab: Lab) -> None:
    session = opened(lab)
    mark = lab.wirelog.last_seq
    ref = guest(session, "lost")
    session.xenapi.VM.set_name_description(ref, "seen")
    calls = [(one.call, one.is_write) for one in lab.wirelog.entries(since=mark)]
    assert calls == [("VM.get_by_name_label", False), ("VM.set_name_description", True)]
    assert "password" not in str([one.params for one in lab.wirelog.entries()])
