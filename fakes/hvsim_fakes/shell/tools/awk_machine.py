"""Runs parsed awk programs."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from hvsim_fakes.shell.channels import Gathered, Source, decoded, encoded
from hvsim_fakes.shell.tools import awk_functions as functions
from hvsim_fakes.shell.tools.awk_values import (
    Numeric,
    Value,
    compare,
    number,
    text,
    truth,
)
from hvsim_fakes.shell.tools.inputs import bounded, lines_of, open_input
from hvsim_fakes.shell.tools.options import UsageError
from hvsim_fakes.shell.tools.posix_regex import compiled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from hvsim_fakes.shell.program import Process
    from hvsim_fakes.shell.tools.awk_parser import Program, Tree

Cell = dict[str, Value]
_MOST_FIELDS = 100_000


class Exit(Exception):  # noqa: N818 - a way out, not an error
    """The program ends."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class _Next(Exception):  # noqa: N818 - as above
    """On to the next record."""


class _Loop(Exception):  # noqa: N818 - as above
    """``break`` or ``continue``."""

    def __init__(self, word: str) -> None:
        super().__init__(word)
        self.word = word


class _Return(Exception):  # noqa: N818 - as above
    """A function returns."""

    def __init__(self, value: Value) -> None:
        super().__init__()
        self.value = value


