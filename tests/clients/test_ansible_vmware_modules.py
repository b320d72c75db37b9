"""Modules of Ansible's community.vmware and vmware.vmware, unmodified, one by one in a lab."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pytest

import vmware_modules
from vmware_modules import Modules, need_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

    from hvsim_fakes.lab import Lab

pytestmark = pytest.mark.clients
Args = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """What a module is asked, and what it has to tell.

    Attributes:
        changed: whether it says that it changed something.
        again: whether it says so when it is asked the same once more.
        check: whether it has a check mode that foretells the change; then it changes nothing.
        shows: what its whole answer must have in it.
        wrong: arguments that name what there is not; ``says`` is in the message it fails with.
        before: other modules that run first.
        undo: arguments that take the change back, which is a change as well.
    """

    module: str
    args: Args = field(default_factory=dict)
    changed: bool = True
    again: bool = False
    check: bool = False
    shows: tuple[str, ...] = ()
    wrong: Args | None = None
    says: str = ""
    before: tuple[tuple[str, Args], ...] = ()
    undo: Args | None = None

    @property
    def title(self) -> str:
        """For reports of tests."""
        return self.module.removeprefix("vmware_")


def info(module: str, args: Args | None = None, *shows: str, **more: Any) -> Case:
    """Return a case that only asks."""
    return Case(module, args or {}, changed=False, shows=shows, **more)


HOST = {"esxi_hostname": "esx1"}
NO_HOST: Args = {"wrong": {"esxi_hostname": "nope"}, "says": "nope"}
CLUSTER = {"cluster_name": "c1", "datacenter": "dc1"}
NO_CLUSTER: Args = {"wrong": {"cluster_name": "nope"}, "says": "nope"}
WEB = {"name": "web", "datacenter": "dc1"}
IDLE = {"name": "idle", "datacenter": "dc1"}
NO_GUEST: Args = {"wrong": {"name": "nope"}, "says": "nope"}
SNAPSHOT = WEB | {"folder": "/dc1/vm", "snapshot_name": "before"}
TAKEN: Args = {"before": (("vmware_guest_snapshot", SNAPSHOT | {"state": "present"}),)}
GROUPS = (
    (
        "vmware_drs_group",
        CLUSTER
        | {"datacenter_name": "dc1", "group_name": "guests", "vms": ["web", "db"]}
        | {"state": "present"},
    ),
    (
        "vmware_drs_group",
        CLUSTER
        | {"datacenter_name": "dc1", "group_name": "hosts", "hosts": ["esx1", "esx2"]}
        | {"state": "present"},
    ),
)

SITE = (
    info("vmware_about_info", {}, "VMware vCenter Server 8.0.3"),
    info("vmware_cluster_info", {"datacenter": "dc1"}, "c1", "esx3"),
    info("vmware_datacenter_info", {}, "dc1"),
    info("vmware_folder_info", {"datacenter": "dc1"}, "vmFolders", wrong={"datacenter": "nope"}),
    info(
        "vmware_datastore_info",
        {"datacenter": "dc1", "gather_vmfs_mount_info": True},
        "ds1",
        "vmfs_uuid",
    ),
    info("vmware_resource_pool_info", {}, "Resources"),
    info("vmware_recommended_datastore", {"datacenter": "dc1", "datastore_cluster": "pod"}),
    info("vmware_vcenter_settings_info", {}, "mail_server_previous"),
    info("vmware_local_role_info", {}, "ReadOnly"),
    info(
        "vmware_object_role_permission_info",
        {"object_name": "c1", "object_type": "ClusterComputeResource"},
    ),
    info("vcenter_extension_info"),
    Case(
        "vmware_local_role_manager",
        {
            "local_role_name": "Keepers",
            "local_privilege_ids": ["Folder.Create"],
            "state": "present",
        },
        check=True,
        undo={"state": "absent"},
    ),
    Case(
        "vmware_object_role_permission",
        {"object_name": "web", "object_type": "VirtualMachine", "role": "ReadOnly"}
        | {"principal": "VSPHERE.LOCAL\\Operator", "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"object_name": "nope"},
        says="nope",
    ),
    info(
        "vmware_vm_config_option",
        {"esxi_hostname": "esx1", "get_hardware_versions": True, "datacenter": "dc1"},
        "vmx-",
    ),
    Case(
        "vmware_vcenter_settings",
        {"mail": {"server": "mail.example", "sender": "vc@example"}},
        check=True,
    ),
    info(
        "vmware_vcenter_statistics",
        {f"interval_past_{span}": {} for span in ("day", "week", "month", "year")},
    ),
    Case(
        "vmware_datacenter",
        {"datacenter_name": "dc2", "state": "present"},
        undo={"state": "absent"},
    ),
    Case(
        "vcenter_folder",
        {"datacenter": "dc1", "folder_name": "f1", "folder_type": "vm"},
        check=True,
        undo={"state": "absent"},
        wrong={"datacenter": "nope"},
        says="nope",
    ),
    Case(
        "vmware_cluster",
        {"cluster_name": "c2", "datacenter_name": "dc1", "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"datacenter_name": "nope"},
        says="nope",
    ),
    Case(
        "vmware_resource_pool",
        {"datacenter": "dc1", "cluster": "c1", "resource_pool": "rp1", "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"cluster": "nope"},
        says="nope",
    ),
    Case(
        "vmware_custom_attribute",
        {"custom_attribute": "Owner", "object_type": "VirtualMachine", "state": "present"},
        check=True,
        undo={"state": "absent"},
    ),
    Case("vmware_guest_custom_attribute_defs", {"attribute_key": "Rack", "state": "present"}),
)
CLUSTERS = (
    Case("vmware_cluster_ha", CLUSTER | {"enable": True}, check=True, **NO_CLUSTER),
    Case(
        "vmware_cluster_drs",
        CLUSTER | {"enable": True, "drs_default_vm_behavior": "partiallyAutomated"},
        check=True,
        **NO_CLUSTER,
    ),
    Case("vmware_cluster_dpm", CLUSTER | {"enable_dpm": True}, check=True, **NO_CLUSTER),
    Case("vmware_cluster_vcls", CLUSTER | {"allowed_datastores": ["ds1"]}, check=True),
    Case(
        "vmware_cluster_drs_recommendations",
        CLUSTER,
        changed=False,
        before=(("vmware_cluster_drs", CLUSTER | {"enable": True}),),
        **NO_CLUSTER,
    ),
    Case(
        "vmware_drs_group",
        GROUPS[0][1],
        check=True,
        undo={"state": "absent"},
        wrong={"vms": ["nope"]},
        says="nope",
    ),
    Case(
        "vmware_drs_group_manager",
        {"cluster": "c1", "datacenter": "dc1", "group_name": "guests", "vms": ["bare"]}
        | {"state": "present"},
        before=GROUPS,
        undo={"state": "absent"},
    ),
    info("vmware_drs_group_info", {"datacenter": "dc1"}, "guests", "esx2", before=GROUPS),
    Case(
        "vmware_vm_host_drs_rule",
        {"cluster_name": "c1", "drs_rule_name": "keep", "vm_group_name": "guests"}
        | {"host_group_name": "hosts", "enabled": True, "mandatory": True},
        before=GROUPS,
        undo={"state": "absent"},
    ),
    Case(
        "vmware_vm_vm_drs_rule",
        {"cluster_name": "c1", "drs_rule_name": "apart", "vms": ["web", "db"]}
        | {"affinity_rule": False, "enabled": True},
        check=True,
        undo={"state": "absent"},
        wrong={"vms": ["nope", "db"]},
        says="nope",
    ),
    info(
        "vmware_drs_rule_info",
        {"datacenter": "dc1"},
        "apart",
        before=(
            (
                "vmware_vm_vm_drs_rule",
                {"cluster_name": "c1", "drs_rule_name": "apart", "vms": ["web", "db"]}
                | {"affinity_rule": False, "enabled": True},
            ),
        ),
    ),
    Case(
        "vmware_drs_override",
        {"vm_name": "web", "drs_behavior": "manual"},
    ),
)
HOSTS = (
    info("vmware_host_facts", HOST, "esx1", "ansible_memtotal_mb", **NO_HOST),
    info("vmware_host_capability_info", HOST, "maintenanceModeSupported"),
    info("vmware_host_config_info", HOST, "UserVars.SuppressShellWarning"),
    info("vmware_host_disk_info", HOST, "vmhba0:C0:T0:L0"),
    info("vmware_host_dns_info", HOST, "esx1"),
    info("vmware_host_feature_info", HOST),
    info("vmware_host_firewall_info", HOST, "sshServer"),
    info("vmware_host_ntp_info", HOST, "ntp_servers"),
    info("vmware_host_service_info", HOST, "NTP Daemon"),
    info("vmware_host_ssl_info", HOST),
    info("vmware_host_vmhba_info", HOST, "vmhba0"),
    info("vmware_host_vmnic_info", HOST, "vmnic0"),
    info("vmware_host_scsidisk_info", HOST, "naa."),
    info("vmware_host_iscsi_info", HOST),
    info("vmware_target_canonical_info", {"cluster_name": "c1"}, "naa."),
    info("vmware_vswitch_info", HOST, "vSwitch0"),
    info("vmware_portgroup_info", HOST, "Management Network", **NO_HOST),
    info("vmware_vmkernel_info", HOST, "vmk0", **NO_HOST),
    Case(
        "vmware_maintenancemode",
        {"esxi_hostname": "esx3", "timeout": 3600, "state": "present"},
        check=True,
        undo={"state": "absent"},
        **NO_HOST,
    ),
    Case(
        "vmware_host_powerstate",
        {"esxi_hostname": "esx3", "state": "reboot-host"},
        again=True,
        before=(
            ("vmware_maintenancemode", {"esxi_hostname": "esx3", "timeout": 0, "state": "present"}),
        ),
        **NO_HOST,
    ),
    Case(
        "vmware_host",
        {"datacenter_name": "dc1", "cluster": "c1", "esxi_hostname": "esx7"}
        | {"esxi_username": "root", "esxi_password": "secret", "state": "present"}
        | {"fetch_ssl_thumbprint": False},
        check=True,
        wrong={"esxi_hostname": "nope"},
        says="nope",
    ),
    Case(
        "vmware_host_config_manager",
        HOST | {"options": {"NFS.MaxVolumes": 64}},
        check=True,
        **NO_HOST,
    ),
    Case(
        "vmware_host_dns",
        HOST
        | {"type": "static", "host_name": "esx1", "domain": "lab.example"}
        | {"dns_servers": ["192.0.2.1"]},
        check=True,
    ),
    Case(
        "vmware_host_firewall_manager",
        HOST | {"rules": [{"name": "sshServer", "enabled": False}]},
        check=True,
        wrong={"rules": [{"name": "nope", "enabled": False}]},
        says="nope",
    ),
    Case("vmware_host_ipv6", HOST | {"state": "enabled"}, check=True, **NO_HOST),
    Case(
        "vmware_host_lockdown", HOST | {"state": "normal"}, check=True, undo={"state": "disabled"}
    ),
    Case(
        "vmware_host_lockdown_exceptions",
        HOST | {"state": "set", "exception_users": ["backup"]},
        check=True,
    ),
    Case(
        "vmware_host_ntp",
        HOST | {"ntp_servers": ["192.0.2.9"], "state": "present"},
        check=True,
        undo={"state": "absent"},
    ),
    Case(
        "vmware_host_powermgmt_policy", HOST | {"policy": "high-performance"}, check=True, **NO_HOST
    ),
    Case("vmware_host_scanhba", HOST, again=True, **NO_HOST),
    Case(
        "vmware_host_service_manager",
        HOST | {"service_name": "ntpd", "state": "stop"},
        check=True,
        undo={"state": "start"},
    ),
    Case(
        "vmware_host_tcpip_stacks",
        HOST | {"default": {"hostname": "esx1", "domain": "lab.example"}},
        check=True,
    ),
    Case("vmware_host_auto_start", HOST | {"system_defaults": {"enabled": True}}, check=True),
    Case(
        "vmware_host_custom_attributes",
        HOST | {"attributes": [{"name": "Rack", "value": "7"}], "state": "present"},
    ),
    Case("vmware_host_hyperthreading", HOST | {"state": "enabled"}, changed=False),
    Case(
        "vmware_host_datastore",
        HOST
        | {"datastore_name": "nfs1", "datastore_type": "nfs", "nfs_server": "nas.example"}
        | {"nfs_path": "/export", "state": "present"},
        check=True,
        undo={"state": "absent"},
    ),
    Case(
        "vmware_vswitch",
        HOST | {"switch": "vSwitch1", "state": "present"},
        check=True,
        undo={"state": "absent"},
        **NO_HOST,
    ),
    Case(
        "vmware_portgroup",
        HOST | {"switch": "vSwitch0", "portgroup": "tests", "vlan_id": 3, "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"switch": "nope"},
        says="nope",
    ),
    Case(
        "vmware_vmkernel",
        HOST
        | {"vswitch_name": "vSwitch0", "portgroup_name": "VM Network", "state": "present"}
        | {
            "network": {
                "type": "static",
                "ip_address": "192.0.2.40",
                "subnet_mask": "255.255.255.0",
            }
        }
        | {"enable_vmotion": True},
        check=True,
    ),
)
SWITCHES = (
    info("vmware_dvswitch_info", {}, "dvs1", "esx2"),
    info("vmware_dvs_portgroup_info", {"datacenter": "dc1"}, "DPG 1", wrong={"datacenter": "nope"}),
    info("vmware_dvs_portgroup_find", {"vlanid": 7}, "DPG 1"),
    Case(
        "vmware_dvswitch",
        {"datacenter": "dc1", "switch": "dvs2", "mtu": 9000, "uplink_quantity": 2}
        | {"discovery_protocol": "lldp", "discovery_operation": "both", "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"datacenter": "nope"},
        says="nope",
    ),
    Case(
        "vmware_dvs_portgroup",
        {"switch_name": "dvs1", "portgroup_name": "pg2", "vlan_id": "12", "num_ports": 8}
        | {"port_binding": "static", "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"switch_name": "nope"},
        says="nope",
    ),
    Case("vmware_dvswitch_nioc", {"switch": "dvs1", "state": "absent"}, check=True),
    Case("vmware_dvswitch_uplink_pg", {"switch": "dvs1", "name": "uplinks"}, check=True),
    Case(
        "vmware_dvswitch_pvlans",
        {"switch": "dvs1", "primary_pvlans": [{"primary_pvlan_id": 100}], "secondary_pvlans": []},
        check=True,
    ),
    Case("vmware_dvswitch_lacp", {"switch": "dvs1", "support_mode": "enhanced"}, check=True),
    Case("vmware_vm_vss_dvs_migrate", {"vm_name": "web", "dvportgroup_name": "DPG 1"}),
)
GUESTS = (
    info("vmware_guest_info", WEB, "192.0.2.10", **NO_GUEST),
    info("vmware_vm_info", {}, "192.0.2.10", "192.0.2.11"),
    info("vmware_guest_find", {"name": "web"}, "/dc1/vm", **NO_GUEST),
    info("vmware_guest_disk_info", WEB, "web.vmdk", **NO_GUEST),
    info("vmware_guest_boot_info", {"name": "web"}, "bios", **NO_GUEST),
    Case(
        "vmware_guest_tools_wait",
        {"name": "web"},
        again=True,
        shows=("guestToolsRunning",),
        **NO_GUEST,
    ),
    info("vmware_guest_tools_info", {"name": "web"}, "guestToolsRunning", **NO_GUEST),
    info("vmware_guest_customization_info"),
    info("vmware_guest_snapshot_info", WEB | {"folder": "/dc1/vm"}, "before", **TAKEN, **NO_GUEST),
    info("vmware_all_snapshots_info", {"datacenter": "dc1"}, "before", **TAKEN),
    info("vmware_guest_tools_upgrade", WEB, **NO_GUEST),
    info(
        "vmware_guest_network",
        WEB | {"gather_network_info": True},
        "VM Network",
    ),
    Case(
        "vmware_guest_powerstate",
        {"name": "idle", "state": "powered-on"},
        undo={"state": "powered-off"},
        **NO_GUEST,
    ),
    Case(
        "vmware_vmotion",
        {"vm_name": "web", "destination_host": "esx2"},
        check=True,
        wrong={"destination_host": "nope"},
        says="nope",
    ),
    Case(
        "vmware_guest_snapshot",
        SNAPSHOT | {"state": "present"},
        undo={"state": "absent"},
        **NO_GUEST,
    ),
    Case(
        "vmware_guest_move",
        WEB | {"dest_folder": "/dc1/vm/f1"},
        check=True,
        before=(
            ("vcenter_folder", {"datacenter": "dc1", "folder_name": "f1", "folder_type": "vm"}),
        ),
        wrong={"dest_folder": "/dc1/vm/nope"},
        says="does not exist",
    ),
    Case("vmware_guest_boot_manager", {"name": "idle", "boot_delay": 2000}, **NO_GUEST),
    Case(
        "vmware_guest_custom_attributes",
        WEB | {"attributes": [{"name": "Owner", "value": "me"}]},
        check=True,
        undo={"state": "absent"},
        **NO_GUEST,
    ),
    Case(
        "vmware_custom_attribute_manager",
        {"object_name": "web", "object_type": "VirtualMachine"}
        | {"custom_attributes": [{"name": "Owner", "value": "me"}]},
        check=True,
        before=(
            (
                "vmware_custom_attribute",
                {"custom_attribute": "Owner", "object_type": "VirtualMachine", "state": "present"},
            ),
        ),
        wrong={"custom_attributes": [{"name": "nope", "value": "1"}]},
        says="nope",
    ),
    info(
        "vmware_object_custom_attributes_info",
        {"object_type": "VirtualMachine", "object_name": "web"},
        "Owner",
        before=(
            (
                "vmware_guest_custom_attributes",
                WEB | {"attributes": [{"name": "Owner", "value": "me"}]},
            ),
        ),
    ),
    Case(
        "vmware_guest_disk",
        IDLE
        | {
            "disk": [
                {"size_gb": 2, "type": "thin", "datastore": "ds1", "state": "present"}
                | {"scsi_controller": 0, "unit_number": 1}
            ]
        },
        **NO_GUEST,
    ),
    Case(
        "vmware_guest_network",
        IDLE | {"network_name": "DPG 1", "device_type": "vmxnet3", "state": "present"},
        wrong={"network_name": "nope"},
        says="nope",
    ),
    Case(
        "vmware_guest_controller",
        {"name": "idle", "controllers": [{"state": "present", "type": "sata"}], "sleep_time": 0},
        again=True,
        **NO_GUEST,
    ),
    Case("vmware_guest_video", IDLE | {"display_number": 2}, **NO_GUEST),
    Case(
        "vmware_guest_serial_port",
        {
            "name": "idle",
            "backings": [
                {"type": "network", "state": "present", "direction": "client"}
                | {"service_uri": "tcp://6000", "yield_on_poll": True}
            ],
        },
        **NO_GUEST,
    ),
    Case("vmware_guest_tpm", IDLE | {"state": "absent"}, changed=False, **NO_GUEST),
    Case(
        "vmware_guest_register_operation",
        IDLE | {"folder": "/vm", "esxi_hostname": "esx3", "state": "absent"},
        undo={"path": "[ds1] idle/idle.vmx", "state": "present"},
    ),
    Case("vmware_guest_sendkey", {"name": "web", "string_send": "ab"}, again=True, **NO_GUEST),
    Case(
        "vmware_guest",
        IDLE | {"folder": "/dc1/vm", "state": "present", "hardware": {"num_cpus": 4}},
        check=True,
    ),
    Case(
        "vmware_guest",
        {"name": "blank", "datacenter": "dc1", "folder": "/dc1/vm", "cluster": "c1"}
        | {"guest_id": "debian12_64Guest", "state": "present"}
        | {"disk": [{"size_gb": 4, "type": "thin", "datastore": "ds1"}]}
        | {"hardware": {"num_cpus": 1, "memory_mb": 512, "scsi": "paravirtual"}}
        | {"networks": [{"name": "VM Network", "device_type": "vmxnet3"}]},
        check=True,
        undo={"state": "absent"},
        wrong={"cluster": "nope"},
        says="nope",
    ),
    Case(
        "vmware_guest",
        {"name": "copy", "datacenter": "dc1", "folder": "/dc1/vm", "cluster": "c1"}
        | {"template": "golden", "state": "poweredon", "hardware": {"num_cpus": 2}},
        check=True,
        undo={"state": "absent", "force": True},
        wrong={"template": "nope"},
        says="nope",
    ),
)
OWN = {"cluster": "c1", "datacenter": "dc1"}
NO_OWN: Args = {"wrong": {"cluster": "nope"}, "says": "nope"}
NEWER = (
    Case(
        "vmware.vmware.cluster",
        {"name": "c2", "datacenter": "dc1", "state": "present"},
        check=True,
        undo={"state": "absent"},
        wrong={"datacenter": "nope"},
        says="nope",
    ),
    Case("vmware.vmware.cluster_ha", OWN | {"enable": True}, check=True, **NO_OWN),
    Case("vmware.vmware.cluster_drs", OWN | {"enable": True}, check=True, **NO_OWN),
    Case("vmware.vmware.cluster_dpm", OWN | {"enable": True}, check=True, **NO_OWN),
    Case("vmware.vmware.cluster_vcls", OWN | {"allowed_datastores": ["ds1"]}, **NO_OWN),
    info(
        "vmware.vmware.cluster_drs_recommendations",
        OWN,
        before=(("vmware_cluster_drs", CLUSTER | {"enable": True}),),
    ),
    Case(
        "vmware.vmware.esxi_maintenance_mode",
        {"name": "esx3", "enable_maintenance_mode": True},
        check=True,
        undo={"enable_maintenance_mode": False},
        wrong={"name": "nope"},
        says="nope",
    ),
    Case(
        "vmware.vmware.esxi_connection",
        {"name": "esx3", "datacenter": "dc1", "state": "disconnected"},
        check=True,
        undo={"state": "connected"},
        wrong={"name": "nope"},
        says="nope",
    ),
    Case(
        "vmware.vmware.esxi_host",
        OWN
        | {"esxi_host_name": "esx7", "esxi_username": "root", "esxi_password": "secret"}
        | {"state": "present", "ssl_thumbprint": ":".join(["A0"] * 20)},
    ),
    Case(
        "vmware.vmware.folder",
        {"absolute_path": "dc1/vm/new", "state": "present"},
        undo={"state": "absent"},
    ),
    info("vmware.vmware.license_info"),
    Case(
        "vmware.vmware.vm_powerstate",
        {"name": "idle", "datacenter": "dc1", "state": "powered-on"},
        check=True,
        undo={"state": "powered-off"},
        **NO_GUEST,
    ),
    info("vmware.vmware.vm_resource_info", {}, "esx1", "web"),
)
CASES = (*NEWER, *SITE, *CLUSTERS, *HOSTS, *SWITCHES, *GUESTS)


@pytest.fixture(scope="module", name="modules")
def _modules() -> Iterator[Modules]:
    runner = Modules(need_modules())
    yield runner
    runner.close()


@pytest.fixture(name="lab")
def _lab() -> Iterator[Lab]:
    with vmware_modules.lab(quick=True) as lab:
        yield lab


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.title)
def test_a_module_does_what_it_says(case: Case, modules: Modules, lab: Lab) -> None:
    for module, args in case.before:
        done(modules(lab, module, **args))
    if case.check:
        assert done(modules(lab, case.module, check=True, **case.args))["changed"]
    told = done(modules(lab, case.module, **case.args))
    assert bool(told.get("changed")) == case.changed, told
    told.pop("invocation", None)
    for text in case.shows:
        assert text in str(told)
    repeated = done(modules(lab, case.module, **case.args))
    assert bool(repeated.get("changed")) == case.again, repeated
    if case.undo is not None:
        assert done(modules(lab, case.module, **(case.args | case.undo)))["changed"]
    if case.wrong is not None:
        refused = modules(lab, case.module, **(case.args | case.wrong))
        assert refused.get("failed"), refused
        assert case.says in refused["msg"]


def done(told: Args) -> Args:
    """Return what a module told, which is no failure."""
    assert "crash" not in told, told["crash"]
    assert not told.get("failed"), told["msg"]
    return told
