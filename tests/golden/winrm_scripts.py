"""What is said to a VMM server in each recording: pywinrm's scripts, which check their answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from winrm.exceptions import InvalidCredentialsError

from golden.scripts import script

if TYPE_CHECKING:
    from golden.winrm_player import WinRmPlayer

PROFILES = ("scvmm-2008r2", "scvmm-2019")
STATE = 'Get-SCVirtualMachine {0} | ForEach-Object {{ "$($_.Status) $($_.VMHost.Name)" }}'


@script("login", profiles=PROFILES)
def login(player: WinRmPlayer) -> None:
    """A good login and a bad one, and what a shell tells of itself."""
    with player.session() as session:
        assert session.run_cmd("hostname").std_out.decode().strip().upper() == "VMM1"
        assert player.lines(session, "1..3 | ForEach-Object { $_ * 2 }") == ["2", "4", "6"]
    with player.session("not-the-password") as session, pytest.raises(InvalidCredentialsError):
        session.run_cmd("hostname")


@script("inventory", profiles=PROFILES)
def inventory(player: WinRmPlayer) -> None:
    """What a client reads first: guests and hosts."""
    with player.session() as session:
        guests = 'Get-SCVirtualMachine | ForEach-Object { "$($_.Name) $($_.ComputerName)" }'
        assert sorted(player.lines(session, guests))[1:] == ["new ", "web web.example"]
        hosts = 'Get-SCVMHost | ForEach-Object { "$($_.Name) $($_.OverallState)" }'
        assert player.lines(session, hosts) == ["hv1.lab.example OK", "hv2.lab.example OK"]


@script("power", profiles=PROFILES)
def power(player: WinRmPlayer) -> None:
    """A guest is started, and cannot be started again."""
    with player.session() as session:
        start = "$vm = Get-SCVirtualMachine new; Start-SCVirtualMachine -VM $vm | Out-Null"
        assert player.lines(session, start) == []
        assert player.lines(session, STATE.format("new")) == ["Running hv2.lab.example"]
        again = player.run(session, start)
        assert b"1730" in again.std_err


@script("moves", profiles=PROFILES)
def moves(player: WinRmPlayer) -> None:
    """A guest moves within the cluster, and a node is put into maintenance mode."""
    with player.session() as session:
        move = "Move-SCVirtualMachine -VM (Get-SCVirtualMachine web)"
        move += " -VMHost (Get-SCVMHost | Where-Object { $_.Name -like 'hv2*' }) | Out-Null"
        assert player.lines(session, move) == []
        assert player.lines(session, STATE.format("web")) == ["Running hv2.lab.example"]
        node = "Get-SCVMHost | Where-Object { $_.Name -like 'hv2*' }"
        rest = f"{node} | Disable-SCVMHost -MoveWithinCluster | Out-Null"
        assert player.lines(session, rest) == []
        assert player.lines(session, STATE.format("web")) == ["Running hv1.lab.example"]
        assert player.lines(session, STATE.format("db")) == ["Saved hv2.lab.example"]
        assert player.lines(session, f"({node}).MaintenanceHost") == ["True"]
        assert player.lines(session, f"{node} | Enable-SCVMHost | Out-Null") == []


@script("errors", profiles=PROFILES)
def errors(player: WinRmPlayer) -> None:
    """A command and a machine that there are not, and a script that cannot be read."""
    with player.session() as session:
        for text, told in (
            ("Get-NothingAtAll", b"Get-NothingAtAll"),
            ("Start-SCVirtualMachine -VM nobody", b"nobody"),
            ("'unended", b"missing the terminator"),
        ):
            done = player.run(session, text)
            assert done.status_code == 1
            assert told in done.std_err, done.std_err