class Machine:
    """The state of a run: variables, the record, open files."""

    def __init__(self, process: Process, program: Program) -> None:
        self.process = process
        self.program = program
        self.variables: dict[str, Any] = {
            "FS": " ", "OFS": " ", "ORS": "\n", "RS": "\n", "NR": 0.0, "FNR": 0.0, "NF": 0.0,
            "SUBSEP": "\x1c", "FILENAME": "", "CONVFMT": "%.6g", "OFMT": "%.6g",
            "RSTART": 0.0, "RLENGTH": -1.0,
        }  # fmt: skip
        self.variables["ENVIRON"] = {name: Numeric(v) for name, v in process.env.items()}
        self._run_statement: dict[str, Callable[[Tree], None]] = {
            kind: getattr(self, name) for kind, name in _STATEMENTS.items()
        }
        self._evaluate: dict[str, Callable[[Tree], Value]] = {
            kind: getattr(self, name) for kind, name in _EXPRESSIONS.items()
        }
        self._record = ""
        self._fields: list[str] | None = []
        self._locals: list[dict[str, Any]] = []
        self._ranges: set[int] = set()
        self._inputs: Iterator[str] = iter(())
        self._files: dict[str, Iterator[str]] = {}
        self._pipes: dict[str, Gathered] = {}
        self._written: set[str] = set()
        self.random = process.world.streams.fresh(f"{process.host.system.name}/awk")

    # The run

    def assign(self, name: str, value: str) -> None:
        """Give a variable its value from the command line."""
        from hvsim_fakes.shell.tools.awk_parser import unescape  # noqa: PLC0415 - used once

        self._set_variable(name, Numeric(unescape(value)))

    def run(self, operands: Sequence[str]) -> int:
        """Run the whole program; return the status."""
        status = 0
        try:
            for action in self.program.begin:
                self._statement(action)
            if self.program.rules or self.program.end:
                self._inputs = self._records(list(operands))
                while self._next_record():
                    self._apply_rules()
        except Exit as end:
            status = end.status
        except _Next:
            raise UsageError("next used in BEGIN or END") from None
        return self._end(status)

    def _end(self, status: int) -> int:
        try:
            for action in self.program.end:
                self._statement(action)
        except Exit as end:
            status = end.status
        except _Next:
            raise UsageError("next used in BEGIN or END") from None
        for name in list(self._pipes):
            self.close(name)
        return status

    def _records(self, operands: list[str]) -> Iterator[str]:
        names = [one for one in operands if not re.match(r"[A-Za-z_]\w*=", one)]
        for name in operands if names else [*operands, "-"]:
            match = re.match(r"([A-Za-z_]\w*)=(.*)", name, re.DOTALL)
            if match:
                self.assign(*match.groups())
                continue
            self.variables["FILENAME"] = "" if name == "-" else name
            self.variables["FNR"] = 0.0
            yield from self._split_records(lines_of(self.process, open_input(self.process, name)))

    def _split_records(self, found: Iterator[str]) -> Iterator[str]:
        separator = text(self.variables["RS"])
        if separator == "\n":
            for line in found:
                yield line.removesuffix("\n")
            return
        whole = bounded("".join(found), 16 * 2**20)
        if separator:
            pieces = whole.removesuffix("\n").split(separator[0])
            yield from pieces if pieces[-1] or len(pieces) == 1 else pieces[:-1]
            return
        yield from (part.strip("\n") for part in re.split(r"\n{2,}", whole.strip("\n")) if part)

    def _next_record(self) -> bool:
        record = next(self._inputs, None)
        if record is None:
            return False
        self.variables["NR"] = number(self.variables["NR"]) + 1
        self.variables["FNR"] = number(self.variables["FNR"]) + 1
        self.set_record(record)
        return True

    def _apply_rules(self) -> None:
        try:
            for index, (first, last, action) in enumerate(self.program.rules):
                if self._selected(index, first, last):
                    if action is None:
                        self._write(("print", (), None))
                    else:
                        self._statement(action)
        except _Next:
            return

    def _selected(self, index: int, first: Tree | None, last: Tree | None) -> bool:
        if first is None:
            return True
        if last is None:
            return truth(self.value(first))
        if index not in self._ranges:
            if not truth(self.value(first)):
                return False
            self._ranges.add(index)
        if truth(self.value(last)):
            self._ranges.discard(index)
        return True

    # Record and fields

    def set_record(self, record: str) -> None:
        """Take a new record; it is split when a field is asked for."""
        self._record = record
        self._fields = None

    @property
    def fields(self) -> list[str]:
        """The record's fields."""
        if self._fields is None:
            self._fields = functions.split_fields(self._record, text(self.variables["FS"]))
            self.variables["NF"] = float(len(self._fields))
        return self._fields

    def field(self, index: int) -> Value:
        """Return a field; 0 is the record."""
        if index < 0:
            raise UsageError(f"trying to access out of range field {index}")
        if index == 0:
            return Numeric(self._record)
        found = self.fields
        return Numeric(found[index - 1]) if index <= len(found) else Numeric("")

    def set_field(self, index: int, value: Value) -> None:
        """Change a field or the record."""
        if not 0 <= index <= _MOST_FIELDS:
            raise UsageError(f"trying to access out of range field {index}")
        if index == 0:
            self.set_record(text(value))
            return
        found = self.fields
        found.extend([""] * (index - len(found)))
        found[index - 1] = text(value)
        self._rebuild()

    def _rebuild(self) -> None:
        found = self.fields
        self.variables["NF"] = float(len(found))
        self._record = bounded(text(self.variables["OFS"]).join(found))

    def _set_count(self, count: int) -> None:
        found = self.fields
        if not 0 <= count <= _MOST_FIELDS:
            raise UsageError(f"cannot set NF to {count}")
        del found[count:]
        found.extend([""] * (count - len(found)))
        self._rebuild()

    # Variables

    def _scope(self, name: str) -> dict[str, Any]:
        if self._locals and name in self._locals[-1]:
            return self._locals[-1]
        return self.variables

    def _variable(self, name: str) -> Value:
        if name == "NF":
            return float(len(self.fields))
        found = self._scope(name).get(name, "")
        if isinstance(found, dict):
            raise UsageError(f"can't use array {name} in scalar context")
        return Numeric("") if found is None else found

    def _set_variable(self, name: str, value: Value) -> None:
        scope = self._scope(name)
        if isinstance(scope.get(name), dict):
            raise UsageError(f"can't assign to {name}; it's an array name")
        scope[name] = value
        if name == "NF":
            self._set_count(int(number(value)))

    def array(self, name: str) -> Cell:
        """Return an array, made at its first use."""
        scope = self._scope(name)
        found = scope.get(name)
        if found is None:
            found = scope[name] = {}
        if not isinstance(found, dict):
            raise UsageError(f"can't use scalar {name} as array")
        return found

    def assign_to(self, place: Tree, value: Value) -> Value:
        """Assign to a variable, a field or an element."""
        if place[0] == "variable":
            self._set_variable(place[1], value)
        elif place[0] == "field":
            self.set_field(int(number(self.value(place[1]))), value)
        elif place[0] == "element":
            self.array(place[1])[self._key(place[2])] = value
        else:
            raise UsageError("assignment to what is no variable")
        return value

    def _key(self, tree: Tree) -> str:
        return text(self.value(tree))

    # Statements

    def _statement(self, tree: Tree) -> None:
        self.process.step()
        self._run_statement[tree[0]](tree)

    def _block(self, tree: Tree) -> None:
        for one in tree[1]:
            self._statement(one)

    def _if(self, tree: Tree) -> None:
        if truth(self.value(tree[1])):
            self._statement(tree[2])
        elif tree[3] is not None:
            self._statement(tree[3])

    def _turn(self, body: Tree) -> bool:
        """Run a loop's body once; return False when it is left."""
        self.process.step()
        try:
            self._statement(body)
        except _Loop as jump:
            return jump.word == "continue"
        return True

    def _while(self, tree: Tree) -> None:
        while truth(self.value(tree[1])) and self._turn(tree[2]):
            pass

    def _do(self, tree: Tree) -> None:
        while self._turn(tree[1]) and truth(self.value(tree[2])):
            pass

    def _for(self, tree: Tree) -> None:
        _, start, condition, step, body = tree
        if start is not None:
            self._statement(start)
        while condition is None or truth(self.value(condition)):
            if not self._turn(body):
                return
            if step is not None:
                self._statement(step)

    def _for_in(self, tree: Tree) -> None:
        for key in list(self.array(tree[2])):
            self._set_variable(tree[1], Numeric(key))
            if not self._turn(tree[3]):
                return

    def _jump(self, tree: Tree) -> None:
        raise _Loop(tree[0])

    def _next(self, _: Tree) -> None:
        raise _Next

    def _exit(self, tree: Tree) -> None:
        raise Exit(0 if tree[1] is None else int(number(self.value(tree[1]))) & 0xFF)

    def _return(self, tree: Tree) -> None:
        raise _Return("" if tree[1] is None else self.value(tree[1]))

    def _delete(self, tree: Tree) -> None:
        found = self.array(tree[1])
        if tree[2] is None:
            found.clear()
        else:
            found.pop(self._key(tree[2]), None)

    def _expression(self, tree: Tree) -> None:
        self.value(tree[1])

    def _write(self, tree: Tree) -> None:
        word, arguments, target = tree
        values = [self.value(one) for one in arguments]
        if word == "printf":
            line = functions.sprintf(values)
        else:
            form = text(self.variables["OFMT"])
            shown = [functions.shown(one, form) for one in values] if values else [self._record]
            line = text(self.variables["OFS"]).join(shown) + text(self.variables["ORS"])
        if target is None:
            self.process.out(line)
            return
        self._write_to(target[0], text(self.value(target[1])), line)

    def _write_to(self, operator: str, name: str, line: str) -> None:
        if name in ("/dev/stderr", "/dev/stdout"):
            (self.process.err if name == "/dev/stderr" else self.process.out)(line)
        elif operator == "|":
            sink = self._pipes.get(name)
            if sink is None:
                sink = self._pipes[name] = Gathered(self.process.state.session)  # type: ignore[attr-defined] # a task's
            sink.write(line)
        else:
            fresh = operator == ">" and name not in self._written
            self._written.add(name)
            self.process.files.write(name, encoded(line), at=None if fresh else -1)

    def close(self, name: str) -> int:
        """Close a file or pipe: a pipe's command runs now."""
        self._files.pop(name, None)
        self._written.discard(name)
        sink = self._pipes.pop(name, None)
        if sink is None:
            return 0
        sink.flush()
        return self.process.run(["sh", "-c", name], stdin=Source(sink.data))

    # Expressions

    def value(self, tree: Tree) -> Value:
        """Return an expression's value."""
        return self._evaluate[tree[0]](tree)

    def _literal(self, tree: Tree) -> Value:
        found: Value = tree[1]
        return found

    def _group(self, tree: Tree) -> Value:
        inner = tree[1]
        return self.value(inner[-1] if isinstance(inner, list) else inner)

    def _regex(self, tree: Tree) -> Value:
        return float(compiled(tree[1], extended=True).search(self._record) is not None)

    def pattern(self, tree: Tree) -> str:
        """Return the regular expression an operand stands for."""
        return str(tree[1]) if tree[0] == "regex" else text(self.value(tree))

    def _get_variable(self, tree: Tree) -> Value:
        return self._variable(tree[1])

    def _get_field(self, tree: Tree) -> Value:
        return self.field(int(number(self.value(tree[1]))))

    def _get_element(self, tree: Tree) -> Value:
        return self.array(tree[1]).setdefault(self._key(tree[2]), Numeric(""))

    def _subscript(self, tree: Tree) -> Value:
        return text(self.variables["SUBSEP"]).join(text(self.value(one)) for one in tree[1])

    def _in(self, tree: Tree) -> Value:
        return float(self._key(tree[1]) in self.array(tree[2]))

    def _ternary(self, tree: Tree) -> Value:
        return self.value(tree[2] if truth(self.value(tree[1])) else tree[3])

    def _assign(self, tree: Tree) -> Value:
        _, operator, place, expression = tree
        value = self.value(expression)
        if operator:
            value = functions.calculate(operator, number(self.value(place)), number(value))
        return self.assign_to(place, value)

    def _before(self, tree: Tree) -> Value:
        value = number(self.value(tree[2])) + (1 if tree[1] == "+" else -1)
        return self.assign_to(tree[2], value)

    def _after(self, tree: Tree) -> Value:
        value = number(self.value(tree[2]))
        self.assign_to(tree[2], value + (1 if tree[1] == "+" else -1))
        return value

    def _unary(self, tree: Tree) -> Value:
        value = self.value(tree[2])
        if tree[1] == "!":
            return float(not truth(value))
        return -number(value) if tree[1] == "-" else number(value)

    def _binary(self, tree: Tree) -> Value:
        _, operator, left, right = tree
        if operator == "&&":
            return float(truth(self.value(left)) and truth(self.value(right)))
        if operator == "||":
            return float(truth(self.value(left)) or truth(self.value(right)))
        if operator in ("~", "!~"):
            found = compiled(self.pattern(right), extended=True).search(text(self.value(left)))
            return float((found is not None) is (operator == "~"))
        one, other = self.value(left), self.value(right)
        if operator == "concatenate":
            return bounded(text(one) + text(other))
        if operator in _COMPARISONS:
            return float(_COMPARISONS[operator](compare(one, other)))
        return functions.calculate(operator, number(one), number(other))

    def _call(self, tree: Tree) -> Value:
        self.process.step()
        return functions.call(self, tree[1], tree[2])

    def _user(self, tree: Tree) -> Value:
        _, name, arguments = tree
        if name not in self.program.functions:
            raise UsageError(f"calling undefined function {name}")
        if len(self._locals) > 40:
            raise UsageError("function calls too deep")
        parameters, body = self.program.functions[name]
        scope: dict[str, Any] = dict.fromkeys(parameters)
        lent: list[tuple[str, str]] = []
        for parameter, argument in zip(parameters, arguments, strict=False):
            if argument[0] == "variable":
                found = self._scope(argument[1]).get(argument[1])
                scope[parameter] = found
                if found is None:
                    lent.append((parameter, argument[1]))
            else:
                scope[parameter] = self.value(argument)
        self._locals.append(scope)
        try:
            self._statement(body)
        except _Return as back:
            return back.value
        finally:
            self._locals.pop()
            for parameter, name in lent:
                if isinstance(scope[parameter], dict):
                    self._scope(name)[name] = scope[parameter]
        return ""

    def _getline(self, tree: Tree) -> Value:
        if tree[1] is None:
            return float(self._next_record())
        record = next(self._inputs, None)
        if record is None:
            return 0.0
        self.variables["NR"] = number(self.variables["NR"]) + 1
        self.assign_to(tree[1], Numeric(record))
        return 1.0

    def _getline_file(self, tree: Tree) -> Value:
        name = text(self.value(tree[1]))
        if name not in self._files:
            if name != "-" and not self.process.files.is_file(name):
                return -1.0
            self._files[name] = lines_of(self.process, open_input(self.process, name))
        return self._read_from(name, tree[2])

    def _getline_command(self, tree: Tree) -> Value:
        name = text(self.value(tree[1]))
        if name not in self._files:
            sink = Gathered(self.process.state.session)  # type: ignore[attr-defined] # a task's
            self.process.run(["sh", "-c", name], out=sink)
            sink.flush()
            found = decoded(sink.data).splitlines(keepends=True)
            self._files[name] = iter(found)
        return self._read_from(name, tree[2])

    def _read_from(self, name: str, target: Tree | None) -> Value:
        line = next(self._files[name], None)
        if line is None:
            return 0.0
        record = line.removesuffix("\n")
        if target is None:
            self.set_record(record)
        else:
            self.assign_to(target, Numeric(record))
        return 1.0


