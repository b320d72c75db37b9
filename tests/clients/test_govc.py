"""govc, govmomi's command line, unmodified, against a vCenter of a running lab.

Each group of commands is carried out in order in a lab of its own. A step is a command and what
its output has to hold (a regular expression); ``!`` before the command: it has to fail; ``$said``
in it is what the one before has said.
"""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import tarfile
from typing import TYPE_CHECKING, Any

import pytest

from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim.hardware import Silence
from hvsim_fakes.lab import Lab
from hvsim_fakes.vcenter import savedfiles
from vclabs import lab as vcenter_lab
from vcpackages import PACKAGE

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.clients
PATIENCE = 60
"""Seconds after which a command is taken to hang; none of them comes near it."""
NETWORKS = [{"name": "VM Network"}, {"name": "pg1", "switch": "dvs1"}]

ACCOUNTS = [
    {"user": "administrator@vsphere.local", "password": "secret"},
    {"user": "bob@vsphere.local", "password": "builder", "role": "ReadOnly"},
]

READS = {
    "about": "API version: +8.0.3.0",
    "about -json": '"apiType": "VirtualCenter"',
    "about.cert": "Certificate is not trusted|Thumbprint",
    "version": "govc",
    "session.ls": "Administrator",
    "session.login -l": "[0-9a-f-]{36}",
    "ls": "/Datacenter/vm",
    "ls -l vm": "/Datacenter/vm/web",
    "ls -l -i vm": "VirtualMachine:vm-1",
    "ls -L HostSystem:host-1": "/Datacenter/host/c1/esx1",
    "ls -t VirtualMachine ./...": "/Datacenter/vm/db",
    "find / -type m": "/Datacenter/vm/spare",
    "find / -type m -runtime.powerState poweredOff": r"\A/Datacenter/vm/spare\Z",
    "find / -type h -name esx9": r"\A/Datacenter/host/esx9/esx9\Z",
    "find -l /": "ClusterComputeResource",
    "tree": "datastore1",
    "vm.info web": "Power state: +poweredOn",
    "vm.info -r web": "Network: +VM Network",
    "vm.info -e -t web": "Power state: +poweredOn",
    "vm.info -json web": '"name": "web"',
    "vm.ip web": r"192\.0\.2\.10",
    "vm.console web": "vmrc://",
    "vm.option.info -cluster c1 debian12_64Guest": "Debian GNU/Linux 12",
    "vm.target.info -cluster c1": "datastore1",
    "device.ls -vm web": "VirtualDisk",
    "device.info -vm web disk-*": "8,388,608 KB|8.0GB",
    "device.info -json -vm web ethernet-0": '"macAddress"',
    "device.boot -vm web": "",
    "snapshot.tree -vm web": "",
    "host.info -host esx1": "State: +connected",
    "host.info -json esx*": '"connectionState": "connected"',
    "host.service.ls -host esx1": "TSM-SSH",
    "host.option.ls -host esx1": "",
    "host.portgroup.info -host esx1": "Management Network",
    "host.vswitch.info -host esx1": "vSwitch0",
    "host.vnic.info -host esx1": "vmk0",
    "host.vnic.hint -host esx1 -json": '"device": "vmnic0"',
    "host.storage.info -host esx1": "",
    "host.storage.info -host esx1 -t hba": "",
    "host.date.info -host esx1": "Timezone|UTC",
    "host.autostart.info -host esx1": "",
    "host.tpm.info": "esx1",
    "cluster.usage c1": "CPU usage",
    "cluster.rule.ls -cluster c1": "",
    "cluster.group.ls -cluster c1": "",
    "cluster.override.info -cluster c1": "",
    "datacenter.info": "Virtual Machines: +4",
    "datastore.info": "datastore1",
    "datastore.ls -ds datastore1": r"web[\s\S]*|bare",
    "datastore.ls -ds datastore1 -l web": r"web\.vmdk",
    "dvs.portgroup.info dvs1": "",
    "pool.info *": "Resources",
    "folder.info /Datacenter/vm": "Children: +4",
    "object.collect vm/web runtime.powerState": "poweredOn",
    "object.collect -s vm/web name": r"\Aweb\Z",
    "object.collect -json host/c1 configurationEx": '"drsConfig"',
    "object.collect -s -type m / runtime.powerState": "poweredOff",
    "metric.ls vm/web": r"cpu\.usage\.average",
    "metric.info vm/web": r"cpu\.usage\.average",
    "metric.interval.info": "300",
    "metric.sample -n 1 vm/web cpu.usage.average": r"cpu\.usage\.average",
    "events -n 5": r"\[info\]",
    "events -n 5 vm/web": "",
    "tasks": "Task",
    "alarms": "Alarm Name",
    "alarm.info": "alarm.HostConnectionStateAlarm",
    "option.ls": "VirtualCenter.InstanceName",
    "license.ls": "Key",
    "extension.info": "",
    "fields.ls": "",
    "permissions.ls": "Admin",
    "role.ls": "ReadOnly",
    "role.ls ReadOnly": "System.View",
    "role.usage": "Admin",
}
"""Commands that only read, and what they show."""

