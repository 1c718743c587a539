"""Programs that start in a hundredth of a second, since their modules are already loaded.

A server loads the modules of a program once. For each run of the program, it forks, and its child becomes the
program: with the arguments, folder, environment and open files of the run. All that is left out is the time
that imports take, which is most of a short command.

What tests start is this file as a script, which needs no imports worth mentioning: it gives its files to the
server, forwards signals, and exits with the status of the program. If it is killed, so is the program.
"""

import json
import os
import signal
import socket
import sys

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
LENGTH = 1 << 20  # bytes of a request: arguments and environment


class WarmProgram:
    """A server that forks a program, which ends with this object's context.

    :param python: the interpreter of the program's environment.
    :param script: the program: a file that this interpreter runs.
    :param modules: modules to load before the first run, separated by commas. None of them may read the
        arguments or the environment when it is loaded.
    """

    def __init__(self, python: str | os.PathLike[str], script: os.PathLike[str], modules: str) -> None:
        import subprocess
        import tempfile

        self._folder = tempfile.TemporaryDirectory()  # the path of a socket has to be short
        self.socket = os.path.join(self._folder.name, "warm")
        environment = {"PATH": os.environ["PATH"], "LANG": "C.UTF-8"}
        arguments = [python, "-P", __file__, "--serve", self.socket, script, modules]
        self._server = subprocess.Popen(
            arguments, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE
        )
        assert self._server.stdout is not None
        ready = self._server.stdout.readline()
        assert ready == b"ready\n", f"{arguments} did not start"

    @property
    def command(self) -> list[str]:
        """What starts the program, before its arguments."""
        return [sys.executable, "-I", "-S", "-E", __file__, self.socket]

    def __enter__(self) -> "WarmProgram":
        return self

    def __exit__(self, *_: object) -> None:
        with self._folder, self._server:  # closes its input, which ends it, and waits
            pass


def serve(path: str, script: str, modules: str) -> None:
    """Load the modules, and fork the program for each connection, until standard input ends."""
    import gc
    import importlib
    import runpy
    import select

    for module in modules.split(","):
        importlib.import_module(module)
    gc.freeze()  # so that children do not copy all pages when they look for cycles
    door = socket.socket(socket.AF_UNIX)
    door.bind(path)
    door.listen()
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # nobody waits for keepers
    print("ready", flush=True)
    while True:
        ready, _, _ = select.select([door, sys.stdin], [], [])
        if sys.stdin in ready:
            return
        run, _ = door.accept()
        if os.fork() == 0:
            door.close()
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            request = keep(run)
            sys.argv = [script, *request["arguments"]]
            runpy.run_path(script, run_name="__main__")
            return
        run.close()


def keep(run: socket.socket) -> dict:
    """Fork the program, and return its request in it. The other process tells how it ends, and exits."""
    text, files, _, _ = socket.recv_fds(run, LENGTH, 3)
    request = json.loads(text)
    program = os.fork()
    if program == 0:
        run.close()
        for number, file in enumerate(files):
            os.dup2(file, number)
            os.close(file)
        os.chdir(request["folder"])
        os.environ.clear()
        os.environ.update(request["environment"])
        return request
    for file in (0, 1, 2, *files):
        os.close(file)  # else whoever reads the output of the program would wait for this process, too
    run.sendall(f"{program}\n".encode())
    import threading

    threading.Thread(target=end_with, args=(run, program), daemon=True).start()
    _, status = os.waitpid(program, 0)
    run.sendall(f"{os.waitstatus_to_exitcode(status)}\n".encode())
    os._exit(0)


def end_with(run: socket.socket, program: int) -> None:
    """Kill the program if the process that stands for it has ended before."""
    run.recv(1)
    os.kill(program, signal.SIGKILL)


def stand_in(path: str, arguments: list[str]) -> None:
    """Run the program in the place of this process."""
    run = socket.socket(socket.AF_UNIX)
    run.connect(path)
    request = {"arguments": arguments, "folder": os.getcwd(), "environment": dict(os.environ)}
    signal.pthread_sigmask(signal.SIG_BLOCK, SIGNALS)  # until it is known whom to forward them to
    socket.send_fds(run, [json.dumps(request).encode()], [0, 1, 2])
    answers = run.makefile("r")
    program = int(answers.readline())
    for number in SIGNALS:
        signal.signal(number, lambda number, _frame: os.kill(program, number))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, SIGNALS)
    status = int(answers.readline())
    if status < 0:
        signal.signal(-status, signal.SIG_DFL)
        os.kill(os.getpid(), -status)
    os._exit(status)


if __name__ == "__main__":
    if sys.argv[1] == "--serve":
        serve(*sys.argv[2:])
    else:
        stand_in(sys.argv[1], sys.argv[2:])
