"""``axis`` as the blocks of a page call it: each call a fresh fork of a process that has it loaded.

A page has some hundred calls, and most of each is loading the program. ``serve`` waits on a socket;
the program that :func:`write_program` makes hands over its words, folder, variables and streams.
"""

from __future__ import annotations

import json
import os
import shlex
import signal
import socket
import sys
import traceback
from contextlib import closing
from importlib import import_module
from pathlib import Path

_LOADED = (
    "aio_pika",
    "alembic.command",
    "axis.audit",
    "axis.consistency",
    "axis.intake.answer",
    "axis.sandbox.rabbitmq",
    "axis.serve.supervise",
    "axis.store.deliveries",
    "axis.store.migrate",
    "axis.trust.pki",
    "axis.trust.sign",
    "axis.trust.verify",
    "cli",
    "psycopg",
    "signxml",
    "xmlschema",
)
_CALL = """\
import array, json, os, socket, sys
with socket.socket(socket.AF_UNIX) as desk:
    desk.connect({address!r})
    words = dict(argv=sys.argv[1:], cwd=os.getcwd(), env=dict(os.environ))
    desk.sendmsg([b"."], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", (0, 1, 2)))])
    desk.sendall(json.dumps(words).encode() + b"\\n")
    sys.exit(int(desk.makefile().readline() or 70))
"""


def write_program(path: Path, address: Path) -> None:
    """Write the program ``axis`` that calls at ``address``."""
    script = path.with_suffix(".py")
    script.write_text(_CALL.format(address=str(address)))
    # The first line of a script takes no path with a space in it.
    words = shlex.join([sys.executable, "-IS", str(script)])
    path.write_text(f'#!/bin/sh\nexec {words} "$@"\n')
    path.chmod(0o755)


def serve(address: Path) -> None:
    """Answer calls until told to end."""
    for name in _LOADED:
        import_module(name)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    with closing(socket.socket(socket.AF_UNIX)) as door:
        door.bind(str(address))
        door.listen()
        while True:
            call, _ = door.accept()
            if os.fork() == 0:
                door.close()
                _answer(call)
            call.close()


def _answer(call: socket.socket) -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    code = 70
    try:
        _, streams, _, _ = socket.recv_fds(call, 1, 3)
        words = json.loads(call.makefile().readline())
        for number, stream in enumerate(streams):
            os.dup2(stream, number)
            os.close(stream)
        os.chdir(words["cwd"])
        os.environ.clear()
        os.environ.update(words["env"])
        sys.argv = ["axis", *words["argv"]]
        import_module("cli").main()
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else 0
    except BaseException:
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        call.sendall(f"{code}\n".encode())
        os._exit(0)


if __name__ == "__main__":
    print(shlex.join(sys.argv), flush=True)
    serve(Path(sys.argv[1]))
