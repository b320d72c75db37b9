"""Serves a Python implementation over the adapter protocol: `python -m ... module:factory`."""

import sys
import traceback
from typing import IO, Any

import orjson

from hvsim_conformance.adapters import codec
from hvsim_conformance.adapters.errors import AdapterNotFoundError
from hvsim_conformance.adapters.loading import load_factory
from hvsim_conformance.adapters.model import Known, Session, Unsupported
from hvsim_conformance.adapters.protocol import Factory, Implementation


class Server:
    """Answers messages with the implementations that a factory makes."""

    def __init__(self, factory: Factory) -> None:
        self._factory = factory
        self._open: Implementation | None = None

    def answer(self, message: dict[str, Any]) -> dict[str, Any]:
        """Return the answer to one message other than `stop`; no exception leaves."""
        try:
            return {"seq": message["seq"], **self._handle(message)}
        except Exception as problem:  # noqa: BLE001 - whatever it is, the protocol reports it
            traceback.print_exc()
            text = f"{type(problem).__name__}: {problem}"
            return {"seq": message["seq"], "error": {"message": text}}

    def close(self) -> None:
        """Close the implementation that is open."""
        if self._open is not None:
            self._open.close()
            self._open = None

    def _handle(self, message: dict[str, Any]) -> dict[str, Any]:
        match message["type"]:
            case "start":
                probe = self._factory(Session("start", "", 0))
                try:
                    return {"result": codec.encode_result(probe.capabilities())}
                finally:
                    probe.close()
            case "open":
                self.close()
                session = Session(message["check"], message["profile"], message["seed"])
                self._open = self._factory(session)
                return {"result": None}
            case "call":
                return self._call(message["op"], message["args"])
        return {"unsupported": {"reason": f"unknown message {message['type']}"}}

    def _call(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        operation = codec.OPERATIONS.get(name)
        method = getattr(self._open, name, None) if operation else None
        if operation is None or method is None:
            return {"unsupported": {"reason": f"no operation {name}"}}
        value = method(**codec.decode_arguments(operation, arguments))
        match value:
            case Unsupported():
                return {"unsupported": {"reason": value.reason}}
            case Known():
                return {"known": {"issue_url": value.issue_url}}
        return {"result": codec.encode_result(value)}


def serve(factory: Factory, incoming: IO[bytes], outgoing: IO[bytes]) -> None:
    """Answer every line until `stop` or the end of the input."""
    server = Server(factory)
    for line in incoming:
        message = orjson.loads(line)
        if message["type"] == "stop":
            break
        outgoing.write(orjson.dumps(server.answer(message)) + b"\n")
        outgoing.flush()
    server.close()


def main(arguments: list[str]) -> int:
    """Serve the factory named on the command line; 4 when there is none."""
    outgoing, sys.stdout = sys.stdout.buffer, sys.stderr  # a stray print must not break a line
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m hvsim_conformance.adapters.serve module:factory\n")
        return 4
    try:
        factory = load_factory(arguments[0])
    except AdapterNotFoundError as problem:
        sys.stderr.write(f"{problem}\n")
        return 4
    serve(factory, sys.stdin.buffer, outgoing)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
