"""A command that runs: its arguments, its streams, and how objects pass through it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine import binder
from hvsim_fakes.powershell.engine.streams import (
    DEBUG,
    ERROR,
    VERBOSE,
    WARNING,
    InformationRecord,
    ProgressRecord,
)
from hvsim_fakes.powershell.errors import PowerShellError, failure
from hvsim_fakes.powershell.host import Wait
from hvsim_fakes.powershell.objects.convert import truth
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.fault import NetError
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import NOTHING, ArrayList

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from hvsim_fakes.powershell.cmdlet import Body, Cmdlet
    from hvsim_fakes.powershell.engine.engine import Engine
    from hvsim_fakes.powershell.engine.frame import Frame
    from hvsim_fakes.powershell.engine.signature import Signature
    from hvsim_fakes.powershell.errors import ErrorRecord
    from hvsim_fakes.powershell.host import Host
    from hvsim_fakes.powershell.language.extent import Extent


class Invocation:
    """A running cmdlet or advanced function; bodies see it as :class:`cmdlet.Call`."""

    ps_type: NetType = NetType("System.Management.Automation.PSScriptCmdlet", OBJECT)

    def __init__(
        self, frame: Frame, signature: Signature, invoked: str, extent: Extent | None
    ) -> None:
        self.frame = frame
        self.engine: Engine = frame.engine
        self.signature = signature
        self.invoked = invoked
        self.extent = extent
        self.bound: dict[str, Any] = {}
        self.parameter_set = ""
        self.item: Any = NOTHING
        self.failed = False
        self.piped = False
        self._defaults: dict[str, Any] = {}

    # What bodies ask

    @property
    def name(self) -> str:
        """The command's name."""
        return self.signature.name

    @property
    def host(self) -> Host:
        """The simulated host."""
        return self.engine.host

    @property
    def context(self) -> Any:
        """The product's own object of the host."""
        return self.engine.host.context

    def defaults(self, values: Mapping[str, Any]) -> None:
        """Set what parameters are that are not given."""
        self._defaults = dict(values)

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a parameter, its default, or ``default``."""
        if name in self.bound:
            return self.bound[name]
        found = self._defaults.get(name)
        return default if found is None else found

    def given(self, name: str) -> bool:
        """Tell whether a parameter was given."""
        return name in self.bound

    def on(self, name: str) -> bool:
        """Tell whether a switch is on."""
        return truth(self.bound.get(name))

    # What bodies write

    @property
    def engine_frame(self) -> Frame:
        """The frame of the caller."""
        return self.frame

    def error(self, record: ErrorRecord, *, signed: bool = False, own_class: str = "") -> None:
        """Write a non-terminating error; a signed one says itself whose it is."""
        if signed:
            record.command_class = own_class
        else:
            self._sign(record)
        action = self.action("ErrorAction", "erroractionpreference")
        if action == "ignore":
            return
        self.failed = True
        self._collect("ErrorVariable", record)
        if action == "stop":
            wrong = PowerShellError(record)
            wrong.ends_script = True
            raise wrong
        self.engine.remember(record)
        if action != "silentlycontinue":
            self.engine.write(ERROR, record)

    def _sign(self, record: ErrorRecord) -> None:
        """Complete a record with what the command knows."""
        record.activity = record.activity or self.signature.name
        record.command = record.command or self.invoked
        if not record.command_class:
            record.command_class = self.signature.class_name
        if record.extent is None:
            record.extent = self.extent

    def terminated(self, wrong: PowerShellError) -> None:
        """Complete a terminating error that the command raised."""
        self._sign(wrong.record)
        self.failed = True
        self._collect("ErrorVariable", wrong.record)
        if self.action("ErrorAction", "erroractionpreference") == "stop":
            wrong.ends_script = True

    def action(self, parameter: str, preference: str) -> str:
        """Return the action for a stream, in lower case: of the parameter or the variable."""
        value = self.bound.get(parameter)
        if value is None:
            value = self.frame.scope.get(preference)
        if isinstance(value, EnumValue):
            return value.name.lower()
        return to_text(value).lower() or "continue"

    def _collect(self, parameter: str, value: Any) -> None:
        name = self.bound.get(parameter)
        if not name:
            return
        word = to_text(name).lower()
        scope = self.frame.scope
        plain = word.lstrip("+")
        found = scope.variables.get(plain)
        if not isinstance(found, ArrayList):
            found = ArrayList()
            scope.variables[plain] = found
        found.append(value)

    def clear_variables(self) -> None:
        """Empty the variables that -ErrorVariable and the like name, unless they begin with +."""
        for parameter in ("ErrorVariable", "WarningVariable", "OutVariable", "InformationVariable"):
            name = to_text(self.bound.get(parameter)).lower()
            if name and not name.startswith("+"):
                self.frame.scope.variables[name] = ArrayList()

    def warning(self, text: str) -> None:
        """Write a warning."""
        action = self.action("WarningAction", "warningpreference")
        if action != "ignore":
            self._collect("WarningVariable", text)
        self._preferred(WARNING, text, action)

    def verbose(self, text: str) -> None:
        """Write a verbose message."""
        self._preferred(VERBOSE, text, self._switched("Verbose", "verbosepreference"))

    def debug(self, text: str) -> None:
        """Write a debug message."""
        self._preferred(DEBUG, text, self._switched("Debug", "debugpreference"))

    def _switched(self, parameter: str, preference: str) -> str:
        if parameter in self.bound:
            return "continue" if truth(self.bound[parameter]) else "silentlycontinue"
        return to_text(self.frame.scope.get(preference)).lower()

    def _preferred(self, stream: int, text: str, action: str) -> None:
        if action in ("silentlycontinue", "ignore"):
            return
        self.engine.write(stream, text)
        if action == "stop":
            wrong = self.engine.stopped_by_preference(stream, text)
            raise wrong

    def information(self, value: Any, tags: Iterable[str] = (), *, newline: bool = True) -> None:
        """Write to the information stream."""
        given = tuple(tags)
        record = InformationRecord(value, given, newline, self.host.now())
        action = self.action("InformationAction", "informationpreference")
        self._collect("InformationVariable", record)
        shown = "PSHOST" in given or action in ("continue", "stop", "inquire")
        if action == "ignore" or (
            action == "silentlycontinue" and "InformationAction" in self.bound
        ):
            shown = False
        self.engine.inform(record, shown=shown)

    def progress(self, activity: str, status: str, percent: int, *, done: bool = False) -> None:
        """Show how far it is."""
        if to_text(self.frame.scope.get("progresspreference")).lower() == "silentlycontinue":
            return
        self.engine.streams.progress(ProgressRecord(activity, status, percent, done))

    def set_variable(self, name: str, value: Any) -> None:
        """Set a variable in the scope of the caller."""
        self.frame.scope.set(name.lower().lstrip("$"), value)

    def should_process(self, target: str, action: str = "") -> bool:
        """Tell whether to go on; says what would be done and returns False under -WhatIf."""
        wanted = self.bound.get("WhatIf")
        if wanted is None:
            wanted = self.frame.scope.get("whatifpreference")
        if not truth(wanted):
            return True
        text = f'What if: Performing the operation "{action or self.name}" on target "{target}".'
        self.engine.streams.host(text)
        return False

    def validate(self, block: Any, value: Any) -> Any:
        """Run a ValidateScript block."""
        return self.engine.call_block(block, [], item=value, frame=self.frame)


class CmdletRun:
    """A cmdlet in a pipeline."""

    __slots__ = ("_fast", "_pipe_variable", "_stages", "_wanted", "call", "cmdlet", "out")

    def __init__(
        self, cmdlet: Cmdlet, call: Invocation, arguments: list[binder.Argument], *, piped: bool
    ) -> None:
        self.cmdlet = cmdlet
        self.call = call
        self.out: Callable[[Any], None] = _ignore
        binding = binder.bind(call.signature, arguments, call.validate, piped=piped)
        call.bound = binding.values
        call.parameter_set = binding.chosen
        call.piped = piped
        call.defaults({one.name: one.default for one in cmdlet.parameters})
        wanted = binder.takers(call.signature, call.bound, binding.chosen) if piped else []
        binder.require(call.signature, call.bound, binding.chosen, piped=bool(wanted))
        self._wanted = wanted
        only = wanted[0] if len(wanted) == 1 else None
        self._fast = only.name if only and only.type == "object" and not only.mandatory else ""
        self._stages = cmdlet.make()
        self._pipe_variable = to_text(call.bound.get("PipelineVariable")).lower()

    def begin(self) -> None:
        """Run before the first object."""
        self.call.clear_variables()
        if self.call.bound.get("OutVariable"):
            self._tee()
        self._drive(self._stages.begin(self.call))

    def _tee(self) -> None:
        onward, call = self.out, self.call

        def both(value: Any) -> None:
            call._collect("OutVariable", value)  # noqa: SLF001 - of the same package
            onward(value)

        self.out = both

    def run_alone(self) -> None:
        """Run without a pipeline before it."""
        self._drive(self._stages.process(self.call))

    def process(self, item: Any) -> None:
        """Run for an object."""
        call = self.call
        call.item = item
        call.frame.budget.step()
        if self._fast:
            call.bound[self._fast] = item
        elif not self._bind(item):
            return
        self._drive(self._stages.process(call))
        if not self._fast:
            for one in self._wanted:
                call.bound.pop(one.name, None)

    def _bind(self, item: Any) -> bool:
        call = self.call
        try:
            found = binder.bind_item(call.signature, self._wanted, item, call.engine, call.validate)
            call.bound.update(found)
            binder.require(call.signature, call.bound, call.parameter_set, piped=False)
        except PowerShellError as wrong:
            for one in self._wanted:
                call.bound.pop(one.name, None)
            wrong.record.target = wrong.record.target or item
            call.error(wrong.record)
            return False
        chosen = call.signature.names[next(iter(found)).lower()] if found else None
        if chosen is not None and chosen.sets and call.parameter_set not in chosen.sets:
            call.parameter_set = chosen.sets[0]
        return True

    def end(self) -> None:
        """Run after the last object."""
        if self._fast:
            self.call.bound.pop(self._fast, None)
        self._drive(self._stages.end(self.call))

    def _drive(self, body: Body) -> None:
        """Take what a body yields: outputs go on, waits park the script."""
        out, budget = self.out, self.call.frame.budget
        name = self._pipe_variable
        answer: Any = None
        try:
            while True:
                value = body.send(answer)
                answer = None
                if type(value) is Wait:
                    answer = self.call.host.wait(value)
                    continue
                budget.steps -= 1
                if budget.steps < 0:
                    self.call.engine.interrupted()
                if name:
                    self.call.frame.scope.variables[name] = value
                out(value)
        except StopIteration:
            return
        except NetError as wrong:
            refused = failure(wrong.message, wrong.kind, "NotSpecified", exception=wrong.kind)
            refused.fatal = wrong.fatal
            raise refused from None
        finally:
            body.close()


def _ignore(_: Any) -> None:
    pass
