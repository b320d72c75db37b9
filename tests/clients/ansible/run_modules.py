"""Runs modules of Ansible, unmodified, one after the other; runs under Ansible's own interpreter.

Reads a line of JSON for each (``module``, a full name; ``args``) and answers with one: what the
module printed, or ``crash`` with what it left instead. Each run is a process of its own, forked
from this one, which has read what all modules need.
"""

import importlib
import io
import json
import os
import runpy
import sys

SHARED = (
    "ansible.module_utils.basic",
    "ansible_collections.community.vmware.plugins.module_utils.vmware",
    "pyVim.connect",
    "pyVim.task",
    "pyVmomi",
)


def run(module, args, out):
    """Run a module in this process, as if it had been started with its arguments."""
    os.dup2(out, 1)
    os.dup2(out, 2)
    given = json.dumps({"ANSIBLE_MODULE_ARGS": args}).encode()
    sys.stdin = io.TextIOWrapper(io.BytesIO(given))
    sys.argv = [module]
    collection, _, name = module.rpartition(".")
    runpy.run_module(f"ansible_collections.{collection}.plugins.modules.{name}", None, "__main__")


def answer(call):
    """Return what a module prints, by a process of its own."""
    source, sink = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(source)
        try:
            run(call["module"], call["args"], sink)
        except SystemExit:
            pass
        except BaseException:  # noqa: BLE001 - what a module dies of is its answer
            sys.excepthook(*sys.exc_info())
        finally:
            sys.stdout.flush()
            os._exit(0)
    os.close(sink)
    with os.fdopen(source, encoding="utf-8", errors="replace") as told:
        text = told.read()
    os.waitpid(child, 0)
    try:
        return json.loads(text.strip().splitlines()[-1])
    except (IndexError, ValueError):
        return {"failed": True, "crash": text}


def main():
    """Answer every line."""
    for name in SHARED:
        importlib.import_module(name)
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
