"""The doors of one simulated host: its listeners, which die and come back as the host does."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from hvsim.hardware import Silence
from hvsim.operations import Stage
from hvsim_fakes.server import Listener, Response

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable

    from hvsim.hardware import Server
    from hvsim.operations import Steps
    from hvsim.world import World
    from hvsim_fakes.server import Limits, RawApp, Request


class Entrance:
    """What a listener serves: the host's endpoint, behind the delay of its management link."""

    def __init__(self, world: World, server: Server, endpoint: RawApp) -> None:
        self._world = world
        self._server = server
        self._endpoint = endpoint

    def __call__(self, request: Request, /) -> Response:
        """Answer one request, as late as the link is slow."""
        if self._server.latency > 0 and not self._arrives(request):
            # Nobody is there to read this; what never arrived is not carried out.
            return Response(503)
        return self._endpoint(request)

    def _arrives(self, request: Request) -> bool:
        """Wait for the passage of the link; return False if the client leaves meanwhile."""
        world = self._world
        # The endpoint counts the request itself afterwards.
        with world.activity.request():
            with world.access():
                subject = f"server/{self._server.name}"
                steps = _pass(self._server.latency)
                passage = world.operations.start("link.delay", subject, steps)
                world.engine.settle()
            gone = request.connection.closed
            return world.park((passage.topic,), lambda: passage.done, gone=gone)


class Gate:
    """The ports of one host's address, plain and TLS; they do what the host's state says.

    Args:
        entrance: what they serve.
        silence: asked under the world's lock: None while the host answers.
        name: for threads and logs.
    """

    def __init__(
        self, entrance: Entrance, silence: Callable[[], Silence | None], name: str
    ) -> None:
        self._entrance = entrance
        self._silence = silence
        self._name = name
        self._listeners: dict[str, Listener] = {}
        self._shown: Silence | None = None
        self._lock = threading.Lock()

    def listen(
        self,
        host: str,
        port: int,
        *,
        tls: ssl.SSLContext | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Open a port; raises OSError when it is not to be had."""
        scheme = "http" if tls is None else "https"
        name = f"{self._name}-{scheme}"
        listener = Listener(self._entrance, host, port, tls=tls, limits=limits, name=name)
        self._listeners[scheme] = listener.start()

    @property
    def urls(self) -> dict[str, str]:
        """The base URLs by scheme."""
        return {
            scheme: f"{scheme}://{listener.address[0]}:{listener.address[1]}"
            for scheme, listener in self._listeners.items()
        }

    def follow(self) -> None:
        """Become as reachable as the host now is; called under the world's lock."""
        with self._lock:
            wanted = self._silence()
            if wanted is not self._shown:
                self._show(wanted)
                self._shown = wanted

    def cut(self) -> None:
        """End every connection and take no more; nobody waits for the threads."""
        with self._lock:
            self._show(Silence.REFUSED)

    def stop(self) -> None:
        """Close the ports."""
        for listener in self._listeners.values():
            listener.stop()

    def _show(self, wanted: Silence | None) -> None:
        for listener in self._listeners.values():
            # A port that refuses cannot vanish without coming back in between.
            listener.resume()
            if wanted is Silence.REFUSED:
                listener.refuse()
            elif wanted is Silence.DROPPED:
                listener.black_hole()


def _pass(seconds: float) -> Steps:
    yield Stage("transit", seconds)
