"""Redirections: streams to other streams, to nowhere, or to files of the simulated host."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine.expressions import expression
from hvsim_fakes.powershell.objects.text import to_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.language.syntax import Redirection

_ALL = (1, 2, 3, 4, 5, 6)


class Plan:
    """Where the streams of one command go."""

    def __init__(self, frame: Frame, redirections: tuple[Redirection, ...]) -> None:
        self.frame = frame
        self.sinks: dict[int, Any] = {}
        self.merged: set[int] = set()
        self.output: Callable[[Any], None] | None = None
        self.files: list[tuple[str, list[Any], bool]] = []
        for one in redirections:
            self._add(one)

    def _add(self, one: Redirection) -> None:
        streams = _ALL if one.stream == 0 else (one.stream,)
        if isinstance(one.target, int):
            self.merged.update(stream for stream in streams if stream != 1)
            return
        path = to_text(expression(one.target)(self.frame))
        held: list[Any] = []
        if path:
            self.files.append((path, held, one.append))
        take: Callable[[Any], None] = held.append if path else _drop
        for stream in streams:
            if stream == 1:
                self.output = take
            else:
                self.sinks[stream] = take

    def flush(self) -> None:
        """Write the files."""
        for path, held, append in self.files:
            self.frame.engine.write_file(path, held, append=append)


def _drop(_: Any) -> None:
    pass


class Redirected:
    """A command whose streams go elsewhere."""

    def __init__(self, run: Any, frame: Frame, redirections: tuple[Redirection, ...]) -> None:
        self._run = run
        self._frame = frame
        self._plan = Plan(frame, redirections)
        self._outer: dict[int, Any] = {}
        self._onward: Callable[[Any], None] = _drop

    @property
    def call(self) -> Any:
        """The running command."""
        return self._run.call

    @property
    def out(self) -> Callable[[Any], None]:
        """Where output goes."""
        return self._onward

    @out.setter
    def out(self, onward: Callable[[Any], None]) -> None:
        take = self._plan.output or onward
        self._onward = take
        engine = self._frame.engine

        def pass_on(value: Any) -> None:
            inner = engine.sinks
            engine.sinks = self._outer
            try:
                take(value)
            finally:
                engine.sinks = inner

        self._run.out = pass_on
        for stream in self._plan.merged:
            self._plan.sinks[stream] = pass_on

    def _within(self, step: Callable[[], None]) -> None:
        engine = self._frame.engine
        self._outer = engine.sinks
        engine.sinks = {**engine.sinks, **self._plan.sinks}
        try:
            step()
        finally:
            engine.sinks = self._outer

    def begin(self) -> None:
        """Run before the first object."""
        self._within(self._run.begin)

    def run_alone(self) -> None:
        """Run without a pipeline before it."""
        self._within(self._run.run_alone)

    def process(self, item: Any) -> None:
        """Run for an object."""
        self._within(lambda: self._run.process(item))

    def end(self) -> None:
        """Run after the last object."""
        self._within(self._run.end)
        self._plan.flush()


@contextmanager
def redirected(
    frame: Frame, redirections: tuple[Redirection, ...], emit: Callable[[Any], None]
) -> Iterator[Callable[[Any], None]]:
    """Redirect what an expression gives."""
    if not redirections:
        yield emit
        return
    plan = Plan(frame, redirections)
    yield plan.output or emit
    plan.flush()