CHANGES: dict[str, list[tuple[str, str]]] = {
    "power": [
        ("vm.power -off web", "OK"),
        ("!vm.power -off web", "poweredOff|current state"),
        ("vm.power -on -wait web", "OK"),
        ("vm.ip -wait 5m web", r"192\.0\.2\.10"),
        ("vm.ip -wait 5m -a -v4 web", r"192\.0\.2\.10"),
        ("vm.ip -wait 5m -n ethernet-0 web", r"192\.0\.2\.10"),
        ("vm.power -suspend web", "OK"),
        ("vm.power -on web", "OK"),
        ("vm.ip -wait 5m web", r"192\.0\.2\.10"),
        ("vm.power -reset web", "OK"),
        ("vm.ip -wait 5m web", r"192\.0\.2\.10"),
        ("vm.power -s web", "OK"),
        ("object.collect vm/web -runtime.powerState poweredOff", "poweredOff"),
        ("events -type VmPoweredOffEvent -type VmPoweredOnEvent vm/web", "powered off"),
        ("tasks vm/web", "PowerOn"),
        ("vm.power -on -wait web", "OK"),
        ("vm.ip -wait 5m web", r"192\.0\.2\.10"),
        ("vm.power -r web", "OK"),
    ],
    "making machines": [
        ("vm.create -on=false -host esx1 -ds datastore1 -net 'VM Network' -disk 2G made", ""),
        ("!vm.create -on=false -host esx1 -ds datastore1 -net 'VM Network' made", "already exists"),
        ("vm.change -vm made -m 2048 -c 2 -e guestinfo.a=1 -annotation hello", ""),
        ("vm.info -e made", r"CPU: +2 vCPU[\s\S]*guestinfo\.a: +1"),
        ("vm.change -vm made -latency high -nested-hv-enabled=true", ""),
        ("object.collect -s vm/made config.latencySensitivity.level", r"\Ahigh"),
        ("object.collect -s vm/made config.nestedHVEnabled", r"\Atrue"),
        ("vm.change -vm made -managed-by com.example.backup", ""),
        ("object.collect -s vm/made config.managedBy.extensionKey", "com.example.backup"),
        ("vm.change -vm made -managed-by -", ""),
        ("object.collect -s vm/made config.managedBy", r"\A\Z"),
        ("vm.change -vm made -migrate-encryption required", ""),
        ("object.collect -s vm/made config.migrateEncryption", "required"),
        ("vm.network.add -vm made -net pg1 -net.adapter vmxnet3", ""),
        ("vm.disk.create -vm made -ds datastore1 -name made/more -size 1G", ""),
        ("device.ls -vm made", r"ethernet-1[\s\S]*disk-\d+-1"),
        ("device.remove -vm made ethernet-1", ""),
        ("vm.clone -vm made -on=false -host esx2 -ds datastore1 copy", "OK"),
        ("object.rename vm/copy 'co/py'", "OK"),
        ("ls vm", "co%2fpy"),
        ("vm.destroy 'co%2fpy'", ""),
        ("!vm.info -vm.ipath /Datacenter/vm/copy", "no such VM"),
        ("vm.markastemplate made", ""),
        ("!vm.power -on made", ""),
        ("vm.markasvm -host esx3 made", ""),
        ("vm.unregister made", ""),
        ("datastore.ls -ds datastore1 made", r"made\.vmx"),
        ("vm.register -ds datastore1 -host esx1 made/made.vmx", ""),
        ("vm.power -on made", "OK"),
    ],
    "snapshots": [
        ("snapshot.create -vm web -m=false one", ""),
        ("snapshot.create -vm web -m=false two", ""),
        ("snapshot.tree -vm web", r"one[\s\S]*two"),
        ("snapshot.revert -vm web one", ""),
        ("snapshot.remove -vm web two", ""),
        ("!snapshot.revert -vm web two", "not found"),
        ("snapshot.remove -vm web '*'", ""),
    ],
    "moves": [
        ("vm.migrate -host esx3 web", "OK"),
        ("vm.info web", "Host: +esx3"),
        ("events -type VmMigratedEvent vm/web", "esx1 to esx3"),
        ("vm.migrate -ds esx3-local spare", "OK"),
    ],
    "hosts": [
        ("host.maintenance.enter esx1", "OK"),
        ("host.info esx1", "Maintenance"),
        ("find -i / -type h -name esx1", "HostSystem:"),
        ("find vm -type m -runtime.host $said", r"\A\Z"),
        ("host.maintenance.exit esx1", "OK"),
        ("host.disconnect esx2", "OK"),
        ("object.collect -s vm/db runtime.connectionState", "disconnected"),
        ("!vm.power -off db", ""),
        ("host.reconnect esx2", "OK"),
        ("object.collect -s vm/db runtime.connectionState", r"\Aconnected"),
        ("host.service -host esx1 start TSM-SSH", ""),
        ("host.service -host esx1 status TSM-SSH", "Running"),
        ("vm.power -off -force web bare", ""),
        ("host.shutdown -f esx9", "OK"),
    ],
    "a host that guests keep out of maintenance": [
        ("cluster.change -drs-enabled=false c1", ""),
        ("!host.maintenance.enter -timeout 60 esx1", "imed ?out"),
        ("vm.power -off -force web bare", ""),
        ("host.maintenance.enter -timeout 60 esx1", "OK"),
    ],
    "clusters": [
        ("cluster.change -ha-enabled -ha-admission-control-enabled=false c1", ""),
        ("object.collect -s host/c1 configurationEx.dasConfig.enabled", "true"),
        ("cluster.rule.create -cluster c1 -name apart -enable -anti-affinity web db", ""),
        ("cluster.rule.ls -cluster c1 -l", r"apart \(ClusterAntiAffinityRuleSpec\)"),
        ("cluster.rule.info -cluster c1", "VM: +web"),
        ("cluster.rule.change -cluster c1 -name apart web db bare", ""),
        ("cluster.rule.ls -cluster c1 -name apart", "bare"),
        ("cluster.rule.remove -cluster c1 -name apart", ""),
        ("cluster.group.create -cluster c1 -name vms -vm web db", ""),
        ("cluster.group.ls -cluster c1 -name vms", r"web\s+db"),
        ("cluster.group.remove -cluster c1 -name vms", ""),
        ("cluster.override.change -vm web -ha-restart-priority high", ""),
        ("cluster.override.info -cluster c1", "High"),
        ("cluster.override.remove -vm web", ""),
        ("cluster.create c2", ""),
        ("host.maintenance.enter esx3", "OK"),
        ("cluster.mv -cluster c2 esx3", "OK"),
        ("ls host/c2", "esx3"),
    ],
    "inventory": [
        ("folder.create vm/f1", ""),
        ("object.mv vm/web vm/f1", "OK"),
        ("ls vm/f1", "/Datacenter/vm/f1/web"),
        ("pool.create /Datacenter/host/c1/Resources/p1", ""),
        ("pool.change -mem.limit 4096 /Datacenter/host/c1/Resources/p1", ""),
        ("pool.info /Datacenter/host/c1/Resources/p1", "p1"),
        ("pool.destroy /Datacenter/host/c1/Resources/p1", ""),
        ("find / -type p -name p1", r"\A\Z"),
        ("datacenter.create dc2", ""),
        ("dvs.create -dc dc2 dvs2", "OK"),
        ("dvs.portgroup.add -dc dc2 -dvs dvs2 -vlan 7 net7", "OK"),
        ("ls dc2:/network -dc dc2", ""),
        ("object.destroy /dc2", "OK"),
        ("fields.add owner", ""),
        ("fields.set owner me vm/f1/web", ""),
        ("fields.info vm/f1/web", "me"),
        ("fields.rm owner", ""),
        ("option.set -h", "Usage"),
    ],
    "alarms": [
        ("alarm.create -n mine -green my.good -yellow my.bad -type VirtualMachine", "alarm-"),
        ("!alarm.create -n mine", "already exists"),
        ("event.post -s warning -i my.bad vm/web", ""),
        ("alarms vm/web", "Warning"),
        ("object.collect -s / triggeredAlarmState", "."),
        ("alarms -ack vm/web", ""),
        ("event.post -s info -i my.good vm/web", ""),
        ("object.collect -s / triggeredAlarmState", r"\A\Z"),
        ("!alarm.create -n mine -r -d 'It has no condition'", "spec.expression"),
        ("alarm.create -n mine -r -green my.good -red my.bad", ""),
        ("alarm.create -n other -green my.good -red my.bad", "alarm-"),
        ("alarm.rm $said", ""),
        ("alarm.info -n other", r"\A\Z"),
    ],
    "hosts' certificates": [
        ("host.cert.info -host esx1", "Status: +good"),
        ("host.cert.csr -host esx1 -ip", "BEGIN CERTIFICATE REQUEST"),
        ("!host.cert.import -host esx1 /nonexistent", "no such file"),
        ("about.cert -show", "BEGIN CERTIFICATE"),
    ],
    "roles and permissions": [
        ("role.create operator VirtualMachine.Interact.PowerOn", ""),
        ("role.ls operator", r"VirtualMachine\.Interact\.PowerOn"),
        ("!role.create operator", "already exists"),
        ("!role.update operator Nothing.Such", ""),
        ("role.update -a operator VirtualMachine.Interact.PowerOff", ""),
        ("permissions.set -principal bob@vsphere.local -role operator vm/web", ""),
        ("permissions.ls vm/web", "operator.*VSPHERE.LOCAL.[Bb]ob"),
        ("role.usage operator", "(?i)bob"),
        ("!role.remove operator", "in use|used"),
        ("permissions.remove -principal bob@vsphere.local vm/web", ""),
        ("role.remove operator", ""),
        ("!role.ls operator", "not found"),
    ],
}
"""Commands that change something, by what they are about."""


