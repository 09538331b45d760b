"""Runs the commands of a page of the documentation, as a person at a terminal does."""

import os
import pty
import re
import select
import subprocess
import time

# The maximum time for all commands of one block, in seconds.
PATIENCE = 120


def section(text, title):
    """Returns the section with a title, which may have a number."""
    found = re.search(rf"^## (?:\d+\. )?{re.escape(title)}$(.*?)(?=^## |\Z)", text, re.MULTILINE | re.DOTALL)
    if found is None:
        raise AssertionError(f"the page has no section {title!r}")
    return found[1]


def blocks(text, title):
    """Returns the blocks of commands in a section."""
    found = re.findall(r"^ *```\n(.*?)^ *```$", section(text, title), re.MULTILINE | re.DOTALL)
    if not found:
        raise AssertionError(f"the page has no commands in {title!r}")
    return found


def parameters(text, title):
    """Returns the parameters that a section names first, in a command or in a sentence: `Audience=my-api`."""
    found = re.search(r"(?:--parameter-overrides |`)([A-Z]\w+=[^\s`]+(?: [A-Z]\w+=[^\s`]+)*)", section(text, title))
    if found is None:
        raise AssertionError(f"the page names no parameter in {title!r}")
    return dict(each.split("=", 1) for each in found[1].split(" "))


def run(commands, environment, answers):
    """Runs commands in one shell with a terminal, and answers its questions. Returns the output.

    `answers` has a part of each question and its answer, in order. Fails if a command fails.
    """
    main, other = pty.openpty()
    shell = subprocess.Popen(
        ["bash", "-euo", "pipefail", "-c", commands],
        env={**os.environ, **environment},
        stdin=other,
        stdout=other,
        stderr=other,
        start_new_session=True,
        preexec_fn=take_terminal,
    )
    os.close(other)
    waiting = list(answers)
    output, seen, until = "", 0, time.monotonic() + PATIENCE
    while time.monotonic() < until:
        ready, _, _ = select.select([main], [], [], 0.2)
        try:
            piece = os.read(main, 65536).decode("utf-8", "replace") if ready else None
        except OSError:
            piece = ""
        if piece == "" or (piece is None and shell.poll() is not None):
            break
        output += piece or ""
        if waiting and waiting[0][0] in output[seen:]:
            seen = len(output)
            os.write(main, f"{waiting.pop(0)[1]}\r".encode())
    else:
        shell.kill()
        output += "\nnot finished in time"
    os.close(main)
    if shell.wait() != 0:
        raise AssertionError(f"these commands of a page failed:\n{commands}\n{output}")
    return output


def take_terminal():
    """Makes the terminal of the shell its controlling terminal, which questions are asked at."""
    import fcntl
    import termios

    fcntl.ioctl(0, termios.TIOCSCTTY, 0)
