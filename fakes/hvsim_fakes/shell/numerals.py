"""Numbers as a shell and its tools read them: in ASCII digits, and not without end."""

from __future__ import annotations

_MOST_DIGITS = 4_000
"""More than anybody means, fewer than Python refuses to convert."""


def is_number(text: str) -> bool:
    """Tell whether a text is a number without a sign, one that ``int`` takes.

    ``str.isdigit`` also holds for superscripts, which ``int`` refuses.
    """
    return text.isascii() and text.isdigit() and len(text) <= _MOST_DIGITS
