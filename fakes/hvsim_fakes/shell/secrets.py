"""Secrets in command lines: what their own syntax marks as one does not stand in the wire log.

Marked are values of variables, options and attributes whose names say that they are secret
(``password=``, ``--password``, ``vncpasswd=``, ``passwd='..'`` in XML), what is written to a
program that takes a password from its input, and the options of programs that are known to take
one. A secret that nothing marks as one cannot be told from any other word.

What is written into a file is another matter: it is the file's content, which the journal keeps
so that the file comes back when a lab is restored.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MASK: Final = "********"
LONGEST: Final = 1_024
"""Characters of a line that are looked at, more than the wire log shows; the rest is dropped."""

_NAME: Final = r"[\w.-]*(?:passw(?:or)?d|passphrase|secret|sshpass|token)[\w-]*"
# What is cut off in the middle of a quotation is a quotation as well.
_QUOTED: Final = r"""'[^']*(?:'|\Z)|"(?:\\.|[^"\\])*(?:"|\Z)"""
_WORD: Final = rf"(?:{_QUOTED}|\\.|[^\s;|&()<>'\"\\])+"
_ARGUMENTS: Final = r"(?:\\.|'[^']*'|\"(?:\\.|[^\"\\])*\"|[^;|&'\"\\\n])*"
_TAKERS: Final = r"(?:sudo\s+)?(?:\S*/)?(?:passwd|chpasswd|sudo\s+-S|openssl|sshpass|kinit)\b"

_OPTIONS: Final = {
    "sshpass": ("-p",),
    "ssh-keygen": ("-N", "-P"),
    "useradd": ("-p",),
    "usermod": ("-p",),
    "mysql": ("-p",),
    "openssl": ("-passin", "-passout", "-pass", "-k"),
}
"""Options of programs that are followed by a secret, or have it attached."""

_MARKED: Final = (
    # name=value, also within quotes, as in XML and in zonecfg's and xm's own words.
    (re.compile(rf"(\b{_NAME}\s*=\s*)({_QUOTED}|[^\s;|&()<>'\"]+)", re.IGNORECASE), r"\1" + MASK),
    (re.compile(rf"(--?{_NAME}\s+)({_WORD})", re.IGNORECASE), r"\1" + MASK),
    (re.compile(rf"([\"']{_NAME}[\"']\s*:\s*)({_QUOTED})", re.IGNORECASE), r"\1" + MASK),
    # An attribute of a zone is a name and a value apart.
    (
        re.compile(
            rf"(\bname\s*=\s*\"?{_NAME}.*?\bvalue\s*=\s*)({_QUOTED}|[^\s;)'\"]+)",
            re.IGNORECASE | re.DOTALL,
        ),
        r"\1" + MASK,
    ),
    # echo secret | passwd --stdin
    (re.compile(rf"\b(echo|printf)\s{_ARGUMENTS}(?=\|\s*{_TAKERS})"), rf"\1 {MASK} "),
    (re.compile(rf"(\b{_TAKERS}[^;|&\n]*<<<\s*)({_WORD})"), r"\1" + MASK),
    # curl -u user:secret, and URLs.
    (re.compile(r"(\s-u\s*[^\s:'\"]+:)([^\s'\"]+)"), r"\1" + MASK),
    (re.compile(r"(\b\w+://[^\s/:@]+:)([^\s/@]+)(?=@)"), r"\1" + MASK),
)
_BY_PROGRAM: Final = tuple(
    (
        re.compile(rf"(\b{program}\b[^;|&\n]*?\s{re.escape(option)}\s*)({_WORD})"),
        r"\1" + MASK,
    )
    for program, options in _OPTIONS.items()
    for option in options
)
_HERE: Final = re.compile(
    rf"(\b{_TAKERS}[^\n]*<<-?\s*['\"]?(\w+)['\"]?[^\n]*\n)(.*?)(^\t*\2$|\Z)",
    re.MULTILINE | re.DOTALL,
)
_HINT: Final = re.compile(
    rf"passw|passphrase|secret|token|\s-u|://|sudo|kinit|{'|'.join(_OPTIONS)}", re.IGNORECASE
)
"""What no line with a secret is without."""
_SECRET_NAME: Final = re.compile(rf"(-*{_NAME})(=?)", re.IGNORECASE)


def conceal(line: str) -> str:
    """Return a command line, or the beginning of a long one, with every marked secret masked."""
    line = line[:LONGEST]
    if _HINT.search(line) is None:
        return line
    for pattern, instead in (*_MARKED, *_BY_PROGRAM):
        line = pattern.sub(instead, line)
    return _HERE.sub(rf"\1{MASK}\n\4", line)


def conceal_argv(argv: Sequence[str]) -> list[str]:
    """Return the words of a command, already without quotes, likewise."""
    found: list[str] = []
    options = _OPTIONS.get(argv[0].rpartition("/")[2], ()) if argv else ()
    hide = False
    for word in argv:
        found.append(MASK if hide else _concealed(word, options))
        marked = _SECRET_NAME.fullmatch(word)
        hide = not hide and (word in options or (marked is not None and word.startswith("-")))
    return found


def _concealed(word: str, options: Sequence[str]) -> str:
    """Mask what a single word has attached."""
    for option in options:
        if word.startswith(option) and word != option:
            return f"{option}{MASK}"
    marked = _SECRET_NAME.match(word[:LONGEST])
    if marked is not None and marked.group(2):
        return f"{marked.group()}{MASK}"
    return conceal(word)
