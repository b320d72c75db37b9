"""Operations of guests: the power states they start from, and what they may be combined with.

Read out of xapi's ``xapi_vm_lifecycle``: the release of June 2009 (XenServer 5.5) and today's.
"""

from __future__ import annotations

from typing import Final

HALTED, PAUSED, RUNNING, SUSPENDED = "Halted", "Paused", "Running", "Suspended"
ALL: Final = (HALTED, PAUSED, SUSPENDED, RUNNING)
LIVE: Final = frozenset({RUNNING, PAUSED})

LEGACY_STATES: Final[dict[str, tuple[str, ...]]] = {
    "import": (),
    **dict.fromkeys(("start", "start_on", "provision", "destroy", "make_into_template"), (HALTED,)),
    "unpause": (PAUSED,),
    **dict.fromkeys(("resume", "resume_on", "csvm"), (SUSPENDED,)),
    **dict.fromkeys(
        ("changing_shadow_memory_live", "changing_VCPUs_live", "awaiting_memory_live",
         "changing_memory_live", "data_source_op", "pool_migrate", "suspend", "send_sysrq",
         "send_trigger", "pause", "clean_shutdown", "clean_reboot"),
        (RUNNING,),
    ),
    **dict.fromkeys(("clone", "copy", "export"), (HALTED, SUSPENDED)),
    "hard_reboot": (PAUSED, RUNNING),
    **dict.fromkeys(("get_boot_record", "hard_shutdown"), (PAUSED, SUSPENDED, RUNNING)),
    **dict.fromkeys(
        ("assert_operation_valid", "update_allowed_operations", "power_state_reset", "snapshot"),
        ALL,
    ),
}  # fmt: skip
"""Operation -> power states it starts from, in the order errors list them; XenServer 5.5."""

STATES: Final[dict[str, tuple[str, ...]]] = {
    "import": (),
    **dict.fromkeys(
        ("changing_shadow_memory", "changing_NVRAM", "make_into_template", "provision", "start",
         "start_on", "create_vtpm", "changing_VCPUs", "changing_static_range",
         "changing_memory_limits"),
        (HALTED,),
    ),
    "unpause": (PAUSED,),
    **dict.fromkeys(("csvm", "resume", "resume_on"), (SUSPENDED,)),
    **dict.fromkeys(
        ("awaiting_memory_live", "call_plugin", "clean_reboot", "clean_shutdown",
         "changing_memory_live", "changing_shadow_memory_live", "changing_VCPUs_live",
         "data_source_op", "pause", "pool_migrate", "send_sysrq", "send_trigger",
         "snapshot_with_quiesce", "sysprep", "suspend"),
        (RUNNING,),
    ),
    "changing_dynamic_range": (HALTED, RUNNING),
    **dict.fromkeys(("clone", "copy"), (HALTED,)),
    **dict.fromkeys(("create_template", "destroy", "export"), (HALTED, SUSPENDED)),
    "hard_reboot": (PAUSED, RUNNING),
    **dict.fromkeys(
        ("checkpoint", "get_boot_record", "shutdown", "hard_shutdown"),
        (PAUSED, SUSPENDED, RUNNING),
    ),
    "migrate_send": (HALTED, SUSPENDED, RUNNING),
    **dict.fromkeys(
        ("assert_operation_valid", "metadata_export", "power_state_reset", "revert", "reverting",
         "snapshot", "update_allowed_operations", "query_services"),
        ALL,
    ),
}  # fmt: skip
"""Operation -> power states it starts from, in the order errors list them; XenServer 8."""

FOR_CONTROL_DOMAINS: Final = ("changing_VCPUs", "changing_static_range", "changing_memory_limits")

LEGACY_LISTED: Final = (
    "make_into_template", "pool_migrate", "changing_VCPUs_live", "provision", "destroy", "export",
    "resume_on", "resume", "suspend", "hard_reboot", "hard_shutdown", "clean_reboot",
    "clean_shutdown", "unpause", "pause", "start_on", "start", "clone", "copy", "snapshot",
)  # fmt: skip
"""What ``VM.allowed_operations`` may hold on XenServer 5.5, in its order."""

UNLISTED: Final = frozenset({
    "create_template", "power_state_reset", "csvm", "get_boot_record", "send_sysrq",
    "send_trigger", "query_services", "shutdown", "call_plugin", "changing_memory_live",
    "awaiting_memory_live", "changing_memory_limits", "changing_shadow_memory_live",
    "changing_VCPUs", "assert_operation_valid", "data_source_op", "update_allowed_operations",
    "import", "reverting",
})  # fmt: skip

PAIRS: Final = (
    (("snapshot_with_quiesce",), "snapshot"),
    (("migrate_send",), "metadata_export"),
    (("migrate_send",), "clean_shutdown"),
    (("migrate_send",), "clean_reboot"),
)
"""(Operations under way, the one that may join them) of XenServer 8."""

TEMPLATE_OPERATIONS: Final = frozenset({
    "changing_dynamic_range", "changing_static_range", "changing_memory_limits",
    "changing_shadow_memory", "changing_VCPUs", "changing_NVRAM", "clone", "copy", "export",
    "metadata_export", "provision",
})  # fmt: skip
LEGACY_TEMPLATE_OPERATIONS: Final = frozenset({"clone", "copy", "export", "provision"})
SNAPSHOT_OPERATIONS: Final = frozenset(
    {"revert", "clone", "copy", "export", "destroy", "hard_shutdown", "metadata_export"}
)
CONTROL_DOMAIN_OPERATIONS: Final = frozenset({
    "data_source_op", "changing_memory_live", "awaiting_memory_live", "metadata_export",
    "changing_dynamic_range", "changing_memory_limits", "changing_static_range", "start",
    "start_on", "changing_VCPUs", "destroy",
})  # fmt: skip
LEGACY_CONTROL_DOMAIN_OPERATIONS: Final = frozenset(
    {"data_source_op", "changing_memory_live", "awaiting_memory_live"}
)
MOVES: Final = frozenset({"suspend", "checkpoint", "pool_migrate", "migrate_send"})
SAVES: Final = frozenset({"checkpoint", "snapshot", "suspend", "snapshot_with_quiesce"})
NEEDS_DRIVERS: Final = frozenset(
    {"suspend", "pool_migrate", "clean_shutdown", "clean_reboot", "changing_VCPUs_live"}
)
FEATURES: Final = {
    "clean_shutdown": ("feature-shutdown", "feature-poweroff"),
    "clean_reboot": ("feature-shutdown", "feature-reboot"),
}
OLDEST_MOVABLE_DRIVERS: Final = 4
