"""Files that an event log or a journal is written to as it grows.

A recording's :meth:`Recording.write` is the sink that :func:`hvsim.scenario.build` takes. The
journal is worth nothing if its last lines are missing, so it is written through; the event log,
a hundred times as long, is not.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Self

from hvsim.errors import InputError

if TYPE_CHECKING:
    from types import TracebackType


class Recording:
    """A file of lines, begun anew.

    Args:
        path: the file.
        through: hand every line to the system at once, so that a crash of the simulator loses
            none.

    Raises:
        InputError: when the file cannot be written.
    """

    def __init__(self, path: Path | str, *, through: bool = False) -> None:
        self.path = Path(path)
        self.failure: InputError | None = None
        """Why it is not complete: a full disk must not disturb the lab, so it is only noted."""
        try:
            self._file = self.path.open("wb", buffering=0 if through else -1)
        except OSError as error:
            raise self._refused(error) from None

    def write(self, line: bytes) -> None:
        """Write one line, unless the file system has refused one before."""
        if self.failure is not None:
            return
        try:
            self._file.write(line)
        except OSError as error:
            self.failure = self._refused(error)

    def close(self) -> None:
        """Write what is left and close the file.

        Raises:
            InputError: when the file is not complete.
        """
        try:
            self._file.close()
        except OSError as error:
            self.failure = self.failure or self._refused(error)
        if self.failure is not None:
            raise self.failure

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _refused(self, error: OSError) -> InputError:
        why = (error.strerror or "unwritable").lower()
        return InputError(f"cannot be written: {why}", file=self.path)
