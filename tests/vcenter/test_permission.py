"""Roles and permissions: who may do what where."""

from __future__ import annotations

import pytest

from hvsim.vcenter import permission
from hvsim.vcenter.content import ROOT
from hvsim.vcenter.faults import VimFault
from hvsim.vcenter.permission import MANAGER
from hvsim.vcenter.values import data
from vclabs import call, host, kinds, lab, named, vm
from vcshapes import judge

BOB, ADMIN = "bob@vsphere.local", "administrator@vsphere.local"
ON, OFF = "VirtualMachine.Interact.PowerOn", "VirtualMachine.Interact.PowerOff"
ACCOUNTS = [{"user": ADMIN, "password": "secret"}, {"user": BOB, "password": "b", "role": "View"}]


@pytest.fixture
def vcenter():
    made = lab(accounts=ACCOUNTS)
    call(made, MANAGER, "RemoveEntityPermission", entity=ROOT, user=BOB, isGroup=False)
    return made


def role(vcenter, name="operator", *privileges):
    return call(
        vcenter, MANAGER, "AddAuthorizationRole", name=name, privIds=list(privileges or (ON,))
    )


def give(vcenter, ref, number, *, propagate=True, user=BOB):
    one = data("Permission", principal=user, group=False, roleId=number, propagate=propagate)
    call(vcenter, MANAGER, "SetEntityPermissions", entity=ref, permission=[one])


def may(vcenter, ref, privilege=ON, user=BOB):
    return permission.may(vcenter, user, privilege, ref)


def shown(vcenter, ref):
    listed = vcenter.store.value(ref, "permission")
    return [(one["principal"], one["roleId"]) for one in listed]


def test_a_permission_holds_on_its_entity_and_below(vcenter):
    folder = vcenter.store.value(named(vcenter, "Datacenter", "Datacenter"), "vmFolder")
    number = role(vcenter)
    web = vm(vcenter, "web")
    assert not may(vcenter, web)
    give(vcenter, folder, number)
    assert may(vcenter, web)
    assert may(vcenter, folder)
    assert not may(vcenter, web, OFF)
    assert not may(vcenter, host(vcenter, "esx1"))
    assert shown(vcenter, folder) == [("VSPHERE.LOCAL\\Bob", number)]


def test_one_that_does_not_propagate_ends_there(vcenter):
    folder = vcenter.store.value(named(vcenter, "Datacenter", "Datacenter"), "vmFolder")
    give(vcenter, folder, role(vcenter), propagate=False)
    assert may(vcenter, folder)
    assert not may(vcenter, vm(vcenter, "web"))


def test_what_is_nearer_overrides_what_is_above(vcenter):
    give(vcenter, ROOT, role(vcenter))
    web = vm(vcenter, "web")
    assert may(vcenter, web)
    give(vcenter, web, -2)
    assert not may(vcenter, web)
    assert may(vcenter, vm(vcenter, "db"))


def test_a_machine_has_what_its_pool_gives(vcenter):
    cluster = named(vcenter, "ClusterComputeResource", "c1")
    give(vcenter, vcenter.store.value(cluster, "resourcePool"), role(vcenter))
    assert may(vcenter, vm(vcenter, "web"))


def test_who_has_a_permission_sees_the_way_to_it(vcenter):
    web = vm(vcenter, "web")
    give(vcenter, web, -2)
    for ref in (ROOT, vcenter.store.value(web, "parent"), MANAGER):
        assert may(vcenter, ref, "System.View")
    assert not may(vcenter, ROOT, "System.Read")
    assert not may(vcenter, vm(vcenter, "db"), "System.View")
    assert not may(vcenter, MANAGER, "Authorization.ModifyRoles")


def test_parts_of_a_host_count_as_the_host(vcenter):
    esx1 = host(vcenter, "esx1")
    service = vcenter.store.value(esx1, "configManager.serviceSystem")
    give(vcenter, esx1, role(vcenter, "services", "Host.Config.NetService"))
    assert may(vcenter, service, "Host.Config.NetService")
    other = vcenter.store.value(host(vcenter, "esx2"), "configManager.serviceSystem")
    assert not may(vcenter, other, "Host.Config.NetService")


def test_the_last_administrator_stays(vcenter):
    with pytest.raises(VimFault, match="AuthMinimumAdminPermission"):
        call(vcenter, MANAGER, "RemoveEntityPermission", entity=ROOT, user=ADMIN, isGroup=False)
    with pytest.raises(VimFault, match="AuthMinimumAdminPermission"):
        give(vcenter, ROOT, -2, user=ADMIN)
    give(vcenter, ROOT, -1)
    give(vcenter, ROOT, -2, user=ADMIN)
    assert not may(vcenter, ROOT, user=ADMIN)