class Govc:
    """Runs govc against a lab's vCenter."""

    def __init__(self, lab: Lab) -> None:
        program = os.environ.get("HVSIM_GOVC") or shutil.which("govc")
        need(
            program is not None and os.access(program, os.X_OK),
            "govc is not installed: build it with `go build` in tests/clients/govc",
        )
        self._program = str(program)
        ((_, urls),) = lab.doors()
        url = next(one for one in urls if one.startswith("https"))
        self._env = {
            "GOVC_URL": f"{url.rstrip('/')}/sdk",
            "GOVC_USERNAME": "administrator@vsphere.local",
            "GOVC_PASSWORD": "secret",
            "GOVC_INSECURE": "1",
            "GOVC_PERSIST_SESSION": "false",
            "GOVC_SHOW_UNRELEASED": "true",
            "HOME": "/nonexistent",
        }

    def run(self, command: str, **env: str) -> tuple[int, str]:
        """Run a command; return its status and what it said."""
        ended = subprocess.run(  # noqa: S603 - the program looked for above
            [self._program, *shlex.split(command)],
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
            env=self._env | env,
            stdin=subprocess.DEVNULL,
        )
        return ended.returncode, ended.stdout.strip() + ended.stderr.strip()

    def said(self, command: str) -> str:
        """Run a command that has to succeed; return what it said."""
        status, said = self.run(command)
        assert status == 0, f"govc {command}: {said}"
        return said


