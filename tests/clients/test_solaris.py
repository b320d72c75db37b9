"""OpenSSH and Ansible's community.general.solaris_zone, unmodified, against hosts with zones."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab
from sandboxes import missing
from zonelabs import ZONES, data

pytestmark = pytest.mark.clients
HERE = Path(__file__).parent


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    need(shutil.which("ssh-keygen") is not None, "OpenSSH is not installed")
    file = tmp_path_factory.mktemp("keys") / "id"
    command = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(file)]
    subprocess.run(command, check=True)  # noqa: S603 - a key of our own
    return file


def lab_of(profile, key, zones=None, **more):
    public = key.with_suffix(".pub").read_text().strip()
    accounts = [{"user": "root", "password": "secret", "keys": [public]}]
    return Lab.from_scenario(
        data(profile, zones, accounts=accounts, **more), clock=Clock(ClockMode.SKIP_IDLE)
    )


class Ssh:
    """The OpenSSH client, with a key."""

    def __init__(self, lab, key):
        host, port = lab.member_url("sol1", "sol1").removeprefix("ssh://").split(":")
        self.host, self.port, self.key = host, port, key

    def __call__(self, line, *options, stdin=""):
        command = ["ssh", "-F", "none", "-i", str(self.key), "-p", self.port]
        command += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        command += ["-o", "LogLevel=ERROR", "-o", "BatchMode=yes", *options]
        return subprocess.run(  # noqa: S603 - to a host of our own
            [*command, f"root@{self.host}", line],
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


@pytest.mark.parametrize("profile", ["solaris-10", "solaris-11", "omnios"])
def test_one_liners_of_inventory_agents(profile, key):
    with lab_of(profile, key) as lab:
        ssh = Ssh(lab, key)
        names = ssh("zoneadm list -p | awk -F: '{ print $2 }'").stdout.split()
        assert names == ["global", "web", "set", "dead"]
        assert ssh("/usr/sbin/zoneadm list -cp | cut -d ':' -f2 | grep -c .").stdout == "7\n"
        assert ssh("uname -s; zonename").stdout == "SunOS\nglobal\n"
        loop = 'for z in $(zoneadm list | grep -v global); do echo "$z"; done'
        assert ssh(loop).stdout.split() == names[1:]
        assert ssh("zoneadm -z web list -p | cut -d: -f3").stdout == "running\n"


def test_a_zones_life_by_one_liners(key):
    with lab_of("solaris-10", key) as lab:
        ssh = Ssh(lab, key)
        made = ssh("zonecfg -z z1", stdin="create -b\nset zonepath=/zones/z1\nexit\n")
        assert (made.returncode, made.stderr) == (0, "z1: No such zone configured\n")
        installed = ssh("zoneadm -z z1 install")
        assert installed.stdout.startswith("Preparing to install zone <z1>.\n")
        assert ssh("zoneadm -z z1 boot && zlogin z1 zonename").stdout == "z1\n"
        again = ssh("zoneadm -z z1 boot")
        assert (again.returncode, again.stderr) == (
            0,
            "zoneadm: zone 'z1': zone is already booted\n",
        )
        assert ssh("zlogin z1 'exit 9'").returncode == 9
        assert ssh("zoneadm -z z1 halt; zoneadm -z z1 uninstall -F").returncode == 0
        assert ssh("zonecfg -z z1 delete -F").returncode == 0
        gone = ssh("zoneadm -z z1 list")
        assert (gone.returncode, gone.stderr) == (1, "zoneadm: z1: No such zone configured\n")


def test_puppets_way_of_configuring(key):
    with lab_of("solaris-10", key) as lab:
        ssh = Ssh(lab, key)
        text = "create -b\\nset zonepath=/zones/p1\\nset autoboot=true\\n"
        assert ssh(f'printf "{text}" | /usr/sbin/zonecfg -z p1 -f -').returncode == 0
        assert "autoboot: true\n" in ssh("/usr/sbin/zonecfg -z p1 info").stdout
        refused = ssh(
            'echo "set zonepath=/x" | /usr/sbin/zonecfg -z web -f - 2>&1 | grep "not allowed"'
        )
        assert refused.returncode == 0


def test_a_terminal_edits_a_configuration(key):
    with lab_of("solaris-10", key) as lab:
        typed = "create -b\nset zonepath=/zones/t1\nexit\n"
        told = Ssh(lab, key)("zonecfg -z t1", "-tt", stdin=typed)
        assert told.returncode == 0
        assert "zonecfg:t1> " in told.stdout
        assert lab.world.product("sol1").zones["t1"].config.zonepath == "/zones/t1"


def test_a_terminal_is_asked_and_enters_a_zone(key):
    with lab_of("solaris-10", key) as lab:
        ssh = Ssh(lab, key)
        told = ssh("zlogin web", "-tt", stdin="zonename\nexit\n")
        assert "[Connected to zone 'web' pts/" in told.stdout
        # What is typed early is echoed before the prompt.
        assert re.search(r"^(# )?web$", told.stdout, re.MULTILINE)
        assert "[Connection to zone 'web' pts/" in told.stdout
        asked = ssh("zoneadm -z db uninstall", "-tt", stdin="n\n")
        assert "Are you sure you want to uninstall zone db (y/[n])? " in asked.stdout
        assert lab.world.product("sol1").zones["db"].state == "installed"
        assert ssh("zoneadm -z db uninstall", "-tt", stdin="y\n").returncode == 0
        assert lab.world.product("sol1").zones["db"].state == "configured"


def test_one_master_connection_serves_many_commands(key, tmp_path):
    with lab_of("solaris-11", key) as lab:
        ssh = Ssh(lab, key)
        shared = ("-o", f"ControlPath={tmp_path}/cm", "-o", "ControlMaster=auto")
        shared += ("-o", "ControlPersist=30")
        answers = [ssh("zoneadm -z web list -p", *shared).stdout for _ in range(5)]
        assert len(set(answers)) == 1
        assert answers[0].startswith("1:web:running:")
        ssh("", *shared, "-O", "exit")


def test_an_install_outlives_its_client(key):
    with lab_of("solaris-10", key) as lab:
        lab.perform("stage.hold", name="h", operation="zone.install", stage="copy")
        ssh = Ssh(lab, key)
        command = ["timeout", "1", "ssh", "-F", "none", "-i", str(key), "-p", ssh.port]
        command += ["-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null"]
        command += ["-o", "LogLevel=ERROR", f"root@{ssh.host}", "zoneadm -z new install"]
        subprocess.run(command, check=False, capture_output=True)  # noqa: S603 - see above
        busy = ssh("zoneadm -z new boot")
        assert "must be installed before boot" in busy.stderr
        assert ssh("zoneadm -z new list -p | cut -d: -f3").stdout == "incomplete\n"
        lab.perform("stage.release", name="h")
        zone = lab.world.product("sol1").zones["new"]
        assert lab.world.park(("zones/sol1",), lambda: zone.state == "installed", 20)


# Ansible


def ansible(name):
    runner = os.environ.get("HVSIM_ANSIBLE")
    return str(Path(runner).with_name(name)) if runner else shutil.which(name)


class Ansible:
    """Ansible's own programs, against the hosts of a lab over OpenSSH: nothing stands in between.

    Args:
        folder: for what it keeps.
    """

    def __init__(self, lab, key, folder):
        need(ansible("ansible-playbook") is not None, "Ansible is not installed")
        if lab.world.product("sol1").system.remote_code and missing():
            pytest.skip(missing())
        self.folder = folder
        address, port = lab.ssh_address("sol1", "sol1")
        options = "-F none -o ControlMaster=auto -o ControlPersist=30 -o LogLevel=ERROR"
        options += " -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null"
        facts = {"ansible_host": address, "ansible_port": int(port), "ansible_user": "root"}
        facts |= {"ansible_ssh_private_key_file": str(key), "ansible_ssh_args": options}
        facts["ansible_python_interpreter"] = "/usr/bin/python3"
        self.inventory = folder / "inventory.json"
        self.inventory.write_text(json.dumps({"all": {"hosts": {"sol1": facts}}}))

    def __call__(self, name, *arguments):
        environment = os.environ | {
            "HOME": str(self.folder),
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.folder / "cp"),
            "ANSIBLE_LOCALHOST_WARNING": "false",
        }
        return subprocess.run(  # noqa: S603 - our own arguments
            [ansible(name), "-i", str(self.inventory), *arguments],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            env=environment,
        )


def play(run, *, sparse):
    report = run.folder / "report.json"
    given = {"zone": "play1", "path": "/zones/play1", "sparse": sparse, "report": str(report)}
    done = run("ansible-playbook", str(HERE / "ansible" / "zone.yml"), "-e", json.dumps(given))
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads(report.read_text())


CHANGES = {
    "configured": True,
    "configured_again": False,
    "dropped": True,
    "installed": True,
    "installed_again": False,
    "running": True,
    "running_again": False,
    "stopped": True,
    "detached": True,
    "detached_again": False,
    "attached": True,
    "attached_again": False,
    "resumed": True,
    "removed": True,
    "removed_again": False,
}


@pytest.mark.timeout(300)
@pytest.mark.parametrize("profile", ["solaris-10", "omnios"])
def test_ansible_module_makes_and_removes_a_zone_on_its_host(profile, key, tmp_path):
    with lab_of(profile, key, ZONES, remote_code=True) as lab:
        told = play(Ansible(lab, key, tmp_path), sparse=profile == "solaris-10")
        assert {name: answer["changed"] for name, answer in told.items()} == CHANGES
        assert "play1" not in lab.world.product("sol1").zones
        calls = [entry.call for entry in lab.wirelog.entries(since=0) if entry.is_write]
        for call in ("install", "boot", "halt", "detach", "attach", "uninstall"):
            assert f"zoneadm {call}" in calls
        written = {event.subject for event in lab.world.log.since(0) if event.kind == "file"}
        assert "zones/sol1/zones/play1/root/etc/shadow" in written
        assert "zones/sol1/zones/play1/root/etc/ssh/ssh_host_dsa_key.pub" in written


def test_ansible_plays_raw_lines_on_a_host_without_an_interpreter(key, tmp_path):
    with lab_of("solaris-11", key) as lab:
        done = Ansible(lab, key, tmp_path)(
            "ansible-playbook", str(HERE / "ansible" / "raw.yml"), "-v"
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "failed=0" in done.stdout
        assert "raw1" not in lab.world.product("sol1").zones
        calls = [entry.call for entry in lab.wirelog.entries(since=0) if entry.is_write]
        assert [call for call in calls if call.startswith("zoneadm")] == [
            "zoneadm install",
            "zoneadm boot",
            "zoneadm uninstall",
            "zoneadm halt",
            "zoneadm uninstall",
        ]


def test_ansibles_own_modules_find_solaris(key, tmp_path):
    with lab_of("solaris-10", key, remote_code=True) as lab:
        run = Ansible(lab, key, tmp_path)
        pong = run("ansible", "all", "-m", "ping")
        assert pong.returncode == 0, pong.stdout + pong.stderr
        told = run("ansible", "all", "-m", "setup")
        assert told.returncode == 0, told.stdout + told.stderr
        facts = json.loads(told.stdout.partition("=>")[2])["ansible_facts"]
        expected = {
            "distribution": "Solaris",
            "distribution_version": "10",
            "hostname": "sol1",
            "kernel": "5.10",
            "machine": "i86pc",
            "memtotal_mb": 32 * 1024,
            "os_family": "Solaris",
            "processor_cores": 8,
            "system": "SunOS",
        }
        assert {name: facts[f"ansible_{name}"] for name in expected} == expected
        made = run(
            *("ansible", "all", "-m", "copy", "-a"),
            "content=here dest=/export/home/x mode=0640",
        )
        assert made.returncode == 0, made.stdout + made.stderr
        assert Ssh(lab, key)("cat /export/home/x").stdout == "here"