_COMPARISONS: dict[str, Callable[[int], bool]] = {
    "<": lambda found: found < 0,
    "<=": lambda found: found <= 0,
    "==": lambda found: found == 0,
    "!=": lambda found: found != 0,
    ">": lambda found: found > 0,
    ">=": lambda found: found >= 0,
}
_STATEMENTS = {
    "block": "_block",
    "if": "_if",
    "while": "_while",
    "do": "_do",
    "for": "_for",
    "for-in": "_for_in",
    "break": "_jump",
    "continue": "_jump",
    "next": "_next",
    "nextfile": "_next",
    "exit": "_exit",
    "return": "_return",
    "delete": "_delete",
    "expression": "_expression",
    "print": "_write",
    "printf": "_write",
}
_EXPRESSIONS = {
    "number": "_literal",
    "string": "_literal",
    "regex": "_regex",
    "group": "_group",
    "variable": "_get_variable",
    "field": "_get_field",
    "element": "_get_element",
    "subscript": "_subscript",
    "in": "_in",
    "ternary": "_ternary",
    "assign": "_assign",
    "before": "_before",
    "after": "_after",
    "unary": "_unary",
    "binary": "_binary",
    "call": "_call",
    "user": "_user",
    "getline": "_getline",
    "getline-file": "_getline_file",
    "getline-command": "_getline_command",
}
