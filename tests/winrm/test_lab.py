"""A lab with a VMM server: what a host's crash and the lab's end do to shells."""

from __future__ import annotations

import threading

import winrm
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab, Listening
from hvsim_fakes.winrm.endpoint import WinRmEndpoint

HOSTS = [{"name": f"hv{n}", "address": f"127.43.0.{n}"} for n in (1, 2)]
TABLE = {
    "name": "vmm",
    "address": "127.43.0.9",
    "clusters": [{"name": "c1", "hosts": HOSTS}],
    "guests": [{"name": "web", "state": "Running", "host": "hv1"}],
}


def lab(mode: ClockMode = ClockMode.SKIP_IDLE) -> Lab:
    data = {"name": "winrm", "scvmm": [TABLE]}
    return Lab.from_scenario(data, Listening(tls_port=None), clock=Clock(mode))


def endpoint_of(lab: Lab) -> WinRmEndpoint:
    (door, _), *_ = lab.doors()
    assert isinstance(door.endpoint, WinRmEndpoint)
    return door.endpoint


def session(lab: Lab) -> winrm.Session:
    (_, urls), *_ = lab.doors()
    auth = ("LAB\\Administrator", "hvsim")
    return winrm.Session(f"{urls[0]}/wsman", auth=auth, transport="ntlm", proxy=None)


def test_scripts_see_the_machines_of_the_lab():
    with lab() as running:
        done = session(running).run_ps("(Get-SCVirtualMachine).Name; $env:COMPUTERNAME")
        assert (done.std_out, done.status_code) == (b"web\r\nVMM\r\n", 0)


def test_only_cmdlets_that_change_something_are_writes():
    with lab() as running:
        session(running).run_ps("Get-SCVirtualMachine | Out-Null")
        assert not running.wirelog.wrote()
        session(running).run_ps("Get-SCVirtualMachine web | Stop-SCVirtualMachine -Force")
        assert [entry.call for entry in running.wirelog.writes()] == ["Stop-SCVirtualMachine"]


def test_a_blocking_cmdlet_waits_for_its_job_in_the_lab_s_time():
    with lab() as running:
        before = running.world.now
        script = "Stop-SCVirtualMachine -VM (Get-SCVirtualMachine web) -Force | Select Status"
        done = session(running).run_ps(f"({script}).Status.ToString()")
        assert done.std_out == b"PowerOff\r\n", done.std_err
        assert running.world.now > before


def test_shells_and_what_runs_in_them_end_with_the_lab():
    with lab(ClockMode.STEPPED) as running:
        protocol = session(running).protocol
        shell = protocol.open_shell()
        command = protocol.run_command(shell, "powershell", ["-Command", "Start-Sleep 1000"])
        endpoint = endpoint_of(running)
        found = endpoint.shells._shells[shell].commands[command]
    assert found.run.stopped
    assert not endpoint.shells._shells


def test_a_crash_of_the_machine_takes_its_shells_along():
    with lab(ClockMode.STEPPED) as running:
        protocol = session(running).protocol
        protocol.open_shell()
        endpoint = endpoint_of(running)
        assert endpoint.shells._shells
        running.perform("server.crash", server="vmm")
        assert not endpoint.shells._shells


def test_two_clients_wait_at_once_and_neither_holds_the_other():
    with lab() as running:
        told: list[bytes] = []

        def work() -> None:
            told.append(session(running).run_ps("Start-Sleep 3600; 'up'").std_out)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert told == [b"up\r\n"] * 2


def test_what_scripts_did_replays():
    with lab() as running:
        script = "$vm = Get-SCVirtualMachine web; Stop-SCVirtualMachine $vm -Force | Out-Null"
        assert session(running).run_ps(f"{script}; Start-Sleep 90").status_code == 0
        told = session(running).run_ps("(Get-SCVirtualMachine web).Status.ToString()")
        assert told.std_out == b"PowerOff\r\n"
        # Restoring compares the log of events with what it was when saved.
        running.restore(running.save())
        again = session(running).run_ps("(Get-SCVirtualMachine web).Status.ToString()")
        assert again.std_out == b"PowerOff\r\n"
