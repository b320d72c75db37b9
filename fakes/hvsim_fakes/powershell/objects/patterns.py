"""Regular expressions and wildcards, with a bound on the time they take."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Final

import regex

from hvsim_fakes.powershell.objects.fault import NetError, argument

TIMEOUT: Final = 1.0
"""Seconds of real time that one match may take before it is given up."""
_LONGEST: Final = 10_000
_GROUP: Final = regex.compile(r"\(\?<([A-Za-z_]\w*)>")
_REPLACEMENT: Final = regex.compile(r"\$(?:(\d{1,3})|\{(\w+)\}|([$&`'_+]))")


@lru_cache(maxsize=512)
def compiled(pattern: str, flags: int) -> regex.Pattern[str]:
    """Return a regular expression of .NET, compiled.

    Raises:
        NetError: it is none.
    """
    if len(pattern) > _LONGEST:
        raise argument(f'parsing "{pattern[:40]}" - Too long.')
    python = _GROUP.sub(r"(?P<\1>", pattern).replace(r"\Z", r"(?=\n?\Z)").replace(r"\z", r"\Z")
    try:
        return regex.compile(python, flags | regex.VERSION0)
    except (regex.error, RecursionError, OverflowError, ValueError, IndexError, KeyError) as wrong:
        why = str(wrong).partition(" at position")[0]
        raise argument(f'parsing "{pattern}" - {why.capitalize()}.') from None


def flags_of(*, case: bool, options: int = 0) -> int:
    """Return Python's flags.

    Args:
        case: whether case counts.
        options: .NET's RegexOptions: 1 IgnoreCase, 2 Multiline, 16 Singleline, 32
            IgnorePatternWhitespace.
    """
    flags = 0 if case else int(regex.IGNORECASE)
    for bit, flag in ((1, regex.I), (2, regex.M), (16, regex.S), (32, regex.X)):
        flags |= int(flag) if options & bit else 0
    return flags


def numbering(pattern: regex.Pattern[str]) -> list[int]:
    """Return Python's number of each group by .NET's: groups with names come last there."""
    named = sorted(pattern.groupindex.values())
    plain = [number for number in range(pattern.groups + 1) if number not in named]
    return plain + named


def search(pattern: regex.Pattern[str], text: str, at: int = 0) -> regex.Match[str] | None:
    """Return the first match."""
    try:
        return pattern.search(text, at, timeout=TIMEOUT)
    except TimeoutError:
        raise _timeout() from None


def matches(pattern: regex.Pattern[str], text: str, most: int = 1_000_000) -> list[Any]:
    """Return all matches."""
    found = []
    try:
        for one in pattern.finditer(text, timeout=TIMEOUT):
            found.append(one)
            if len(found) >= most:
                break
    except TimeoutError:
        raise _timeout() from None
    return found


def replace(pattern: regex.Pattern[str], text: str, replacement: str, most: int) -> str:
    """Replace all matches; ``most`` bounds the length of what comes out."""
    out: list[str] = []
    last = size = 0
    for found in matches(pattern, text):
        piece = _expanded(found, replacement, text)
        out += [text[last : found.start()], piece]
        size += len(piece) + found.start() - last
        last = found.end()
        if size > most:
            raise NetError(
                "System.OutOfMemoryException",
                "Exception of type 'System.OutOfMemoryException' was thrown.",
            )
    return "".join([*out, text[last:]])


def _expanded(found: regex.Match[str], replacement: str, text: str) -> str:
    if "$" not in replacement:
        return replacement

    def part(mark: regex.Match[str]) -> str:
        name = mark[1] or mark[2]
        if name is not None:
            return _group(found, name, mark.group())
        signs = {
            "$": "$",
            "&": found.group(),
            "`": text[: found.start()],
            "'": text[found.end() :],
            "_": text,
            "+": (found.groups() or ("",))[-1] or "",
        }
        return signs[mark[3]]

    return _REPLACEMENT.sub(part, replacement)


def _group(found: regex.Match[str], name: str, written: str) -> str:
    try:
        if name.isdecimal():
            return found[numbering(found.re)[int(name)]] or ""
        return found[name] or ""
    except IndexError:
        return written


def _timeout() -> NetError:
    """Return the exception for a match that takes too long; a script has but one such."""
    return NetError(
        "System.Text.RegularExpressions.RegexMatchTimeoutException",
        "The RegEx engine has timed out while trying to match a pattern to an input string.",
        fatal=True,
    )


@lru_cache(maxsize=512)
def wildcard(pattern: str, *, case: bool = False) -> regex.Pattern[str]:
    """Return a wildcard pattern (``*``, ``?``, ``[a-z]``, backtick) as an expression."""
    out: list[str] = []
    at = 0
    while at < len(pattern):
        char = pattern[at]
        if char == "`" and at + 1 < len(pattern):
            at += 1
            out.append(regex.escape(pattern[at]))
        elif char == "*":
            if out[-1:] != [".*"]:
                out.append(".*")
        elif char == "?":
            out.append(".")
        elif char == "[":
            at = _set(pattern, at, out)
        else:
            out.append(regex.escape(char))
        at += 1
    return regex.compile("".join(out), regex.DOTALL | (0 if case else regex.IGNORECASE))


def _set(pattern: str, at: int, out: list[str]) -> int:
    end = pattern.find("]", at + 2)
    if end < 0:
        raise NetError(
            "System.Management.Automation.WildcardPatternException",
            f"The specified wildcard character pattern is not valid: {pattern}",
        )
    inside = pattern[at + 1 : end].replace("\\", "\\\\").replace("^", "\\^").replace("[", "\\[")
    out.append(f"[{inside}]")
    try:
        regex.compile(out[-1])
    except regex.error:
        raise NetError(
            "System.Management.Automation.WildcardPatternException",
            f"The specified wildcard character pattern is not valid: {pattern}",
        ) from None
    return end


def like(text: str, pattern: str, *, case: bool = False) -> bool:
    """Tell whether a text fits a wildcard pattern."""
    if not any(char in pattern for char in "*?[`"):
        return text == pattern if case else text.lower() == pattern.lower()
    try:
        return wildcard(pattern, case=case).fullmatch(text, timeout=TIMEOUT) is not None
    except TimeoutError:
        raise _timeout() from None


def has_wildcard(text: str) -> bool:
    """Tell whether a text has a wildcard in it."""
    return any(char in text for char in "*?[")
