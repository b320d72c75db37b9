"""Real clients of vCenter's REST API, unmodified: SDK, Ansible's modules, govc."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from functools import cache
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from clients_support import need
from hvsim.clock import Clock, ClockMode
from hvsim_fakes.lab import Lab
from hvsim_fakes.vcenter.rest import operations
from hvsim_fakes.vcenter.rest.structures import Structure, optional_fields

pytestmark = [pytest.mark.clients, pytest.mark.timeout(300)]
SCRIPTS = Path(__file__).parent / "clients"
USER, PASSWORD = "administrator@vsphere.local", "secret"
NEEDED = (
    "import ansible_collections.community.vmware, ansible_collections.vmware.vmware_rest, "
    "aiohttp, com.vmware.vcenter_client, pyVmomi, requests"
)


def scenario():
    guests = [
        {"name": "web", "host": "esx1", "power_state": "poweredOn", "address": "192.0.2.10"},
        {"name": "db", "host": "esx2"},
        {"name": "bare", "host": "esx2", "power_state": "poweredOn", "tools": False},
    ]
    accounts = [
        {"user": USER, "password": PASSWORD},
        {"user": "reader@vsphere.local", "password": "read", "role": "ReadOnly"},
    ]
    table = {
        "name": "vc1",
        "clusters": [{"name": "c1", "hosts": [{"name": "esx1"}, {"name": "esx2"}]}],
        "hosts": [{"name": "esx9"}],
        "guests": [{"hostname": f"{guest['name']}.example"} | guest for guest in guests],
        "accounts": accounts,
    }
    return {"name": "rest", "vcenter": [table]}


@pytest.fixture
def server():
    """Host and port of a vCenter whose time goes on whenever everybody waits."""
    with Lab.from_scenario(scenario(), clock=Clock(ClockMode.SKIP_IDLE)) as lab:
        found = next(url for _, urls in lab.doors() for url in urls if url.startswith("https"))
        yield urlsplit(found).netloc


def environment(**more):
    """Return the environment of a client: nothing that makes it distrust the lab."""
    kept = {k: v for k, v in os.environ.items() if not k.endswith("CA_BUNDLE")}
    return kept | {"ANSIBLE_LOCALHOST_WARNING": "false"} | more


@cache
def tool(name):
    """Return a program of Ansible's environment: beside ``HVSIM_ANSIBLE``, or on the path."""
    runner = os.environ.get("HVSIM_ANSIBLE") or shutil.which("ansible-playbook")
    found = Path(runner).with_name(name) if runner else None
    return str(found) if found is not None and found.exists() else None


@cache
def python():
    """Return the interpreter that has all that the clients need, or None."""
    found = tool("python")
    if found is None:
        return None
    done = subprocess.run([found, "-c", NEEDED], capture_output=True, check=False)  # noqa: S603 - found above
    return found if done.returncode == 0 else None


def need_python():
    need(
        python() is not None,
        "Ansible with the SDK is not installed: "
        "pip install ansible aiohttp pyvmomi requests vmware-vcenter",
    )
    return python()