@pytest.mark.parametrize(
    ("fields", "fault"),
    [
        ({"principal": "nobody@vsphere.local"}, "UserNotFound"),
        ({"roleId": 4711}, "NotFound"),
    ],
)
def test_what_there_is_not_gets_no_permission(vcenter, fields, fault):
    good = data("Permission", principal=BOB, group=False, roleId=-2, propagate=True)
    with pytest.raises(VimFault, match=fault):
        call(
            vcenter,
            MANAGER,
            "SetEntityPermissions",
            entity=ROOT,
            permission=[good.having(**fields)],
        )


def test_permissions_are_replaced_and_taken_away(vcenter):
    web, number = vm(vcenter, "web"), role(vcenter)
    give(vcenter, web, -2)
    one = data("Permission", principal=BOB, group=False, roleId=number, propagate=True)
    call(vcenter, MANAGER, "ResetEntityPermissions", entity=web, permission=[one])
    assert shown(vcenter, web) == [("VSPHERE.LOCAL\\Bob", number)]
    call(vcenter, MANAGER, "ResetEntityPermissions", entity=web)
    assert shown(vcenter, web) == []
    with pytest.raises(VimFault, match="NotFound"):
        call(vcenter, MANAGER, "RemoveEntityPermission", entity=web, user=BOB, isGroup=False)
    assert not vcenter.access.scoped
    last = kinds(vcenter)[-3:]
    assert last == ["PermissionAddedEvent", "PermissionUpdatedEvent", "PermissionRemovedEvent"]
    assert all(judge(told) == [] for told in list(vcenter.events)[-4:])


def test_a_role_has_what_it_is_given_and_may_look(vcenter):
    number = role(vcenter, "operator", ON)
    (made,) = [r for r in vcenter.store.value(MANAGER, "roleList") if r["roleId"] == number]
    assert made["privilege"] == ["System.Anonymous", "System.Read", "System.View", ON]
    assert number > 1000
    call(
        vcenter,
        MANAGER,
        "UpdateAuthorizationRole",
        roleId=number,
        newName="worker",
        privIds=[OFF],
    )
    (made,) = [r for r in vcenter.store.value(MANAGER, "roleList") if r["roleId"] == number]
    assert (made["name"], made["privilege"][-1]) == ("worker", OFF)
    assert all(judge(told) == [] for told in list(vcenter.events)[-2:])


def test_a_role_in_use_goes_only_when_that_is_meant(vcenter):
    web, number = vm(vcenter, "web"), role(vcenter)
    give(vcenter, web, number)
    with pytest.raises(VimFault, match="RemoveFailed"):
        call(vcenter, MANAGER, "RemoveAuthorizationRole", roleId=number, failIfUsed=True)
    call(vcenter, MANAGER, "RemoveAuthorizationRole", roleId=number, failIfUsed=False)
    assert shown(vcenter, web) == []
    assert number not in vcenter.access.roles


def test_a_role_takes_the_place_of_another(vcenter):
    web, number = vm(vcenter, "web"), role(vcenter)
    give(vcenter, web, number)
    call(vcenter, MANAGER, "MergePermissions", srcRoleId=number, dstRoleId=-2)
    assert shown(vcenter, web) == [("VSPHERE.LOCAL\\Bob", -2)]


@pytest.mark.parametrize(
    ("method", "args", "fault"),
    [
        ("AddAuthorizationRole", {"name": "Admin"}, "AlreadyExists"),
        ("AddAuthorizationRole", {"name": ""}, "InvalidName"),
        ("AddAuthorizationRole", {"name": "x", "privIds": ["No.Such"]}, "InvalidArgument"),
        ("UpdateAuthorizationRole", {"roleId": -1, "newName": "x"}, "InvalidArgument"),
        ("UpdateAuthorizationRole", {"roleId": 99, "newName": "x"}, "NotFound"),
        ("RemoveAuthorizationRole", {"roleId": -2, "failIfUsed": False}, "InvalidArgument"),
        ("MergePermissions", {"srcRoleId": 99, "dstRoleId": -1}, "NotFound"),
    ],
)
def test_what_cannot_be_done_to_roles(vcenter, method, args, fault):
    with pytest.raises(VimFault, match=fault):
        call(vcenter, MANAGER, method, **args)
