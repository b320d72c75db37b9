"""Make, install and boot a zone of a Solaris host over SSH (pip install asyncssh).

hvsim serve containers --clock skip-idle
python examples/clients/zones.py ssh://127.0.0.11:2222 root hvsim fresh
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
        for line in (
            f"zonecfg -z {name} 'create; set zonepath=/zones/{name}; commit'",
            f"zoneadm -z {name} install",
            f"zoneadm -z {name} boot",
            "zoneadm list -cv",
        ):
            answer = await host.run(line, check=True)
            print(f"# {line}\n{answer.stdout}", end="")


asyncio.run(main(*sys.argv[1:]))
