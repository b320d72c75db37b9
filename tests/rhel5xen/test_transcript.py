"""A session at a host's console, compared with the one in the repository."""

from __future__ import annotations

import os
import threading
from pathlib import Path

from hvsim_fakes.rhel5xen.doors import doors_of_site
from hvsim_fakes.shell.local import Outcome, run_command
from hvsim_fakes.wirelog import WireLog
from rhel5labs import site_of, world_of

GOLDEN = Path(__file__).with_name("console.txt")
LINES = (
    "cat /etc/xen/web",
    "xm list",
    "virsh list --all",
    "virsh dominfo web",
    "xm list --long asleep",
    "virsh dumpxml spare",
    "virsh start asleep",
    "xm create web",
    "virsh suspend web",
    "xm list web",
    "virsh migrate --live web xen+ssh://root@beta/",
    "virsh resume web",
    "xm migrate --live web beta",
    "virsh list --all",
    "xm create spare",
    "xm save spare /var/lib/xen/save/spare",
    "xm list",
    "xm restore /var/lib/xen/save/spare",
    "xm reboot -w spare",
    "xm shutdown -w spare",
    "xm uptime",
    "xm vcpu-list",
    "xm migrate asleep nowhere",
    "virsh destroy asleep",
    "virsh destroy asleep",
    "xm suspend asleep",
    "virsh list --all",
)


def _run(world, shell, line: str) -> Outcome:
    """Run a command line, with simulated time going on whenever it waits."""
    done: list[Outcome] = []
    thread = threading.Thread(target=lambda: done.append(run_command(shell, line)))
    thread.start()
    while thread.is_alive():
        thread.join(0.02)
        if world.activity.waiting_for() is not None:
            world.advance_to_next()
    return done[0]


def _transcript() -> str:
    world = world_of()
    shell = doors_of_site(site_of(world), WireLog())[0].shell
    text = []
    for line in LINES:
        done = _run(world, shell, line)
        text += [f"# {line}\n", done.out, done.err, f"[{done.status}]\n" if done.status else ""]
        # The guests go on between two command lines.
        world.advance(60.0)
    return "".join(text)


def test_console_session_is_as_it_was():
    found = _transcript()
    if os.environ.get("HVSIM_RECORD"):
        GOLDEN.write_text(found, "utf-8")
    assert found == GOLDEN.read_text("utf-8"), "set HVSIM_RECORD=1 to record it anew"
