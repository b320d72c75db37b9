"""Stands in for a Solaris host's commands: carries each out on the simulated host over OpenSSH.

Run as the command it is called like. Modules that were written to run on the host itself find
their commands so, and the files that they edit below a zone's path are kept alike on both sides.
"""

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path

_PLACE = json.loads(Path(os.environ["HVSIM_STAND_IN"]).read_text())
_OPTIONS = ["-F", "none", "-i", _PLACE["key"], "-o", "StrictHostKeyChecking=no"]
_OPTIONS += ["-o", "UserKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "BatchMode=yes"]
_TARGET = f"root@{_PLACE['address']}"


def ssh(line, **options):
    command = ["ssh", *_OPTIONS, "-p", str(_PLACE["port"]), _TARGET, line]
    return subprocess.run(command, check=False, **options)  # noqa: S603 - our own arguments


def copy(source, target):
    command = ["scp", "-q", "-r", *_OPTIONS, "-P", str(_PLACE["port"]), source, target]
    subprocess.run(command, check=True)  # noqa: S603 - our own arguments


def main():
    argv = [Path(sys.argv[0]).name, *sys.argv[1:]]
    if argv[0] == "zonecfg" and "-f" in argv:
        # The file is here, and the command that reads it is there.
        file = argv[argv.index("-f") + 1]
        copy(file, f"{_TARGET}:{file}")
    root = f"{_PLACE['path']}/root"
    if argv[-1] == "boot" and Path(root).is_dir():
        copy(f"{root}/etc", f"{_TARGET}:{root}")
    status = ssh(shlex.join(argv)).returncode
    if "install" in argv and status == 0:
        Path(root).mkdir(parents=True, exist_ok=True)
        copy(f"{_TARGET}:{root}/etc", root)
    return status


sys.exit(main())
