"""Carries out parsed shell commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hvsim.files import FileError
from hvsim_fakes.shell.channels import (
    Gathered,
    Pipe,
    Sink,
    Source,
    decoded,
)
from hvsim_fakes.shell.expansion import Expander
from hvsim_fakes.shell.jobs import Job
from hvsim_fakes.shell.launch import launch, run_program
from hvsim_fakes.shell.parser import Parser, parse
from hvsim_fakes.shell.program import Interrupted
from hvsim_fakes.shell.redirect import Fds, redirected
from hvsim_fakes.shell.scanner import ShellSyntaxError
from hvsim_fakes.shell.state import Jump, ShellError, ShellExit
from hvsim_fakes.shell.syntax import (
    AndOr,
    Case,
    Command,
    Commands,
    Compound,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Simple,
    Subshell,
    While,
)
from hvsim_fakes.shell.task import Task

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from hvsim_fakes.shell.program import Reader, Writer
    from hvsim_fakes.shell.state import State
    from hvsim_fakes.shell.syntax import Body

BUILTINS: dict[str, Callable[[Evaluator, Task], int]] = {}
"""What the shell does itself, by name; :mod:`hvsim_fakes.shell.builtins` fills it."""
SPECIAL = frozenset(
    {".", ":", "break", "continue", "eval", "exec", "exit", "export", "readonly", "return"}
    | {"set", "shift", "times", "trap", "unset"}
)
"""Built-in commands whose errors end a shell, and that come before functions."""


class Evaluator:
    """Runs commands in a state, which they change."""

    def __init__(self, state: State) -> None:
        self.state = state
        self.expander = Expander(state, self._substitute)
        self._substituted = 0

    # Text

    def run_text(self, text: str) -> int:
        """Run shell text, one complete command after the other; return the last status.

        Raises:
            ShellExit: when the text ends the shell.
        """
        try:
            units: Iterable[Commands] = parse(text)
        except (ShellSyntaxError, RecursionError):
            units = _one_by_one(text)
        empty = True
        try:
            for commands in units:
                empty = False
                self.run(commands)
        except ShellSyntaxError as error:
            self.complain(f"{error.line}: {error}" if not self.state.interactive else str(error))
            self.state.status = 2
            if not self.state.interactive:
                raise ShellExit(2) from None
        if empty:
            self.state.status = 0
        return self.state.status

    def complain(self, text: str) -> None:
        """Tell the user that the shell itself could not do something."""
        err = self.state.fds.get(2)
        if err is not None:
            err.write(f"{self.state.name}: {text}\n")  # type: ignore[union-attr] # a writer

    # Lists

    def run(self, commands: Commands) -> int:
        """Run a list; return the status of its last command."""
        for item, background in commands.items:
            if background:
                self._begin(item)
            else:
                self._and_or(item)
        return self.state.status

    def _begin(self, item: AndOr) -> None:
        """Run in the background."""
        state = self.state
        fds = dict(state.fds)
        fds[0] = Source()
        child = Evaluator(state.fork(fds))
        job = Job(state.session, next(state.session.pids), child.holds_client)
        state.jobs[job.pid] = job
        state.session.jobs.append(job)
        state.last_job = job.pid
        if not job.start(lambda: child.finish(lambda: child._and_or(item))):
            self.complain("cannot fork")
        state.status = 0

    def holds_client(self) -> bool:
        """Tell whether what runs now can write to the client."""
        fds, client = self.state.fds, self.state.session.client
        return any(fd in client and fds.get(fd) is client[fd] for fd in (1, 2))

    def _and_or(self, item: AndOr) -> int:
        status = self._lenient_pipeline(item.first) if item.rest else self._pipeline(item.first)
        for index, (operator, pipeline) in enumerate(item.rest, 1):
            if (status == 0) is (operator == "&&"):
                last = index == len(item.rest)
                status = self._pipeline(pipeline) if last else self._lenient_pipeline(pipeline)
        return status

    def _lenient_pipeline(self, pipeline: Pipeline) -> int:
        self.state.lenient += 1
        try:
            return self._pipeline(pipeline)
        finally:
            self.state.lenient -= 1

    def _pipeline(self, pipeline: Pipeline) -> int:
        state = self.state
        state.lenient += pipeline.negated
        try:
            if len(pipeline.stages) == 1:
                status = self.command(pipeline.stages[0])
            else:
                status = self._stages(pipeline.stages)
        finally:
            state.lenient -= pipeline.negated
        state.status = int(status == 0) if pipeline.negated else status
        self._judge(pipeline)
        return state.status

    def _judge(self, pipeline: Pipeline) -> None:
        """End the shell after a failure under ``set -e``, where that counts."""
        state = self.state
        if state.status == 0 or "e" not in state.options or state.lenient or pipeline.negated:
            return
        only = pipeline.stages[0]
        compound = len(pipeline.stages) == 1 and isinstance(only, Compound)
        # What failed in a compound command was judged there already.
        if not compound or (isinstance(only, Compound) and isinstance(only.body, Subshell)):
            raise ShellExit(state.status)

    def _stages(self, stages: tuple[Command, ...]) -> int:
        """Run a pipeline: each stage but the last in a thread of its own."""
        session = self.state.session
        source: Reader | Writer = self.state.fds.get(0, Source())
        before: Pipe | None = None
        jobs = []
        for stage in stages[:-1]:
            pipe = Pipe(session)
            child = Evaluator(self.state.fork({**self.state.fds, 0: source, 1: pipe.sink}))
            job = Job(session, next(session.pids))
            jobs.append(job)
            if not job.start(_stage(child, stage, before, pipe)):
                pipe.sink.close()
                self.complain("cannot fork")
            source, before = pipe.source, pipe
        last = Evaluator(self.state.fork({**self.state.fds, 0: source}))
        status = _stage(last, stages[-1], before, None)()
        for job in jobs:
            job.wait()
        session.check()
        return status

    def finish(self, work: Callable[[], int]) -> int:
        """Run something to the end of this (sub)shell, however that comes; return its status."""
        try:
            status = work()
        except ShellExit as end:
            status = end.status
        except Jump:
            status = self.state.status
        except Interrupted as signal:
            status = 128 + signal.signal
        except ShellError as error:
            self.complain(str(error))
            status = error.status
        except RecursionError:
            self.complain("too many commands within each other")
            status = 2
        return self._last_words(status)

    def _last_words(self, status: int) -> int:
        """Run the trap of the shell's end, and let all output be seen."""
        trap = self.state.traps.pop("EXIT", "")
        if trap:
            self.state.status = status
            try:
                self.run_text(trap)
            except ShellExit as end:
                status = end.status
            except (Interrupted, ShellError, Jump):
                return status
        for channel in self.state.fds.values():
            if isinstance(channel, Sink):
                try:
                    channel.flush()
                except (Interrupted, FileError):
                    return status
        return status

    # Commands

    def command(self, command: Command) -> int:
        """Run one command; return its status, which ``$?`` then has too."""
        self.state.session.step()
        try:
            if isinstance(command, Simple):
                self.state.line = command.line
                self.state.status = self._simple(command)
            elif isinstance(command, Function):
                self.state.functions[command.name] = command.body
                self.state.status = 0
            else:
                self.state.status = self._compound(command)
        except ShellError as error:
            self.complain(str(error))
            self.state.status = error.status
            if error.fatal:
                raise ShellExit(error.status) from None
        return self.state.status

    def _compound(self, command: Compound) -> int:
        if not command.redirections:
            return self._body(command.body)
        fds, opened = redirected(self.state, self.expander, command.redirections)
        return self._with(fds, opened, lambda: self._body(command.body))

    def _with(self, fds: Fds, opened: list[Sink], work: Callable[[], int]) -> int:
        """Run something with other descriptors, and close what was opened for it."""
        before, self.state.fds = self.state.fds, fds
        session = self.state.session
        if session.jobs:
            with session.changed:
                session.tell()
        closed = True
        try:
            status = work()
        finally:
            # ``exec`` inside may have changed them for good, but not beyond a redirection.
            self.state.fds = before
            for channel in opened:
                closed = self._closed(channel) and closed
        return status if closed else status or 1

    def _closed(self, channel: Sink) -> bool:
        """Close what a redirection opened; tell when the file does not take what is left."""
        try:
            channel.close()
        except FileError as error:
            err = self.state.fds.get(2)
            if isinstance(err, Sink) and err is not channel:
                err.write(f"{self.state.name}: {error.path}: {error.reason}\n")
            return False
        return True

    def _body(self, body: Body) -> int:
        match body:
            case Group():
                return self.run(body.body)
            case Subshell():
                child = Evaluator(self.state.fork())
                return child.finish(lambda: child.run(body.body))
            case If():
                return self._if(body)
            case While():
                return self._while(body)
            case For():
                return self._for(body)
            case Case():
                return self._case(body)

    def _condition(self, commands: Commands) -> bool:
        self.state.lenient += 1
        try:
            return self.run(commands) == 0
        finally:
            self.state.lenient -= 1

    def _if(self, body: If) -> int:
        for condition, commands in body.branches:
            if self._condition(condition):
                return self.run(commands)
        return self.run(body.otherwise) if body.otherwise is not None else 0

    def _while(self, body: While) -> int:
        status = 0

        def turns() -> Iterable[None]:
            while self._condition(body.condition) is not body.negated:
                yield

        for _ in self._looping(turns()):
            status = self._turn(body.body)
        return status

    def _for(self, body: For) -> int:
        words = list(self.state.args) if body.words is None else self.expander.fields(body.words)
        status = 0

        def turns() -> Iterable[None]:
            for word in words:
                self.state.variables[body.name] = word
                yield

        for _ in self._looping(turns()):
            status = self._turn(body.body)
        return status

    def _looping(self, turns: Iterable[None]) -> Iterable[None]:
        """Give the turns of a loop; ``break`` and ``continue`` reach out to it."""
        self.state.loops += 1
        iterator = iter(turns)
        try:
            while True:
                try:
                    next(iterator)
                except StopIteration:
                    return
                except Jump as jump:
                    if not self._caught(jump):
                        return
                    continue
                self.state.session.step()
                yield
                if self._broken:
                    self._broken = False
                    return
        finally:
            self.state.loops -= 1

    _broken = False

    def _turn(self, commands: Commands) -> int:
        try:
            return self.run(commands)
        except Jump as jump:
            if not self._caught(jump):
                self._broken = True
            return self.state.status

    def _caught(self, jump: Jump) -> bool:
        """Judge a jump that came to a loop: True goes on with it, False leaves it."""
        if jump.kind == "return":
            raise jump
        if jump.count > 1:
            raise Jump(jump.kind, jump.count - 1)
        self.state.status = 0
        return jump.kind == "continue"

    def _case(self, body: Case) -> int:
        value = self.expander.text(body.word)
        for patterns, commands in body.clauses:
            if any(self.expander.pattern(pattern).matches(value) for pattern in patterns):
                self.state.status = 0
                return self.run(commands)
        return 0

    # Simple commands

    def _simple(self, command: Simple) -> int:
        self._substituted = 0
        argv = self.expander.fields(command.words)
        if not argv:
            return self._assign_only(command)
        if "x" in self.state.options:
            self._trace(argv)
        if not command.redirections:
            return self._dispatch(command, argv)
        try:
            fds, opened = redirected(self.state, self.expander, command.redirections)
        except ShellError as error:
            fatal = argv[0] in SPECIAL and not self.state.interactive
            raise ShellError(str(error), error.status, fatal=fatal) from None
        if argv == ["exec"]:
            self.state.fds = fds
            return 0
        return self._with(fds, opened, lambda: self._dispatch(command, argv))

    def _trace(self, argv: list[str]) -> None:
        err = self.state.fds.get(2)
        if err is not None:
            err.write("+ " + " ".join(argv) + "\n")  # type: ignore[union-attr] # a writer

    def _assign_only(self, command: Simple) -> int:
        _, opened = redirected(self.state, self.expander, command.redirections)
        for channel in opened:
            channel.close()
        for name, word in command.assignments:
            self.state.variables[name] = self.expander.text(word)
            if "a" in self.state.options:
                self.state.variables.exported[name] = None
        return self._substituted

    def _dispatch(self, command: Simple, argv: list[str]) -> int:
        name = argv[0]
        if name in SPECIAL:
            for variable, word in command.assignments:
                self.state.variables[variable] = self.expander.text(word)
            return self._builtin(argv)
        function = self.state.functions.get(name)
        if function is None and name not in BUILTINS:
            environment = None
            if command.assignments:
                environment = self.state.environment()
                for variable, word in command.assignments:
                    environment[variable] = self.expander.text(word)
            return self._launch(argv, environment)
        return self._assigned(
            command, lambda: self.call(function, argv) if function else self._builtin(argv)
        )

    def _assigned(self, command: Simple, work: Callable[[], int]) -> int:
        """Run something of the shell's own with assignments that end with it."""
        if not command.assignments:
            return work()
        variables = self.state.variables
        before = {name: variables.get(name) for name, _ in command.assignments}
        exported = dict(variables.exported)
        try:
            for name, word in command.assignments:
                variables[name] = self.expander.text(word)
                variables.exported[name] = None
            return work()
        finally:
            for name, value in before.items():
                variables.pop(name, None)
                if value is not None:
                    variables[name] = value
            variables.exported = exported

    def _launch(self, argv: list[str], environment: dict[str, str] | None) -> int:
        return launch(self.state, argv, self.state.fds, environment)

    def _builtin(self, argv: list[str]) -> int:
        task = Task(self.state, argv, self.state.fds)
        builtin = BUILTINS[argv[0]]
        try:
            return run_program(task, lambda _: builtin(self, task))
        except ShellError as error:
            if argv[0] in SPECIAL:
                raise ShellError(f"{argv[0]}: {error}", error.status, fatal=True) from None
            raise

    def plain(self, argv: list[str]) -> int:
        """Run a built-in command or a program, passing functions by, as ``command`` does."""
        return self._builtin(argv) if argv[0] in BUILTINS else self._launch(argv, None)

    def call(self, function: Compound, argv: list[str]) -> int:
        """Call a function."""
        state = self.state
        if state.depth >= state.session.budget.limits.depth:
            raise ShellError("too many functions within each other", fatal=True)
        args, state.args = state.args, argv[1:]
        loops, state.loops = state.loops, 0
        state.depth += 1
        state.locals.append({})
        try:
            return self._compound(function)
        except Jump as jump:
            if jump.kind != "return":
                return state.status
            return jump.count
        finally:
            state.args, state.loops = args, loops
            state.depth -= 1
            self._restore_locals(state.locals.pop())

    def _restore_locals(self, before: dict[str, str | None]) -> None:
        for name, value in before.items():
            self.state.variables.pop(name, None)
            if value is not None:
                self.state.variables[name] = value

    def _substitute(self, commands: Commands) -> str:
        """Run the commands of a substitution; return what they print."""
        session = self.state.session
        out = Gathered(session)
        child = Evaluator(self.state.fork({**self.state.fds, 1: out}))
        self._substituted = child.finish(lambda: child.run(commands))
        session.check()
        return decoded(out.data.replace(b"\0", b"")).rstrip("\n")


def _one_by_one(text: str) -> Iterable[Commands]:
    """Give commands as far as the text can be understood."""
    parser = Parser(text)
    while (commands := parser.next()) is not None:
        yield commands


def _stage(
    child: Evaluator, stage: Command, before: Pipe | None, behind: Pipe | None
) -> Callable[[], int]:
    """Return what runs a stage of a pipeline, and then closes its ends of the pipes.

    What leads out of the pipeline is the shell's, which may go on with it.
    """

    def run() -> int:
        try:
            return child.finish(lambda: child.command(stage))
        finally:
            if before is not None:
                before.source.close()
            if behind is not None:
                behind.sink.close()

    return run
