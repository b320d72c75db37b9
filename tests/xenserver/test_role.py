"""Roles and permissions, as clients ask for them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

import labs
from hvsim.xenserver.errors import XenError
from hvsim.xenserver.messages import Caller

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask = Callable[..., Any]


@pytest.fixture(name="ask")
def _ask() -> Ask:
    pool = labs.small_pool()
    return lambda verb, *args: pool.call(Caller(), f"role.{verb}", list(args))


def names(ask: Ask, refs: list[str]) -> list[str]:
    return [ask("get_name_label", ref) for ref in refs]


def test_roles_are_composed_of_permissions(ask: Ask) -> None:
    composed = ask("get_all_where", "subroles<>[]")
    assert names(ask, composed) == [
        "vm-power-admin", "vm-admin", "vm-operator", "read-only", "client-cert", "pool-admin",
        "pool-operator",
    ]  # fmt: skip
    assert [ask("get_is_internal", ref) for ref in composed].count(True) == 1
    single = ask("get_all_records_where", "subroles=[]")
    assert all(row["subroles"] == [] and row["is_internal"] for row in single.values())
    assert ask("get_all") == [*single, *composed]
    assert list(ask("get_all_records")) == ask("get_all_where", "what else there is")


def test_references_are_the_products_own(ask: Ask) -> None:
    (admin,) = ask("get_by_name_label", "pool-admin")
    assert ask("get_uuid", admin) == "0165f154-ba3e-034e-6b27-5d271af109ba"
    (start,) = ask("get_by_name_label", "vm.start")
    # MD5 of "VM.start".
    assert ask("get_uuid", start) == "24b924aa-926c-879e-d2c1-fe778e82ccee"
    assert ask("get_by_uuid", ask("get_uuid", start)) == start
    assert ask("get_record", start)["name_label"] == "vm.start"
    assert ask("get_by_name_label", "juggler") == []


def test_permissions_of_a_role_and_roles_of_a_permission(ask: Ask) -> None:
    (operator,) = ask("get_by_name_label", "vm-operator")
    (start,) = ask("get_by_name_label", "vm.start")
    assert start in ask("get_permissions", operator)
    assert ask("get_permissions", start) == [start]
    able = ask("get_permissions_name_label", operator)
    assert {"vm.start", "http/connect_console", "vm.add_to_other_config/key:folder"} <= set(able)
    assert not {"vm.destroy", "http/put_import", "vm.add_to_other_config"} & set(able)
    holders = ["vm-power-admin", "vm-admin", "vm-operator", "pool-admin", "pool-operator"]
    assert names(ask, ask("get_by_permission", start)) == holders
    assert names(ask, ask("get_by_permission_name_label", "vm.start")) == holders
    assert ask("get_by_permission_name_label", "vm.juggle") == []


def test_what_does_not_exist(ask: Ask) -> None:
    for verb in ("get_record", "get_permissions", "get_subroles"):
        with pytest.raises(XenError) as caught:
            ask(verb, "OpaqueRef:x")
        assert caught.value.description == ["HANDLE_INVALID", "role", "OpaqueRef:x"]
    with pytest.raises(XenError) as caught:
        ask("get_by_uuid", "x")
    assert caught.value.description == ["UUID_INVALID", "role", "x"]
