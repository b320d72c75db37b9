"""What is said in each recording. Every script checks the answers it gets, live or recorded."""

from __future__ import annotations

import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from golden.player import OPERATOR, PASSWORD, JsonClient, Player, guest, refusal
from hvsim.clock import ClockMode
from labs import PROFILES

Script = Callable[[Any], None]
"""Plays its part with the profile's own player."""


@dataclass(frozen=True)
class Recording:
    """A script in one profile.

    Attributes:
        clock: ``skip-idle`` for calls that wait for their end; ``stepped`` where the script
            itself lets time pass.
    """

    profile: str
    name: str
    play: Script
    clock: ClockMode

    def __str__(self) -> str:
        return f"{self.profile}/{self.name}"


_recordings: list[Recording] = []


def script(
    name: str, clock: ClockMode = ClockMode.SKIP_IDLE, profiles: tuple[str, ...] = PROFILES
) -> Callable[[Script], Script]:
    """Register a script for profiles."""

    def register(play: Script) -> Script:
        _recordings.extend(Recording(profile, name, play, clock) for profile in profiles)
        return play

    return register


def recordings() -> list[Recording]:
    """Return every recording there is to be."""
    return sorted(_recordings, key=str)


@script("login")
def login(player: Player) -> None:
    """Logins good and bad, what a session knows of itself, and what is left of it afterwards."""
    with player.session() as session:
        api = session.xenapi
        handle = session.handle
        assert api.session.get_this_host(handle) in api.host.get_all()
        assert api.session.get_record(handle)["uuid"]
        wrong = refusal(session.login_with_password, "root", "not-the-password", "1.0", "golden")
        assert wrong[0] == "SESSION_AUTHENTICATION_FAILED"
    # Without the SDK, which would log in again on its own.
    bare = xmlrpc.client.ServerProxy(player.url())
    answer: Any = bare.pool.get_all(handle)
    assert answer == {"Status": "Failure", "ErrorDescription": ["SESSION_INVALID", handle]}


@script("slave")
def slave(player: Player) -> None:
    """A member that is not the master, and a local session on it."""
    address = player.url("host2")
    bare: Any = xmlrpc.client.ServerProxy(address)
    told = bare.session.login_with_password("root", "whatever", "1.0", "golden")
    assert told["ErrorDescription"] == ["HOST_IS_SLAVE", "127.0.0.11"]
    assert bare.session.slave_local_login_with_password("root", "wrong")["Status"] == "Failure"


@script("inventory")
def inventory(player: Player) -> None:
    """What a client reads first."""
    with player.session() as session:
        api = session.xenapi
        assert len(api.host.get_all_records()) == 3
        for cls in ("SR", "network", "PIF", "PBD", "VIF", "host_metrics"):
            assert getattr(api, cls).get_all_records()
        web = guest(api, "web")
        record = api.VM.get_record(web)
        assert record["power_state"] == "Running"
        assert api.VM.get_by_uuid(record["uuid"]) == web
        assert api.VM.get_name_label(web) == "web"
        assert api.VM_guest_metrics.get_record(record["guest_metrics"])
        assert api.VM_metrics.get_record(record["metrics"])
        (vbd,) = [ref for ref in record["VBDs"] if api.VBD.get_type(ref) == "Disk"]
        assert api.VDI.get_record(api.VBD.get_VDI(vbd))["VBDs"] == [vbd]
        running = api.VM.get_all_records_where('field "power_state" = "Suspended"')
        assert running == {}


@script("pool")
def pool(player: Player) -> None:
    """The pool's own facts, read and changed."""
    with player.session() as session:
        api = session.xenapi
        (ref,) = api.pool.get_all()
        assert api.pool.get_record(ref)["ha_enabled"] is False
        master = api.pool.get_master(ref)
        assert api.host.get_address(master) == "127.0.0.11"
        api.pool.set_name_label(ref, "Zürich & <Söhne>")
        assert api.pool.get_name_label(ref) == "Zürich & <Söhne>"
        api.pool.add_to_other_config(ref, "folder", "/golden")
        again = refusal(api.pool.add_to_other_config, ref, "folder", "/other")
        assert again == ["MAP_DUPLICATE_KEY", "pool", "other_config", ref, "folder"]
        api.pool.remove_from_other_config(ref, "folder")
        assert api.host.get_servertime(master)
        assert api.host.get_software_version(master)["product_version"]


