"""RHEL5-Xen through its only door: the real ssh and the real virsh of Debian."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from clients_support import need
from hvsim.commands import decode
from hvsim_conformance.adapters.model import Credentials
from hvsim_conformance.reference.ssh import SecureShell, UnreachableError
from hvsim_fakes.lab import Lab, Listening
from rhel5labs import states, world_of

LISTENING = Listening(port=None, tls_port=None, control_port=None)


@pytest.fixture
def lab(tmp_path):
    """A lab that root enters with a key or a password."""
    need(shutil.which("ssh-keygen") is not None, "OpenSSH is not installed (openssh-client)")
    key = tmp_path / "id"
    line = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(line, check=True)  # noqa: S603 - the test's own
    public = key.with_suffix(".pub").read_text().strip()
    account = {"user": "root", "password": "secret", "keys": [public]}
    with Lab(world_of(skip=True, accounts=[account]), LISTENING) as found:
        found.key = key
        yield found


def _place(lab: Lab, host: str) -> str:
    return lab.member_url("site", host).removeprefix("ssh://")


def _uri(lab: Lab, host: str) -> str:
    return f"xen+ssh://root@{_place(lab, host)}/?keyfile={lab.key}&no_verify=1&no_tty=1"


def _virsh(lab: Lab, *args: str, host: str = "alpha") -> subprocess.CompletedProcess[str]:
    need(shutil.which("virsh") is not None, "virsh is not installed (libvirt-clients)")
    line = ["virsh", "-c", _uri(lab, host), *args]
    return subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - the test's own


@pytest.mark.clients
def test_virsh_over_ssh(lab):
    listed = " ".join(_virsh(lab, "list", "--all").stdout.split()[4:])
    assert listed == "0 Domain-0 running 1 web idle 2 asleep paused - spare shut off"
    for args in (
        ("start", "spare"),
        ("suspend", "web"),
        ("resume", "web"),
        ("dominfo", "web"),
        ("dumpxml", "web"),
        ("shutdown", "spare"),
        ("destroy", "asleep"),
    ):
        done = _virsh(lab, *args)
        assert done.returncode == 0, (args, done.stderr)
    moved = _virsh(lab, "migrate", "--live", "web", _uri(lab, "beta"))
    assert moved.returncode == 0, moved.stderr
    assert states(lab.world)["beta"]["web"] == "blocked"
    assert "asleep" not in states(lab.world)["alpha"]
    written = [entry.call for entry in lab.wirelog.entries() if entry.is_write]
    assert written == [
        "libvirt domain_create",
        "libvirt domain_suspend",
        "libvirt domain_resume",
        "libvirt domain_shutdown",
        "libvirt domain_destroy",
        "libvirt domain_migrate_prepare",
        "libvirt domain_migrate_perform",
        "libvirt domain_migrate_finish",
    ]


@pytest.mark.clients
def test_openssh_runs_xm(lab):
    host, _, port = _place(lab, "alpha").partition(":")
    options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR")
    line = ["ssh", "-p", port, "-i", str(lab.key), *(f"-o{one}" for one in options)]
    line += [f"root@{host}", "xm list | awk 'NR > 1 { print $1, $5 }'; xm list nope"]
    done = subprocess.run(line, capture_output=True, text=True, timeout=60, check=False)  # noqa: S603 - the test's own
    assert done.stdout == "Domain-0 r-----\nweb -b----\nasleep --p---\n"
    assert (done.returncode, done.stderr) == (1, "Error: Domain 'nope' does not exist.\n")


def test_hosts_that_are_dead_cut_off_or_closed():
    world = world_of(skip=True)
    with Lab(world, LISTENING) as lab:
        shell = SecureShell(lab.member_url("site", "alpha"), Credentials("root", "hvsim"))
        assert shell.run("hostname").out == "alpha\n"
        for fault, cure in (
            (
                {"kind": "link.cut", "server": "alpha", "silence": "refused"},
                {"kind": "link.mend", "server": "alpha"},
            ),
            (
                {"kind": "service.stop", "server": "alpha", "service": "sshd"},
                {"kind": "service.start", "server": "alpha", "service": "sshd"},
            ),
            (
                {"kind": "server.crash", "server": "alpha", "silence": "refused"},
                {"kind": "server.boot", "server": "alpha"},
            ),
        ):
            world.execute(decode(fault))
            with pytest.raises(UnreachableError):
                shell.run("hostname")
            world.execute(decode(cure))
            world.advance(300.0)
            assert shell.run("hostname").out == "alpha\n"
        assert shell.run("xm list | wc -l").out.strip() == "2"
        shell.close()
        stranger = SecureShell(lab.member_url("site", "alpha"), Credentials("root", "wrong"))
        with pytest.raises(UnreachableError):
            stranger.run("hostname")
        stranger.close()


def test_what_a_client_writes_replays():
    from hvsim import saved

    world = world_of(skip=True)
    with Lab(world, LISTENING) as lab:
        shell = SecureShell(lab.member_url("site", "alpha"), Credentials("root", "hvsim"))
        lines = "sed -e s/spare/more/ -e /uuid/d /etc/xen/spare > /etc/xen/more && xm create more"
        assert shell.run(lines).status == 0
        assert shell.run("xm shutdown -w more && rm /etc/xen/more").status == 0
        shell.close()
        content = lab.save()
    again = saved.restore(saved.parse(content), world.clock)
    assert again.log.digest == world.log.digest
