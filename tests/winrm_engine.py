"""A small stand-in for PowerShell: enough of a language to drive the wire with.

A script is lines, carried out one after the other: ``out TEXT``, ``err TEXT``, ``num N``,
``big N``, ``wait SECONDS``, ``spin``, ``input``, ``set NAME TEXT``, ``get NAME``, ``fail TEXT``,
``ask``, ``secret``, ``warn|verbose|debug TEXT``, ``progress TEXT``, ``host TEXT``, ``exit N``.
Anything else is an error.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.format.clixml import HEADER, document, stream_element
from hvsim_fakes.winrm import engine
from hvsim_fakes.winrm.engine import Fault, Invocation, Pause, Text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from hvsim.world import World

PROGRESS = '<Obj S="progress"><AV>Preparing modules for first use.</AV></Obj>'


class Exit(Exception):  # noqa: N818 - what the word is called
    pass


class FakeSession:
    def __init__(
        self,
        world: World,
        waiting: threading.Semaphore,
        user: str,
        environment: Mapping[str, str],
        directory: str,
    ) -> None:
        self.world = world
        self.waiting = waiting
        self.variables: dict[str, Any] = {"user": user, "directory": directory}
        self.variables |= {f"env:{name}": value for name, value in environment.items()}

    def records(self, call: Invocation, take: Callable[[engine.Record], None]) -> None:
        for record in self._lines(call):
            take(record)

    def console(self, call: Invocation, write: Callable[[Text], None]) -> int:
        failed, complaints = 0, []
        try:
            for record in self._lines(call):
                failed = int(isinstance(record, engine.Failure))
                shown = _shown(record)
                if shown.error:
                    complaints.append(shown.text)
                else:
                    write(shown)
        except engine.Terminated as error:
            complaints.append(f"{error.fault.message}\n")
            failed = 1
        except Exit as end:
            failed = end.args[0]
        if call.error_xml:
            lines = [stream_element(f"{line}\r\n", "Error") for line in _lines(complaints)]
            progress = [PROGRESS] if call.progress else []
            complaints = [HEADER + document(progress + lines)] if progress or lines else []
        write(Text("".join(complaints), error=True))
        return failed

    def to_psrp(self, value: Any) -> Any:
        return value

    def from_psrp(self, value: Any) -> Any:
        return value

    def reset(self) -> None:
        self.variables.clear()

    def _lines(self, call: Invocation) -> Iterator[engine.Record]:
        for step in call.steps:
            if not step.is_script:
                self.variables["called"] = (step.text, *step.arguments)
                continue
            for line in step.text.splitlines():
                word, _, rest = line.strip().partition(" ")
                if word:
                    yield from self._line(call, word, rest)

    def _line(  # noqa: C901, PLR0912 - a case for each word
        self, call: Invocation, word: str, rest: str
    ) -> Iterator[engine.Record]:
        match word:
            case "out":
                yield engine.Output(rest)
            case "num":
                yield engine.Output(int(rest))
            case "big":
                for _ in range(int(rest) // 1000):
                    yield engine.Output("x" * 1000)
            case "err":
                yield engine.Failure(_fault(rest))
            case "fail":
                raise engine.Terminated(_fault(rest))
            case "wait":
                self._wait(call, float(rest))
            case "spin":
                while not call.cancelled():
                    pass
                call.pause(Pause((), lambda: True))
            case "input":
                for item in call.input:
                    yield engine.Output(f"<{item}>")
            case "set":
                name, _, self.variables[name] = rest.partition(" ")
            case "get":
                yield engine.Output(self.variables.get(rest))
            case "args":
                yield engine.Output("|".join(map(str, call.arguments)))
            case "ask":
                yield engine.Output(call.host.read_line())
            case "secret":
                yield engine.Output(call.host.prompt_secret())
            case "warn" | "verbose" | "debug":
                yield engine.Message("warning" if word == "warn" else word, rest)
            case "progress":
                yield engine.Progress(rest, "working", percent=50)
            case "host":
                yield engine.Information(rest, tags=("PSHOST",), to_host=True)
            case "exit":
                raise Exit(int(rest))
            case _:
                yield engine.Failure(_fault(f"{word} : not recognized"))

    def _wait(self, call: Invocation, seconds: float) -> None:
        from hvsim.operations import Stage

        def steps():
            yield Stage("sleep", seconds)

        with self.world.access():
            operation = self.world.operations.start("test.sleep", "test", steps())
            self.world.engine.settle()
        self.waiting.release()
        call.pause(Pause((operation.topic,), lambda: operation.done))


class FakeEngine:
    def __init__(self, world: World) -> None:
        self.world = world
        self.opened: list[FakeSession] = []
        self.waiting = threading.Semaphore(0)
        """Released whenever a script has begun to wait."""

    def await_waiting(self) -> None:
        assert self.waiting.acquire(timeout=60)

    def open(self, user: str, environment=None, directory: str = "") -> FakeSession:
        session = FakeSession(self.world, self.waiting, user, environment or {}, directory)
        self.opened.append(session)
        return session


def _lines(texts: list[str]) -> list[str]:
    return "".join(texts).splitlines()


def _fault(text: str) -> Fault:
    return Fault(
        text,
        error_id="Fake,Test",
        exception="System.InvalidOperationException",
        inherits=("System.SystemException", "System.Exception"),
        category="InvalidOperation",
        target="thing",
        text=f"{text}\n    + CategoryInfo          : InvalidOperation\n",
    )


def _shown(record: engine.Record) -> Text:
    if isinstance(record, engine.Failure):
        return Text(record.fault.text, error=True)
    value = getattr(record, "value", getattr(record, "text", ""))
    return Text(f"{'' if value is None else value}\n")
