"""What a lab says about RHEL5-Xen hosts and their guests."""

from __future__ import annotations

from typing import Annotated, Final, Literal

import msgspec

GIB: Final = 2**30

Bytes = Annotated[int, msgspec.Meta(ge=2**20, le=2**50)]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$", max_length=63)]
"""What libvirt lets a domain be called; its file has the same name."""
Action = Literal["destroy", "restart", "preserve", "rename-restart"]


class XenGuestSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A guest. Sizes are bytes.

    Attributes:
        state: ``running``, ``paused`` (suspended on the host's console) or ``off``.
        host: where its file lies, and where it runs; None takes the first host.
        defined_on: further hosts that have its file.
        autostart: whether it starts with its host.
        shared: whether its disk lies on storage that every host reaches.
        hvm: whether it is fully virtualised.
    """

    name: Name
    state: Literal["running", "paused", "off"] = "off"
    host: str | None = None
    defined_on: list[str] = msgspec.field(default_factory=list)
    uuid: str = ""
    memory: Bytes = 512 * 2**20
    maxmem: Bytes | None = None
    vcpus: Annotated[int, msgspec.Meta(ge=1, le=32)] = 1
    autostart: bool = False
    shared: bool = True
    hvm: bool = False
    on_poweroff: Action = "destroy"
    on_reboot: Action = "restart"
    on_crash: Action = "restart"


class XenHostSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A host; what is left out is its server's, if the scenario describes that, or generated.

    ``relocation`` is whether its xend takes domains from other hosts (xend's own default is no).
    """

    name: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=63)]
    address: str | None = None
    cpus: Annotated[int, msgspec.Meta(ge=1, le=256)] | None = None
    memory: Bytes | None = None
    relocation: bool = True


class XenAccountSpec(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Somebody who may log in over SSH; ``root`` has the password ``hvsim`` unless it is here."""

    user: Annotated[str, msgspec.Meta(pattern=r"^[a-z_][a-z0-9_-]*$", max_length=32)]
    password: str | None = None
    keys: list[str] = msgspec.field(default_factory=list)


class SiteSpec(msgspec.Struct, kw_only=True):
    """Hosts with everything written out; ``bandwidth`` is bytes a second of a copy."""

    name: str
    hosts: list[XenHostSpec]
    guests: list[XenGuestSpec] = msgspec.field(default_factory=list)
    accounts: list[XenAccountSpec] = msgspec.field(default_factory=list)
    profile: str = "rhel5-xen"
    storage: str | None = None
    bandwidth: int = 125_000_000
    remote_code: bool = False
    behaviours: dict[str, bool] = msgspec.field(default_factory=dict)

    @property
    def storage_name(self) -> str:
        """The shared storage that guests' disks lie on."""
        return self.storage or f"{self.name}-images"
