"""Run the benchmarks named on the command line, or all of them."""

from __future__ import annotations

import sys

from benchmarks import parked, records, scale, ssh, vcenter, winrm

ALL = {
    "records": records.run,
    "parked": parked.run,
    "scale": scale.run,
    "vcenter": vcenter.run,
    "ssh": ssh.run,
    "winrm": winrm.run,
}


def main(names: list[str]) -> int:
    unknown = [name for name in names if name not in ALL]
    if unknown:
        print(f"benchmarks: expected {', '.join(ALL)}, not {unknown[0]!r}", file=sys.stderr)
        return 4
    missed = 0
    for name in names or ALL:
        for result in ALL[name]():
            print(result.line(), flush=True)
            missed += result.met is False
    return int(missed > 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
