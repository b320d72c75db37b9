"""What a client nests, however deep, does not overflow the stack of the thread that reads it."""

from __future__ import annotations

import subprocess
import sys

import pytest

READ = """
import json, sys, threading
import msgspec
import hvsim_fakes.powershell.engine.engine  # raises the limit of recursion for every thread
from hvsim_fakes.server.limits import Limits

def read():
    try:
        {read}
    except RecursionError:
        print("refused", flush=True)

deep = 200_000
threading.stack_size(Limits().stack_bytes)
thread = threading.Thread(target=read)
thread.start()
thread.join()
"""


@pytest.mark.parametrize(
    "read",
    [
        'msgspec.json.decode(b"[" * deep + b"]" * deep)',
        'json.loads("[" * deep + "]" * deep)',
        "(lambda again, *rest: [again(again)])(lambda again: list(map(again, [again])))",
    ],
)
def test_deep_input_ends_in_an_error_of_python(read: str) -> None:
    script = READ.format(read=read)
    done = subprocess.run(  # noqa: S603 - our own script
        [sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, done.stdout) == (0, "refused\n"), done.stderr
