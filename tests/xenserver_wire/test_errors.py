"""Errors in each release's own shape."""

import pytest

from hvsim.xenserver.errors import XenError
from hvsim_fakes.xenserver.errors import describe

OLD, NEW = "xenserver-5.5", "xenserver-8"


@pytest.mark.parametrize(
    ("error", "old", "new"),
    [
        (
            XenError("OTHER_OPERATION_IN_PROGRESS", "VM", "r", "clone", "t"),
            ["OTHER_OPERATION_IN_PROGRESS", "VM.clone", "r"],
            ["OTHER_OPERATION_IN_PROGRESS", "VM", "r", "clone", "t"],
        ),
        (
            XenError("OTHER_OPERATION_IN_PROGRESS", "VBD", "r"),
            ["OTHER_OPERATION_IN_PROGRESS", "VBD", "r"],
            ["OTHER_OPERATION_IN_PROGRESS", "VBD", "r"],
        ),
        (
            XenError("VM_IS_TEMPLATE", "r", "start"),
            ["VM_IS_TEMPLATE", "r"],
            ["VM_IS_TEMPLATE", "r", "start"],
        ),
        (
            XenError("VM_OLD_PV_DRIVERS", "r", "5", "0"),
            ["VM_OLD_PV_DRIVERS", "r", "5", "0", "0"],
            ["VM_OLD_PV_DRIVERS", "r", "5", "0"],
        ),
        (
            XenError("HOST_NOT_ENOUGH_FREE_MEMORY", "needed", "there"),
            ["HOST_NOT_ENOUGH_FREE_MEMORY", "there", "needed"],
            ["HOST_NOT_ENOUGH_FREE_MEMORY", "needed", "there"],
        ),
        (
            XenError("HOST_NOT_ENOUGH_FREE_MEMORY", "r"),
            ["HOST_NOT_ENOUGH_FREE_MEMORY", "r"],
            ["HOST_NOT_ENOUGH_FREE_MEMORY", "r"],
        ),
        (
            XenError("VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", "r"),
            ["VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT"],
            ["VM_FAILED_SHUTDOWN_ACKNOWLEDGMENT", "r"],
        ),
        (
            XenError("HOST_EVACUATE_VM_NOT_HA_PROTECTED", "r"),
            ["HOST_NOT_ENOUGH_FREE_MEMORY", "r"],
            ["HOST_EVACUATE_VM_NOT_HA_PROTECTED", "r"],
        ),
        (
            XenError("VM_BAD_POWER_STATE", "r", "halted", "running"),
            ["VM_BAD_POWER_STATE", "r", "halted", "running"],
            ["VM_BAD_POWER_STATE", "r", "halted", "running"],
        ),
    ],
)
def test_shapes(error, old, new):
    assert describe(error, OLD) == old
    assert describe(error, NEW) == new
