"""What can go wrong between the suite and an implementation under test."""


class AdapterError(Exception):
    """The adapter broke its contract: it crashed, fell silent, or answered nonsense.

    `stderr` is the end of what it wrote on its standard error.
    """

    def __init__(self, message: str, stderr: str = "") -> None:
        super().__init__(message)
        self.stderr = stderr


class AdapterNotFoundError(Exception):
    """No adapter can be started from what the user gave; the message is one line."""


class OperationUnsupportedError(Exception):
    """The implementation does not offer the operation."""


class KnownIssueError(Exception):
    """The implementation declares itself wrong here; the message is the issue's address."""