@script("power")
def power(player: Player) -> None:
    """A guest's life, each call answered when it has ended."""
    with player.session() as session:
        api = session.xenapi
        ref = guest(api, "spare")
        for call, args, state in (
            ("start", (False, False), "Running"),
            ("pause", (), "Paused"),
            ("unpause", (), "Running"),
            ("suspend", (), "Suspended"),
            ("resume", (False, False), "Running"),
            ("clean_reboot", (), "Running"),
            ("hard_reboot", (), "Running"),
            ("clean_shutdown", (), "Halted"),
            ("start_on", (api.host.get_by_name_label("host3")[0], True, False), "Paused"),
            ("hard_shutdown", (), "Halted"),
        ):
            getattr(api.VM, call)(ref, *args)
            assert api.VM.get_power_state(ref) == state
            # Its agent has to report before it can be asked to shut down or to suspend.
            player.advance(120)
        assert api.VM.get_record(ref)["resident_on"] == "OpaqueRef:NULL"
        assert "start" in api.VM.get_allowed_operations(ref)


@script("tasks-and-events", ClockMode.STEPPED, ("xenserver-8",))
def tasks_and_events(player: Player) -> None:
    """A start that goes on behind a task, followed with ``event.from``."""
    with player.session() as session:
        api = session.xenapi
        ref = guest(api, "spare")
        batch = api.event_from(["task", f"vm/{ref}"], "", 0.0)
        task = api.Async.VM.start(ref, False, False)
        assert api.task.get_status(task) == "pending"
        seen = []
        for _ in range(3):
            player.advance(60)
            batch = api.event_from(["task", f"vm/{ref}"], batch["token"], 0.0)
            seen += [(event["class"], event["operation"]) for event in batch["events"]]
        assert ("vm", "mod") in seen
        assert ("task", "add") in seen
        assert api.task.get_record(task)["status"] == "success"
        api.task.destroy(task)
        gone = api.event_from(["task"], batch["token"], 0.0)
        assert [event["operation"] for event in gone["events"]] == ["del"]
        failed = api.Async.VM.start(ref, False, False)
        assert api.task.get_error_info(failed) == ["VM_BAD_POWER_STATE", ref, "halted", "running"]


@script("tasks-and-events", ClockMode.STEPPED, ("xenserver-5.5",))
def tasks_and_events_2009(player: Player) -> None:
    """A start that goes on behind a task, followed with ``event.register`` and ``event.next``."""
    with player.session() as session:
        api = session.xenapi
        ref = guest(api, "spare")
        early = refusal(api.event.next)
        assert early[0] == "SESSION_NOT_REGISTERED"
        api.event.register(["task", "vm"])
        task = api.Async.VM.start(ref, False, False)
        assert api.task.get_status(task) == "pending"
        told = api.event.next()
        player.advance(180)
        told += api.event.next()
        kinds = {(event["class"], event["operation"]) for event in told}
        assert {("task", "add"), ("task", "mod"), ("vm", "mod")} <= kinds
        assert api.task.get_record(task)["status"] == "success"
        api.task.destroy(task)
        assert [event["operation"] for event in api.event.next()] == ["del"]
        api.event.unregister(["task", "vm"])
        failed = api.Async.VM.start(ref, False, False)
        assert api.task.get_error_info(failed) == ["VM_BAD_POWER_STATE", ref, "halted", "running"]