@pytest.fixture
def lab() -> Iterator[Lab]:
    vcenter = vcenter_lab(cluster={"drs": "fullyAutomated"}, networks=NETWORKS, accounts=ACCOUNTS)
    vcenter.world.clock = Clock(ClockMode.SKIP_IDLE, 60.0)
    with Lab(vcenter.world) as running:
        yield running


@pytest.fixture
def govc(lab: Lab) -> Govc:
    return Govc(lab)


def test_what_only_reads(govc: Govc) -> None:
    wrong = []
    for command, shows in READS.items():
        status, said = govc.run(command)
        if status != 0 or re.search(shows, said) is None:
            wrong.append(f"govc {command}: {status} {said[:300]}")
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("steps", CHANGES.values(), ids=CHANGES)
def test_what_changes_something(govc: Govc, steps: list[tuple[str, str]]) -> None:
    said = ""
    for step, shows in steps:
        command = step.removeprefix("!").replace("$said", said)
        status, said = govc.run(command)
        assert (status != 0) == step.startswith("!"), f"govc {command}: {said}"
        assert re.search(shows, said), f"govc {command}: {said}"


def test_a_collector_sees_what_another_client_changes(govc: Govc) -> None:
    waiting = subprocess.Popen(  # noqa: S603 - the program looked for above
        [govc._program, "object.collect", "vm/web", "-runtime.powerState", "poweredOff"],
        env=govc._env,
        stdout=subprocess.PIPE,
        text=True,
    )
    govc.said("vm.power -off web")
    said, _ = waiting.communicate(timeout=PATIENCE)
    assert waiting.returncode == 0
    assert "poweredOff" in said


