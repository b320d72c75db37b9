"""Functions and script blocks in a pipeline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.engine import binder
from hvsim_fakes.powershell.engine.frame import Frame
from hvsim_fakes.powershell.engine.invocation import Invocation
from hvsim_fakes.powershell.engine.scope import Scope
from hvsim_fakes.powershell.engine.signals import ReturnSignal
from hvsim_fakes.powershell.engine.signature import Signature
from hvsim_fakes.powershell.engine.validation import coerced
from hvsim_fakes.powershell.errors import PowerShellError
from hvsim_fakes.powershell.objects.registry import find
from hvsim_fakes.powershell.objects.values import NOTHING, Dictionary, Hashtable

if TYPE_CHECKING:
    from collections.abc import Callable

    from hvsim_fakes.powershell.engine.block import Code, ScriptBlock
    from hvsim_fakes.powershell.engine.engine import Engine
    from hvsim_fakes.powershell.language.extent import Extent


_CALL_STEPS = 20  # a call costs more than a statement


class FunctionRun:
    """A function, or a script block called with ``&`` or ``.``, in a pipeline."""

    __slots__ = (
        "_arguments",
        "_body",
        "_extent",
        "_frame",
        "_inner",
        "_input",
        "_inside",
        "_invoked",
        "_is_filter",
        "_piped",
        "_wanted",
        "call",
        "out",
    )

    def __init__(
        self,
        frame: Frame,
        body: ScriptBlock,
        arguments: list[binder.Argument],
        invoked: str,
        extent: Extent | None,
        *,
        piped: bool,
        inside: bool = False,
        is_filter: bool = False,
    ) -> None:
        self._frame = frame
        self._body = body
        self._arguments = arguments
        self._invoked = invoked
        self._extent = extent
        self._piped = piped
        self._inside = inside
        self._is_filter = is_filter
        self._input: list[Any] = []
        self._wanted: list[Any] = []
        self.out: Callable[[Any], None] = lambda _: None
        self.call: Invocation
        self._inner: Frame

    @property
    def engine(self) -> Engine:
        """The engine it runs in."""
        return self._frame.engine

    @property
    def _code(self) -> Code:
        return self._body.code

    def begin(self) -> None:
        """Bind the arguments and run the begin block."""
        self._frame.budget.steps -= _CALL_STEPS
        code, frame = self._code, self._frame
        base = frame.scope.current(self._body.home)
        scope = base if self._inside else Scope(base)
        if base is not frame.scope and not self._inside:
            scope.caller = frame.scope
        if self._body.captured:
            scope = Scope(scope)
            scope.variables.update(self._body.captured)
            scope = scope if self._inside else Scope(scope)
        signature = _signature(self._body.name, code)
        self.call = Invocation(frame, signature, self._invoked, self._extent)
        self._inner = Frame(
            frame.engine,
            scope,
            self._body.name or frame.command,
            self.call if code.advanced else frame.invocation,
        )
        self._inner.extent = self._extent if self._body.name else frame.extent
        try:
            self._bind(signature, code, scope)
        except PowerShellError as wrong:
            if wrong.record.extent is None:
                wrong.record.extent = self._extent
            raise
        if code.begin is not None:
            self._run(code.begin)

    def _bind(self, signature: Signature, code: Code, scope: Scope) -> None:
        call = self.call
        binding = binder.bind(signature, self._arguments, call.validate, piped=self._piped)
        call.bound = binding.values
        call.parameter_set = binding.chosen
        self._wanted = binder.takers(signature, call.bound, binding.chosen) if self._piped else []
        if code.advanced:
            binder.require(signature, call.bound, binding.chosen, piped=bool(self._wanted))
            self._preferences(scope)
            call.clear_variables()
        scope.variables["args"] = binding.rest
        scope.variables["psboundparameters"] = _bound_table(binding.values)
        scope.variables["myinvocation"] = call
        for one in code.parameters:
            self._fill(one, code, scope)

    def _preferences(self, scope: Scope) -> None:
        """Let common parameters rule what the body does."""
        bound = self.call.bound
        for parameter, variable in (
            ("ErrorAction", "erroractionpreference"),
            ("WarningAction", "warningpreference"),
            ("InformationAction", "informationpreference"),
        ):
            if parameter in bound:
                scope.variables[variable] = bound[parameter]
        if "Verbose" in bound:
            scope.variables["verbosepreference"] = (
                "Continue" if bound["Verbose"] else "SilentlyContinue"
            )
        if "WhatIf" in bound:
            scope.variables["whatifpreference"] = bound["WhatIf"]

    def _fill(self, one: Any, code: Code, scope: Scope) -> None:
        """Set a parameter's variable: what was bound, its default, or nothing."""
        lower = one.name.lower()
        if one.name in self.call.bound:
            value = self.call.bound[one.name]
        elif lower in code.defaults:
            value = code.defaults[lower](self._inner)
            value = self._default(one, value)
        else:
            value = _blank(one.type)
        scope.variables[lower] = value
        kind = None if one.type in ("object", "switch") else find(one.type)
        if kind is not None:
            scope.constrain(lower, kind)

    def _default(self, one: Any, value: Any) -> Any:
        if value is NOTHING:
            value = None
        if one.type in ("object", "switch") or value is None:
            return value
        return coerced(self.call.signature, one, value)

    def run_alone(self) -> None:
        """Run the process block without a pipeline before it."""
        if self._code.process is not None:
            self._run(self._code.process)
        elif self._is_filter and self._code.end is not None:
            self._run(self._code.end)

    def process(self, item: Any) -> None:
        """Run the process block for an object."""
        self._frame.budget.step()
        if self._wanted and not self._bind_item(item):
            return
        if not self._wanted and self._code.advanced and self._code.parameters:
            self._refuse(item)
            return
        body = self._code.process
        if body is None:
            if not self._is_filter:
                self._input.append(item)
                return
            body = self._code.end
        if body is not None:
            with self._frame.engine.item(self._inner, item):
                self._run(body)

    def _refuse(self, item: Any) -> None:
        try:
            binder.bind_item(self.call.signature, [], item, self._frame.engine, None)
        except PowerShellError as wrong:
            self.call.error(wrong.record)

    def _bind_item(self, item: Any) -> bool:
        call, scope = self.call, self._inner.scope
        try:
            found = binder.bind_item(call.signature, self._wanted, item, call.engine, call.validate)
        except PowerShellError as wrong:
            call.error(wrong.record)
            return False
        for name, value in found.items():
            scope.variables[name.lower()] = value
            call.bound[name] = value
        return True

    def end(self) -> None:
        """Run the end block."""
        code = self._code
        if code.end is None or self._is_filter:
            return
        self._inner.scope.variables["input"] = self._input
        self._run(code.end)

    def _run(self, body: Any) -> None:
        engine = self._frame.engine
        try:
            with engine.deeper():
                body(self._inner, self.out)
        except ReturnSignal:
            pass
        except PowerShellError as wrong:
            wrong.ends_function = False
            raise


def _signature(name: str, code: Code) -> Signature:
    found = code.signatures.get(name)
    if found is None:
        found = code.signatures[name] = Signature.of(
            name,
            name,
            code.parameters,
            code.default_set,
            common=code.advanced,
            confirm=code.confirm,
            script=True,
        )
    return found


def _bound_table(values: dict[str, Any]) -> Hashtable:
    return Dictionary(values.items(), Hashtable.ps_type)


def _blank(kind: str) -> Any:
    """Return what a parameter is that was not given."""
    lower = kind.lower().removeprefix("system.")
    if lower in ("switch", "bool", "boolean"):
        return False
    if lower == "string":
        return ""
    if lower in ("int", "int32", "long", "int64", "byte", "uint32"):
        return 0
    return 0.0 if lower == "double" else None