@script("errors")
def errors(player: Player) -> None:
    """Calls that are refused, each in the release's own words."""
    with player.session() as session:
        api = session.xenapi
        ref = guest(api, "web")
        uuid = "00000000-0000-0000-0000-000000000000"
        assert refusal(api.VM.get_record, "OpaqueRef:x") == ["HANDLE_INVALID", "VM", "OpaqueRef:x"]
        assert refusal(api.VM.get_by_uuid, uuid) == ["UUID_INVALID", "VM", uuid]
        assert refusal(api.VM.start, ref, False, False)[0] == "VM_BAD_POWER_STATE"
        assert refusal(api.VM.fly, ref) == ["MESSAGE_METHOD_UNKNOWN", "VM.fly"]
        assert refusal(api.VM.start, ref)[0] == "MESSAGE_PARAMETER_COUNT_MISMATCH"
        typed = refusal(api.VM.start, ref, "no", False)
        assert typed[0] == ("FIELD_TYPE_ERROR" if player.legacy else "INTERNAL_ERROR")
        assert refusal(api.VM.destroy, ref)[0] in ("VM_BAD_POWER_STATE", "OPERATION_NOT_ALLOWED")
        template = api.VM.get_by_name_label("Other install media")[0]
        assert refusal(api.VM.start, template, False, False)[0] == "VM_IS_TEMPLATE"
        assert refusal(api.host.destroy, api.host.get_all()[0])
    with player.session(*OPERATOR) as session:
        api = session.xenapi
        if player.legacy:
            # Roles came later: whoever may log in may do anything but change root's password.
            told = refusal(api.session.change_password, "", "")
            assert told[0] == "USER_IS_NOT_LOCAL_SUPERUSER"
        else:
            assert refusal(api.host.disable, api.host.get_all()[0])[0] == "RBAC_PERMISSION_DENIED"


@script("snapshot")
def snapshot(player: Player) -> None:
    """A snapshot taken, gone back to where the release can, and thrown away; and a clone."""
    with player.session() as session:
        api = session.xenapi
        ref = guest(api, "spare")
        taken = api.VM.snapshot(ref, "before")
        record = api.VM.get_record(taken)
        assert record["is_a_snapshot"]
        assert record["snapshot_of"] == ref
        assert api.VM.get_snapshots(ref) == [taken]
        if not player.legacy:
            api.VM.revert(taken)
        api.VM.destroy(taken)
        assert api.VM.get_snapshots(ref) == []
        copy = api.VM.clone(ref, "copy")
        assert api.VM.get_record(copy)["power_state"] == "Halted"
        api.VM.destroy(copy)


@script("maintenance")
def maintenance(player: Player) -> None:
    """A guest migrates; then its host is emptied, and put back to use."""
    with player.session() as session:
        api = session.xenapi
        ref = guest(api, "web")
        hosts = {name: api.host.get_by_name_label(name)[0] for name in ("host1", "host2", "host3")}
        assert hosts["host2"] in api.VM.get_possible_hosts(ref)
        api.VM.pool_migrate(ref, hosts["host2"], {"live": "true"})
        assert api.VM.get_resident_on(ref) == hosts["host2"]
        assert api.VM.get_power_state(ref) == "Running"
        api.host.disable(hosts["host2"])
        assert api.host.get_enabled(hosts["host2"]) is False
        refused = refusal(api.VM.start_on, guest(api, "lost"), hosts["host2"], False, False)
        assert refused[:2] == ["HOST_DISABLED", hosts["host2"]]
        assert set(api.host.get_vms_which_prevent_evacuation(hosts["host2"])) <= set(
            api.VM.get_all()
        )
        api.host.evacuate(hosts["host2"])
        assert len(api.host.get_resident_VMs(hosts["host2"])) == 1
        assert api.VM.get_resident_on(ref) in (hosts["host1"], hosts["host3"])
        api.host.enable(hosts["host2"])
        assert api.host.get_record(hosts["host2"])["enabled"] is True


@script("json-rpc", profiles=("xenserver-8",))
def json_rpc(player: Player) -> None:
    """The same API as JSON, in both versions of JSON-RPC."""
    client = JsonClient(player.url())
    session = client.call("session.login_with_password", "root", PASSWORD, "1.0", "golden")[
        "result"
    ]
    (ref,) = client.call("VM.get_by_name_label", session, "spare")["result"]
    assert client.call("VM.start", session, ref, False, False)["result"] == ""
    assert client.call("VM.get_record", session, ref)["result"]["power_state"] == "Running"
    wrong = client.call("VM.start", session, ref, False, False)["error"]
    assert (wrong["code"], wrong["message"]) == (1, "VM_BAD_POWER_STATE")
    old = client.call("VM.start", session, ref, False, False, version=1)
    assert old["error"] == ["VM_BAD_POWER_STATE", ref, "halted", "running"]
    assert client.call("VM.fly", session)["error"]["message"] == "MESSAGE_METHOD_UNKNOWN"
    assert client.call("session.logout", session)["result"] == ""
    client.close()