def test_a_user_does_what_permissions_let_and_no_more(govc: Govc) -> None:
    govc.said("role.create operator VirtualMachine.Interact.PowerOff")
    govc.said("permissions.set -principal bob@vsphere.local -role operator vm/web")
    bob = {"GOVC_USERNAME": "bob@vsphere.local", "GOVC_PASSWORD": "builder"}
    status, said = govc.run("vm.power -off db", **bob)
    assert status != 0
    assert "NoPermission" in said or "denied" in said
    assert govc.run("vm.power -off web", **bob)[0] == 0
    govc.said("permissions.remove -principal bob@vsphere.local /")
    assert govc.run("find / -type m", **bob) == (0, "/Datacenter/vm/web")


def test_a_token_that_was_issued_logs_in(govc: Govc) -> None:
    place = govc._env["GOVC_URL"]
    token = govc.said("session.login -issue")
    assert "<saml2:Assertion" in token
    nobody = {"GOVC_USERNAME": "", "GOVC_PASSWORD": "", "GOVC_URL": place}
    status, said = govc.run(f"session.login -l -token {shlex.quote(token)}", **nobody)
    assert status == 0, said
    status, said = govc.run("session.login -issue", GOVC_PASSWORD="wrong")
    assert status != 0
    assert "Invalid credentials" in said


@pytest.mark.parametrize("kind", ["ovf", "ova"])
def test_a_package_is_imported(govc: Govc, tmp_path: Path, kind: str) -> None:
    (tmp_path / "box.ovf").write_text(PACKAGE, "utf-8")
    (tmp_path / "box-disk1.vmdk").write_bytes(b"contents!")
    with tarfile.open(tmp_path / "box.ova", "w") as package:
        for name in ("box.ovf", "box-disk1.vmdk"):
            package.add(tmp_path / name, name)
    assert '"Name": "nat"' in govc.said(f"import.spec {tmp_path}/box.ovf")
    where = "-ds datastore1 -pool /Datacenter/host/c1/Resources"
    said = govc.said(f"import.{kind} {where} -name imported {tmp_path}/box.{kind}")
    assert re.search(r"Uploading box-disk1\.vmdk.*OK", said)
    assert re.search(r"Memory: +512MB[\s\S]*CPU: +2 vCPU", govc.said("vm.info imported"))
    assert re.search(r"disk-1000-0 .*65,536 KB", govc.said("device.ls -vm imported"))


def test_a_host_that_is_lost_shows_an_alarm(lab: Lab, govc: Govc) -> None:
    with lab.world.access() as world:
        world.hardware.crash("esx9", Silence.DROPPED)
    lab.world.advance(120)
    assert re.search(r"Host connection and power state +\S+ +Alert", govc.said("alarms"))


def test_a_wrong_password_and_none(govc: Govc) -> None:
    for password in ("wrong", ""):
        status, said = govc.run("ls", GOVC_PASSWORD=password)
        assert status != 0
        assert "incorrect user name or password" in said


def test_what_is_saved_comes_back_and_is_saved_the_same(govc: Govc, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    govc.said(f"object.save -d {first}")
    table: dict[str, Any] = {"name": "again", "address": "127.0.0.77", "load": "first"}
    lines = "".join(f"{key} = {value!r}\n" for key, value in table.items())
    scenario = tmp_path / "lab.toml"
    scenario.write_text("[[vcenter]]\n" + lines, encoding="utf-8")
    with Lab.from_scenario(scenario, clock=Clock(ClockMode.SKIP_IDLE)) as other:
        Govc(other).said(f"object.save -d {second}")
    managers = ("EventManager", "SessionManager", "OptionManager", "ViewManager")
    before = [one for one in savedfiles.read(first) if one[0].type not in managers]
    after = [one for one in savedfiles.read(second) if one[0].type not in managers]
    assert [ref for ref, _ in after] == [ref for ref, _ in before]
    assert after == before
