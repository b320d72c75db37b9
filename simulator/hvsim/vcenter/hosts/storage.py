"""A host's own storage: its adapter and its local disk."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from hvsim.vcenter.values import Data, data

if TYPE_CHECKING:
    from hvsim.hardware import Server

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
        softwareInternetScsiEnabled=False,
    )


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
    )
