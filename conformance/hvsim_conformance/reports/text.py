"""Text from an adapter or a wire, made harmless for terminals and documents."""

import re

_ILLEGAL = re.compile("[^\t\n\u0020-\u007e\u00a0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def legal(text: str) -> str:
    """Return the text with a replacement for everything but printable characters.

    Control characters could move a terminal's cursor, and XML 1.0 cannot carry most of them.
    """
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n"))
