"""A site that is built without a scenario answers every message of xend."""

from __future__ import annotations

import subprocess
import sys

SCRIPT = """
from hvsim.rhel5xen.build import build_site
from hvsim.rhel5xen.calls import call
from hvsim.rhel5xen.spec import SiteSpec, XenGuestSpec, XenHostSpec
from hvsim.world import World

world = World(1)
hosts = [XenHostSpec(name=f"h{n}", address=f"127.0.0.{n}") for n in (1, 2)]
guests = [XenGuestSpec(name="web", state="running", host="h1")]
site = build_site(world, SiteSpec(name="site", hosts=hosts, guests=guests))
world.execute(call(world.product("site").hosts["h1"], "domain.migrate", "web", "h2", True))
"""


def test_in_a_process_that_has_loaded_nothing_else() -> None:
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
