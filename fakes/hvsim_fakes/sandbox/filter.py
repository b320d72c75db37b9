"""A filter of system calls for the sandbox: what no program of a client has a use for.

The sandbox's walls are its namespaces. The filter keeps from the kernel's less trodden paths:
nested namespaces, mounting, tracing, keys, kernel modules and the like answer "not permitted".
"""

from __future__ import annotations

import errno
import platform
import struct

_LOAD, _EQUAL, _AND_SET, _RETURN = 0x20, 0x15, 0x45, 0x06
"""``BPF_LD|W|ABS``, ``BPF_JMP|JEQ|K``, ``BPF_JMP|JSET|K``, ``BPF_RET|K``."""
_NUMBER, _ARCHITECTURE, _FIRST_ARGUMENT = 0, 4, 16
"""Where things stand in ``struct seccomp_data``."""
_ALLOW, _FAIL, _KILL = 0x7FFF_0000, 0x0005_0000, 0x8000_0000
_NEW_USER = 0x1000_0000
_X32 = 0x4000_0000
"""The bit of x86-64's calls with short pointers, all refused."""

_AUDIT = {"x86_64": 0xC000_003E, "aarch64": 0xC000_00B7}
_CLONE = {"x86_64": (56, 435), "aarch64": (220, 435)}
"""``clone``, ``clone3``."""
_REFUSED = {
    "x86_64": {
        "ptrace": 101,
        "syslog": 103,
        "personality": 135,
        "pivot_root": 155,
        "adjtimex": 159,
        "chroot": 161,
        "acct": 163,
        "settimeofday": 164,
        "mount": 165,
        "umount2": 166,
        "swapon": 167,
        "swapoff": 168,
        "reboot": 169,
        "sethostname": 170,
        "setdomainname": 171,
        "iopl": 172,
        "ioperm": 173,
        "init_module": 175,
        "delete_module": 176,
        "quotactl": 179,
        "clock_settime": 227,
        "kexec_load": 246,
        "add_key": 248,
        "request_key": 249,
        "keyctl": 250,
        "unshare": 272,
        "perf_event_open": 298,
        "fanotify_init": 300,
        "open_by_handle_at": 304,
        "clock_adjtime": 305,
        "setns": 308,
        "process_vm_readv": 310,
        "process_vm_writev": 311,
        "finit_module": 313,
        "kexec_file_load": 320,
        "bpf": 321,
        "userfaultfd": 323,
    },
    "aarch64": {
        "umount2": 39,
        "mount": 40,
        "pivot_root": 41,
        "chroot": 51,
        "quotactl": 60,
        "acct": 89,
        "personality": 92,
        "unshare": 97,
        "kexec_load": 104,
        "init_module": 105,
        "delete_module": 106,
        "clock_settime": 112,
        "syslog": 116,
        "ptrace": 117,
        "reboot": 142,
        "sethostname": 161,
        "setdomainname": 162,
        "settimeofday": 170,
        "adjtimex": 171,
        "add_key": 217,
        "request_key": 218,
        "keyctl": 219,
        "swapon": 224,
        "swapoff": 225,
        "perf_event_open": 241,
        "fanotify_init": 262,
        "open_by_handle_at": 265,
        "clock_adjtime": 266,
        "setns": 268,
        "process_vm_readv": 270,
        "process_vm_writev": 271,
        "finit_module": 273,
        "bpf": 280,
        "userfaultfd": 282,
        "kexec_file_load": 294,
    },
}
_REFUSED_EVERYWHERE = {
    "io_uring_setup": 425,
    "io_uring_enter": 426,
    "io_uring_register": 427,
    "open_tree": 428,
    "move_mount": 429,
    "fsopen": 430,
    "fsconfig": 431,
    "fsmount": 432,
    "fspick": 433,
    "pidfd_getfd": 438,
    "mount_setattr": 442,
    "quotactl_fd": 443,
}
"""Calls of Linux 5.1 and later have one number on all machines."""


def system_call_filter(machine: str | None = None) -> bytes | None:
    """Return the filter as the kernel takes it; None on a machine whose numbers are not known."""
    machine = machine or platform.machine()
    if machine not in _AUDIT:
        return None
    clone, clone3 = _CLONE[machine]
    fail = _instruction(_RETURN, _FAIL | errno.EPERM)
    parts = [
        _instruction(_LOAD, _ARCHITECTURE),
        _instruction(_EQUAL, _AUDIT[machine], 1, 0),
        _instruction(_RETURN, _KILL),
        _instruction(_LOAD, _NUMBER),
    ]
    if machine == "x86_64":
        parts += [_instruction(_AND_SET, _X32, 0, 1), fail]
    for number in (*_REFUSED[machine].values(), *_REFUSED_EVERYWHERE.values()):
        parts += [_instruction(_EQUAL, number, 0, 1), fail]
    parts += [
        # Its arguments lie where no filter sees them: the C library falls back on clone.
        _instruction(_EQUAL, clone3, 0, 1),
        _instruction(_RETURN, _FAIL | errno.ENOSYS),
        _instruction(_EQUAL, clone, 0, 3),
        _instruction(_LOAD, _FIRST_ARGUMENT),
        _instruction(_AND_SET, _NEW_USER, 0, 1),
        fail,
        _instruction(_RETURN, _ALLOW),
    ]
    return b"".join(parts)


def _instruction(code: int, value: int, then: int = 0, otherwise: int = 0) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
