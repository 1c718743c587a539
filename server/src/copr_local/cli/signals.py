"""The signals that end a program in the foreground."""

from __future__ import annotations

import os
import signal


def catch_ends() -> int:
    """Return a file descriptor that gets a byte for each signal that ends the program.

    A signal that comes just before a wait for a lock, an Event or a queue does not end this wait. The kernel
    keeps a byte in a pipe.

    :returns: the descriptor, to read from.
    """
    reads, writes = os.pipe()
    os.set_blocking(writes, False)
    signal.set_wakeup_fd(writes, warn_on_full_buffer=False)

    def end(number: int, _frame: object) -> None:
        if number == signal.SIGINT:
            # A second Ctrl-C ends the process at once. A second TERM does not: `timeout` sends it to the
            # process and to its group.
            signal.signal(number, signal.SIG_DFL)

    # Under `nohup`, closing the terminal does not stop the program.
    hangs_up = signal.getsignal(signal.SIGHUP) != signal.SIG_IGN
    for each in (signal.SIGINT, signal.SIGTERM, *([signal.SIGHUP] if hangs_up else [])):
        signal.signal(each, end)
    return reads
