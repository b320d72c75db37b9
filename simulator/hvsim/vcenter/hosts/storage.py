"""A host's own storage: its adapter and its local disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.values import Data, data, signed

if TYPE_CHECKING:
    from hvsim.hardware import Server
    from hvsim.vcenter.store import Store
    from hvsim.vcenter.values import Ref

_ADAPTER: Final = "key-vim.host.ParallelScsiHba-vmhba0"
_TARGET: Final = "key-vim.host.ScsiTopology.Target-vmhba0:0:0"
_BLOCK: Final = 512
LOCAL_SIZE: Final = 256 * 2**30
"""Bytes of the disk that a host's own datastore lies on."""


def devices(server: Server) -> Data:
    """Return the adapter and the disk of a host's server."""
    disk = _disk(server)
    lun = data("HostScsiTopologyLun", key=f"{_TARGET}:0", lun=0, scsiLun=disk["key"])
    target = data("HostScsiTopologyTarget", key=_TARGET, target=0, lun=[lun])
    adapter = data("HostScsiTopologyInterface", key=_ADAPTER, adapter=_ADAPTER, target=[target])
    return data(
        "HostStorageDeviceInfo",
        hostBusAdapter=[
            data(
                "HostParallelScsiHba",
                key=_ADAPTER,
                device="vmhba0",
                bus=3,
                status="unknown",
                model="MegaRAID SAS Invader Controller",
                driver="lsi_mr3",
                pci="0000:03:00.0",
            )
        ],
        scsiLun=[disk],
        scsiTopology=data("HostScsiTopology", adapter=[adapter]),
        multipathInfo=data("HostMultipathInfo", lun=[_paths(disk)]),
        softwareInternetScsiEnabled=False,
    )


def _paths(disk: Data) -> Data:
    """Return the one path to a host's own disk."""
    path = data(
        "HostMultipathInfoPath",
        key="key-vim.host.MultipathInfo.Path-vmhba0:C0:T0:L0",
        name="vmhba0:C0:T0:L0",
        pathState="active",
        state="active",
        isWorkingPath=True,
        adapter=_ADAPTER,
        lun=disk["key"],
    )
    return data(
        "HostMultipathInfoLogicalUnit",
        key=f"key-vim.host.MultipathInfo.LogicalUnit-{disk['uuid']}",
        id=disk["uuid"],
        lun=disk["key"],
        path=[path],
        policy=data("HostMultipathInfoLogicalUnitPolicy", policy="VMW_PSP_FIXED"),
    )


def mounted(store: Store, datastore: Ref) -> Data:
    """Return how a host lists a datastore's volume among those that it has mounted."""
    info: Data = store.value(datastore, "info")
    volume = info["vmfs"] or info["nas"]
    mount = data(
        "HostMountInfo",
        path=info["url"].removeprefix("ds://"),
        accessMode="readWrite",
        mounted=True,
        accessible=True,
    )
    return data("HostFileSystemMountInfo", mountInfo=mount, volume=volume)


def _disk(server: Server) -> Data:
    digits = "".join(f"{byte:02x}" for byte in server.name.encode())[:24].ljust(24, "0")
    name = f"naa.60050760{digits}"
    return data(
        "HostScsiDisk",
        deviceName=f"/vmfs/devices/disks/{name}",
        deviceType="disk",
        key=f"key-vim.host.ScsiDisk-{digits}",
        uuid=digits,
        canonicalName=name,
        displayName=f"Local Disk ({name})",
        lunType="disk",
        vendor="LSI",
        model="Logical Volume",
        operationalState=["ok"],
        capacity=data("HostDiskDimensionsLba", blockSize=_BLOCK, block=LOCAL_SIZE // _BLOCK),
        devicePath=f"/vmfs/devices/disks/{name}",
        ssd=False,
        localDisk=True,
        alternateName=[_durable_name(f"60050760{digits}")],
    )


def _durable_name(naa: str) -> Data:
    """Return a disk's NAA identifier as its page 0x83 of vital product data has it (SPC-4, 7.8.6).

    The page's header, then one designator: binary, of type 3, of a logical unit.
    """
    identifier = bytes.fromhex(naa)
    designator = bytes([0x01, 0x03, 0x00, len(identifier)]) + identifier
    page = bytes([0x00, 0x83, 0x00, len(designator)]) + designator
    told = signed(page)
    return data("ScsiLunDurableName", namespace="GENERIC_VPD", namespaceId=5, data=told)
