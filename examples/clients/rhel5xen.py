"""Pause and resume a domain of a RHEL 5 host with Xen over SSH (pip install asyncssh).

hvsim serve consoles
python examples/clients/rhel5xen.py ssh://127.0.0.11:2222 root hvsim web
"""

import asyncio
import sys
from urllib.parse import urlsplit

import asyncssh


async def main(url: str, user: str, password: str, name: str) -> None:
    """Run the command lines one after the other; each has to succeed."""
    place = urlsplit(url)
    async with asyncssh.connect(
        place.hostname, place.port, username=user, password=password, known_hosts=None
    ) as host:
        for line in (f"xm pause {name}", f"xm list {name}", f"xm unpause {name}", "xm list"):
            answer = await host.run(line, check=True)
            print(f"# {line}\n{answer.stdout}", end="")


asyncio.run(main(*sys.argv[1:]))
