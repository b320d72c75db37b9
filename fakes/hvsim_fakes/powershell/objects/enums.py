"""Enumerations: a number with a name, as .NET has them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from hvsim_fakes.powershell.objects.nettype import VALUE_TYPE, NetType, Property, method

if TYPE_CHECKING:
    from collections.abc import Mapping


class EnumType(NetType):
    """An enumeration.

    Args:
        name: the full name.
        members: numbers by name, in the order in which .NET lists them.
        flags: whether values are combined bit by bit (``"ReadOnly, Hidden"``).
    """

    def __init__(self, name: str, members: Mapping[str, int], *, flags: bool = False) -> None:
        super().__init__(
            name,
            ENUM,
            static={one: _constant(self, value) for one, value in members.items()},
            convert=self.cast,
        )
        self.members = dict(members)
        self.flags = flags
        self._by_name = {one.lower(): value for one, value in members.items()}
        self._values: dict[int, EnumValue] = {}

    def __getitem__(self, name: str) -> EnumValue:
        return self.of(self._by_name[name.lower()])

    def of(self, number: int) -> EnumValue:
        """Return the value of a number, whether it has a name or not."""
        found = self._values.get(number)
        if found is None:
            found = EnumValue(self, number)
            if len(self._values) < 4096:  # a script may ask for any number
                self._values[number] = found
        return found

    def name_of(self, number: int) -> str:
        """Return a number's name; of flags, the names joined by commas; else its digits."""
        for name, value in self.members.items():
            if value == number:
                return name
        if self.flags:
            parts = [n for n, v in self.members.items() if v and number & v == v]
            if parts and sum(self.members[n] for n in parts) == number:
                return ", ".join(parts)
        return str(number)

    def cast(self, value: Any) -> EnumValue:
        """Convert a name, a number or a value of any enumeration."""
        if isinstance(value, EnumValue):
            return value if value.ps_type is self else self.of(value.number)
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise ValueError(value)  # noqa: TRY004 - a conversion refuses a value in one way
        if not isinstance(value, str):
            return self.of(int(value))
        return self._parse(value)

    def _parse(self, text: str) -> EnumValue:
        number = 0
        for part in text.split(","):
            word = part.strip()
            if word.lstrip("-").isdecimal():
                number |= int(word)
            else:
                number |= self._resolve(word, text)
        return self.of(number)

    def _resolve(self, word: str, text: str) -> int:
        lower = word.lower()
        if lower in self._by_name:
            return self._by_name[lower]
        near = [v for n, v in self._by_name.items() if n.startswith(lower)] if lower else []
        if len(near) != 1:
            names = ", ".join(self.members)
            raise EnumNameError(text, self.name, names)
        return near[0]


class EnumNameError(ValueError):
    """No member of an enumeration has the name."""

    def __init__(self, text: str, kind: str, names: str) -> None:
        self.why = (
            f"Unable to match the identifier name {text} to a valid enumerator name. Specify one "
            f"of the following enumerator names and try again: {names}"
        )
        super().__init__(f'Cannot convert value "{text}" to type "{kind}". Error: "{self.why}"')


class EnumValue:
    """A value of an enumeration; equal by type and number."""

    __slots__ = ("number", "ps_type")

    def __init__(self, ps_type: EnumType, number: int) -> None:
        self.ps_type: EnumType = ps_type
        self.number = number

    @property
    def name(self) -> str:
        """Its name, or its digits when it has none."""
        return self.ps_type.name_of(self.number)

    def __str__(self) -> str:
        return self.name

    def __repr__(self) -> str:
        return f"[{self.ps_type.name}]::{self.name}"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, EnumValue) and self.number == other.number

    def __hash__(self) -> int:
        return hash(self.number)


def _constant(kind: EnumType, number: int) -> Any:
    return lambda _: kind.of(number)


def _has_flag(value: EnumValue, flag: Any) -> bool:
    wanted = value.ps_type.cast(flag).number
    return value.number & wanted == wanted


ENUM = NetType(
    "System.Enum",
    VALUE_TYPE,
    properties=[Property("value__", lambda one: one.number, type="System.Int32")],
    methods=[method("HasFlag", _has_flag, "flag:object")],
    text=str,
)
