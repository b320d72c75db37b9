"""Regular expressions: Regex, Match, Group."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import regex

from hvsim_fakes.powershell.dotnet.enumerations import REGEX_OPTIONS
from hvsim_fakes.powershell.dotnet.strings import texts
from hvsim_fakes.powershell.objects import patterns
from hvsim_fakes.powershell.objects.enums import EnumValue
from hvsim_fakes.powershell.objects.nettype import OBJECT, NetType, Property, method
from hvsim_fakes.powershell.objects.registry import register
from hvsim_fakes.powershell.objects.text import to_text
from hvsim_fakes.powershell.objects.values import TypedList

if TYPE_CHECKING:
    from hvsim_fakes.powershell.objects.values import TypedArray


class Regex:
    """System.Text.RegularExpressions.Regex."""

    ps_type = NetType("System.Text.RegularExpressions.Regex", OBJECT)

    def __init__(self, pattern: str, options: int = 0) -> None:
        self.pattern = pattern
        self.options = options
        self.compiled = patterns.compiled(pattern, patterns.flags_of(case=True, options=options))


class Group:
    """A group of a match, or the match itself."""

    ps_type = NetType("System.Text.RegularExpressions.Group", OBJECT)

    def __init__(self, found: regex.Match[str] | None, number: int, name: str) -> None:
        self.found = found
        self.number = number
        self.name = name

    @property
    def value(self) -> str:
        """Its text, empty if it did not take part."""
        return "" if self.found is None else self.found[self.number] or ""

    @property
    def success(self) -> bool:
        """Whether it took part."""
        return self.found is not None and self.found[self.number] is not None

    @property
    def index(self) -> int:
        """Where it begins."""
        return self.found.start(self.number) if self.success and self.found is not None else 0


class Match(Group):
    """System.Text.RegularExpressions.Match."""

    ps_type = NetType("System.Text.RegularExpressions.Match", Group.ps_type)

    def __init__(self, found: regex.Match[str] | None, expression: Regex) -> None:
        super().__init__(found, 0, "0")
        self.expression = expression


class Groups(TypedList):
    """The groups of a match; they can be had by name too."""

    __slots__ = ()

    def named(self, name: str) -> Group:
        """Return the group of a name."""
        for one in self:
            if isinstance(one, Group) and one.name.lower() == name.lower():
                return one
        return Group(None, 0, name)


_GROUPS: Final = NetType(
    "System.Text.RegularExpressions.GroupCollection",
    OBJECT,
    properties=[Property("Count", len, type="System.Int32")],
    interfaces=("System.Collections.ICollection", "System.Collections.IEnumerable"),
)


def _groups(one: Match) -> Groups:
    if one.found is None:
        return Groups(_GROUPS, OBJECT)
    compiled = one.expression.compiled
    names = {number: name for name, number in compiled.groupindex.items()}
    return Groups(
        _GROUPS,
        OBJECT,
        [
            Group(one.found, number, names.get(number, str(at)))
            for at, number in enumerate(patterns.numbering(compiled))
        ],
    )


def _options(given: Any) -> int:
    if isinstance(given, EnumValue):
        return given.number
    return 0 if given is None else REGEX_OPTIONS.cast(given).number


def _match(one: Regex, text: str, *_: Any) -> Match:
    return Match(patterns.search(one.compiled, text), one)


def _matches(one: Regex, text: str, *_: Any) -> list[Any]:
    return [Match(found, one) for found in patterns.matches(one.compiled, text)]


def _is_match(one: Regex, text: str, *_: Any) -> bool:
    return patterns.search(one.compiled, text) is not None


def _replace(engine: Any, one: Regex, text: str, new: Any, *_: Any) -> str:
    if hasattr(new, "block"):
        return _evaluated(engine, one, text, new)
    return patterns.replace(one.compiled, text, to_text(new), engine.budget.limits.value)


def _evaluated(engine: Any, one: Regex, text: str, block: Any) -> str:
    out: list[str] = []
    last = 0
    for found in patterns.matches(one.compiled, text):
        out.append(text[last : found.start()])
        out.append(to_text(engine.call_block(block, [Match(found, one)])))
        last = found.end()
    return "".join([*out, text[last:]])


def _split(one: Regex, text: str, *_: Any) -> TypedArray:
    out: list[str] = []
    last = 0
    for found in patterns.matches(one.compiled, text):
        out.append(text[last : found.start()])
        out += [group for group in found.groups() if group is not None]
        last = found.end()
    return texts([*out, text[last:]])


def _next(one: Match) -> Match:
    if one.found is None:
        return one
    at = max(one.found.end(), one.found.start() + 1)
    return Match(patterns.search(one.expression.compiled, one.found.string, at), one.expression)


def _static(run: Any, extra: int) -> Any:
    """Return a static method: text, pattern, ``extra`` more, options."""

    def call(*given: Any) -> Any:
        text, pattern, *more = given
        options = _options(more[extra]) if len(more) > extra else 0
        return run(Regex(to_text(pattern), options), to_text(text), *more[:extra])

    return call


def _static_replace(engine: Any, text: str, pattern: str, new: Any, options: Any = None) -> str:
    return _replace(engine, Regex(pattern, _options(options)), text, new)


def _escape(text: str) -> str:
    named = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\f": "\\f"}
    return "".join(
        named.get(char) or (f"\\{char}" if char in "\\*+?|{[()^$.# " else char) for char in text
    )


register(Regex.ps_type, "regex", of=Regex).extend(
    properties=[
        Property("Options", lambda one: REGEX_OPTIONS.of(one.options)),
        Property("RightToLeft", lambda _: False),
    ],
    methods=[
        method("Match", _match, "input:string", "?startat:int"),
        method("Matches", _matches, "input:string", "?startat:int"),
        method("IsMatch", _is_match, "input:string", "?startat:int"),
        method(
            "Replace", _replace, "input:string", "replacement:object", "?count:int", engine=True
        ),
        method("Split", _split, "input:string", "?count:int"),
        method(
            "GetGroupNames",
            lambda one: texts(
                [str(n) for n in range(one.compiled.groups + 1 - len(one.compiled.groupindex))]
                + list(one.compiled.groupindex)
            ),
        ),
        method("ToString", lambda one: one.pattern),
    ],
    static_methods=[
        method("Match", _static(_match, 0), "input:string", "pattern:string", "?options:object"),
        method(
            "Matches", _static(_matches, 0), "input:string", "pattern:string", "?options:object"
        ),
        method(
            "IsMatch", _static(_is_match, 0), "input:string", "pattern:string", "?options:object"
        ),
        method("Split", _static(_split, 0), "input:string", "pattern:string", "?options:object"),
        method(
            "Replace",
            _static_replace,
            "input:string",
            "pattern:string",
            "replacement:object",
            "?options:object",
            engine=True,
        ),
        method("Escape", _escape, "str:string"),
        method("Unescape", lambda text: regex.sub(r"\\(.)", r"\1", text), "str:string"),
    ],
    text=lambda one: one.pattern,
    convert=lambda value: Regex(to_text(value)),
    construct=lambda _engine, given: Regex(
        to_text(given[0]), _options(given[1]) if len(given) > 1 else 0
    ),
)


register(Group.ps_type).extend(
    properties=[
        Property("Success", lambda one: one.success),
        Property("Captures", lambda one: [one] if one.success else []),
        Property("Index", lambda one: one.index),
        Property("Length", lambda one: len(one.value)),
        Property("Value", lambda one: one.value),
        Property("Name", lambda one: one.name),
    ],
    text=lambda one: one.value,
)
register(Match.ps_type).extend(
    properties=[Property("Groups", _groups)],
    methods=[
        method("NextMatch", _next),
        method(
            "Result",
            lambda one, pattern: patterns.replace(
                one.expression.compiled, one.value, pattern, 1_000_000
            ),
            "replacement:string",
        ),
    ],
)
register(_GROUPS).extend(
    methods=[method("Item", lambda groups, name: groups.named(to_text(name)), "name:object")]
)