def run(*command, **more):
    done = subprocess.run(  # noqa: S603 - our own scripts
        command, capture_output=True, text=True, timeout=280, check=False, env=environment(**more)
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def play(tmp_path, book, access):
    report = tmp_path / "report.json"
    given = {
        "access": access,
        "report": str(report),
        "ansible_python_interpreter": need_python(),
    }
    runner = tool("ansible-playbook")
    command = [runner, "-i", "localhost,", "-c", "local", str(SCRIPTS / book)]
    run(*command, "-e", json.dumps(given), HOME=str(tmp_path))
    return json.loads(report.read_text())


INTERNAL = "com.vmware.vcenter.cluster.modules"
"""A service that the SDK does not have."""


def structures(kind=Structure):
    for one in kind.__subclasses__():
        yield one
        yield from structures(one)


def test_operations_and_structures_are_those_of_the_sdk():
    told = json.loads(run(need_python(), str(SCRIPTS / "bindings.py")))
    operations.load()
    for one in operations.all_operations():
        if one.service.startswith(INTERNAL):
            continue
        names = set(one.takes.__struct_fields__)
        assert names == told["operations"][one.full_name].keys(), one.full_name
    for one in structures():
        if one.vapi.startswith(INTERNAL):
            continue
        known = told["structures"][one.vapi]
        assert set(one.__struct_fields__) == known.keys(), one.vapi
        optional = {name for name, unset in known.items() if unset}
        anything = {name for name in optional if one.__annotations__.get(name) == "Any"}
        assert optional_fields(one) | anything == optional, one.vapi


def test_the_automation_sdk(server):
    told = json.loads(run(need_python(), str(SCRIPTS / "sdk.py"), server))
    required = "com.vmware.vapi.endpoint.method.authentication.required"
    assert told["sessions"] == {
        "wrong": ["Unauthenticated", required],
        "user": USER,
        "after": ["Unauthenticated", required],
    }
    assert [error for error, _ in told["reader"].values()] == ["Unauthorized", "Unauthorized"]
    found = told["inventory"]
    assert (found["vms"], found["running"]) == (["web", "db", "bare"], ["web", "bare"])
    assert (found["hosts"], found["clusters"], found["folder"]) == (["esx9"], ["c1"], "host")
    assert (found["nic"], found["networks"]) == ("VM Network", ["VM Network"])
    assert (found["identity"], found["version"]) == ("web.example", "8.0.3.00000")
    assert found["missing"] == ["NotFound", "com.vmware.api.vcenter.vm.not_found"]
    on, off, asleep = "POWERED_ON", "POWERED_OFF", "SUSPENDED"
    assert told["power"]["states"] == [on, on, asleep, on, off]
    assert told["power"]["again"][0] == "AlreadyInDesiredState"
    assert told["power"]["reset"][0] == "NotAllowedInCurrentState"
    assert told["tags"] == {
        "category": "sdk",
        "twice": ["AlreadyExists", "cis.tagging.duplicateName.error"],
        "second": ["InvalidArgument", "cis.tagging.invalidArgument.error"],
        "batch": False,
        "attached": True,
        "objects": True,
        "renamed": "uno",
        "left": [],
    }
    assert told["machines"]["names"] == ["sdk", "copy", "copy2"]
    assert told["machines"]["gone"][0] == "NotFound"
    assert (told["hosts"]["state"], told["hosts"]["power"]) == ("DISCONNECTED", None)
    assert told["hosts"]["again"][0] == "AlreadyInDesiredState"


def test_ansible_tags(server, tmp_path):
    host, _, port = server.partition(":")
    access = {"hostname": host, "port": int(port), "username": USER, "password": PASSWORD}
    told = play(tmp_path, "tags.yml", access | {"validate_certs": False})
    changed = {name: one["changed"] for name, one in told.items()}
    for name in ("made", "renamed", "tagged", "attached", "host", "left", "removed"):
        assert changed[name], name
    for name in ("again", "tagged_again", "attached_again"):
        assert not changed[name], name
    (category,) = told["categories"]["tag_category_info"]
    assert (category["category_name"], category["category_cardinality"]) == ("hue", "MULTIPLE")
    assert [one["tag_name"] for one in told["listed"]["tag_info"]] == ["red", "blue"]
    assert len(told["attached"]["tag_status"]["attached_tags"]) == 2
    assert told["guest"]["instance"]["tags"] == ["red"]
    assert told["missing"]["failed"]
    assert told["rest"]["tag_info"] == []


def test_ansible_rest_modules(server, tmp_path):
    access = {"vcenter_username": USER, "vcenter_password": PASSWORD, "vcenter_hostname": server}
    told = play(tmp_path, "rest.yml", access | {"vcenter_validate_certs": False})
    assert [one["name"] for one in told["datacenters"]["value"]] == ["Datacenter"]
    assert [one["name"] for one in told["hosts"]["value"]] == ["esx1", "esx2", "esx9"]
    assert [one["name"] for one in told["running"]["value"]] == ["web", "bare"]
    assert told["started"]["value"] == {}
    assert told["started_again"]["value"]["error_type"] == "ALREADY_IN_DESIRED_STATE"
    assert told["power"]["value"]["state"] == "POWERED_ON"
    assert told["identity"]["value"]["host_name"] == "web.example"
    assert told["silent"]["value"]["error_type"] == "SERVICE_UNAVAILABLE"
    assert told["disk"]["value"]["capacity"] == 2**30
    assert told["nic"]["value"]["start_connected"]
    assert told["cdrom"]["value"]["backing"]["iso_file"] == "[datastore1] setup.iso"
    changed = ("cpu", "disk", "nic", "nic_removed", "cdrom", "made", "removed")
    for name in (*changed, "datacenter", "pool"):
        assert told[name]["changed"], name
    for name in ("made_again", "removed_again"):
        assert not told[name]["changed"], name
    made = told["made"]["value"]
    assert (made["guest_OS"], made["memory"]["size_MiB"]) == ("RHEL_9_64", 1024)
    assert [disk["capacity"] for disk in made["disks"].values()] == [2**30]
    assert [one["name"] for one in told["lost"]["value"]] == ["esx9"]
    assert told["version"]["value"]["version"] == "8.0.3.00000"


@pytest.fixture
def govc(server, tmp_path):
    program = os.environ.get("HVSIM_GOVC") or shutil.which("govc")
    need(program is not None, "govc is not installed: HVSIM_GOVC names it")
    given = {
        "GOVC_URL": f"https://{server}/sdk",
        "GOVC_USERNAME": USER,
        "GOVC_PASSWORD": PASSWORD,
        "GOVC_INSECURE": "1",
        "GOVMOMI_HOME": str(tmp_path),
    }

    def call(*arguments, fails=False):
        done = subprocess.run(  # noqa: S603 - found above
            [program, *arguments],
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
            env=environment(**given),
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return (done.stderr if fails else done.stdout).strip()

    return call


def test_govc_categories(govc):
    assert govc("tags.category.ls") == ""
    made = govc("tags.category.create", "-d", "of paint", "-m", "colour")
    assert "ALREADY_EXISTS" in govc("tags.category.create", "-m", "colour", fails=True)
    assert govc("tags.category.ls") == "colour"
    (told,) = json.loads(govc("tags.category.info", "-json", "colour"))
    assert (told["id"], told["description"]) == (made, "of paint")
    govc("tags.category.update", "-n", "hue", "-d", "new", "colour")
    assert "new" in govc("tags.category.info", "hue")
    assert "404" in govc("tags.category.info", "colour", fails=True)
    govc("tags.category.rm", "hue")
    assert govc("tags.category.ls") == ""
    assert "INVALID_ARGUMENT" in govc("tags.category.create", "-id", "x", "y", fails=True)


def test_govc_modules_of_a_cluster(govc):
    made = govc("cluster.module.create", "-cluster", "c1")
    govc("cluster.module.vm.add", "-id", made, "web")
    assert "VirtualMachine" in govc("cluster.module.ls", "-id", made)
    govc("cluster.module.vm.rm", "-id", made, "web")
    govc("cluster.module.rm", made)
    assert govc("cluster.module.ls") == ""


def test_govc_tags(govc):
    govc("session.login", "-r")
    govc("tags.category.create", "-m", "colour")
    made = govc("tags.create", "-c", "colour", "-d", "like fire", "red")
    assert "ALREADY_EXISTS" in govc("tags.create", "-c", "colour", "red", fails=True)
    assert govc("tags.ls").split() == ["red", "colour"]
    assert made in govc("tags.info", "red")
    web, host = "/Datacenter/vm/web", "/Datacenter/host/c1/esx1"
    for path in (web, host):
        govc("tags.attach", "red", path)
    assert len(govc("tags.attached.ls", "red").splitlines()) == 2
    assert govc("tags.attached.ls", "-r", web) == "red"
    assert "attached" in govc("tags.rm", "red", fails=True)
    govc("tags.detach", "red", web)
    assert govc("tags.attached.ls", "-r", web) == ""
    govc("tags.update", "-n", "scarlet", "red")
    govc("tags.detach", "scarlet", host)
    govc("tags.rm", "scarlet")
    assert govc("tags.ls") == ""
    govc("tags.category.create", "-t", "VirtualMachine", "single")
    for name in ("a", "b"):
        govc("tags.create", "-c", "single", name)
    govc("tags.attach", "a", web)
    assert "INVALID_ARGUMENT" in govc("tags.attach", "b", web, fails=True)
    assert "INVALID_ARGUMENT" in govc("tags.attach", "a", host, fails=True)


def test_govc_appliance(govc):
    for service in ("consolecli", "dcui", "ssh"):
        for enabled in ("true", "false"):
            govc(f"vcsa.access.{service}.set", f"-enabled={enabled}")
            assert enabled in govc(f"vcsa.access.{service}.get")
    govc("vcsa.access.shell.set", "-enabled=true", "-timeout=240")
    assert "true" in govc("vcsa.access.shell.get")
    govc("vcsa.shutdown.reboot", "-delay", "50", "rebooting for maintenance")
    assert "reboot" in govc("vcsa.shutdown.get")
    govc("vcsa.shutdown.cancel")
    assert "reboot" not in govc("vcsa.shutdown.get")
