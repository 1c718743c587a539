"""A program that makes namespaces and becomes a command, as root of a root or in a network of its own.

Its arguments are PARENT INSTRUCTIONS COMMAND...; `start` returns them. It starts for each program of a build,
so it imports as little as possible: `json`, `subprocess` and `typing` would take half of its time.
INSTRUCTIONS are a dictionary in `marshal`'s format, in hexadecimal digits; `roots/namespace.py` and
`network.py` write them:

- `ids`, `groups`: the maps of user and group ids, as lists of [id inside, id outside, count]; null for no
  user namespace.
- `owner`: the user and group id outside that id 0 has; only if this program runs as root, else null.
- `mappers`: the programs that write these maps (`newuidmap` and `newgidmap`); null to write them here.
- `folders`: paths of this machine by the names that they get. The command finds each at `/tmp/NAME`. If there
  are none, it sees all of this machine.
- `layers`: names of folders to stack, the topmost first, at `/tmp/root`; a folder `changes` with `upper` and
  `work` in it, if there is one, takes what is written there.
- `places`: paths of the root that the command mounts something at. A package may have made one of them a link
  out of the root, which the command would follow.
- `limits`: resource limits by their numbers.
- `handler`: a line for the kernel's `binfmt_misc`, so that programs for another architecture run; null for
  none.
- `network`: null for the network of the service. For a network of its own, the path of `slirp4netns`, which
  connects it, and the IPv4 networks that cannot be reached from it.

If the service is root, the folders are mounted before the ids change: the data folder may be closed to all
other ids. All mounts are in a mount namespace of the command, and vanish with it.
"""

import ctypes
import marshal
import os
import resource
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

PLACE = "/tmp"  # noqa: S108 - a mount of its own hides what the machine has there
CLONE_NEWNS, CLONE_NEWUSER, CLONE_NEWNET = 0x20000, 0x10000000, 0x40000000
MS_BIND, MS_REC, MS_PRIVATE, MS_NOSUID, MS_NODEV = 0x1000, 0x4000, 0x40000, 0x2, 0x4
PR_SET_PDEATHSIG, PR_SET_DUMPABLE = 1, 4
SIGPIPE, SIGXFSZ, SIGKILL, SIG_DFL = 13, 25, 9, 0
NETLINK_ROUTE, RTM_NEWROUTE, NEW_WITH_ANSWER, RTN_UNREACHABLE = 0, 24, 0x605, 7

libc = ctypes.CDLL(None, use_errno=True)


class Failed(Exception):
    """A step that this machine does not allow; the text names it."""


def call(what: str, status: int) -> None:
    """Check the result of a system call.

    :param what: what it was to do, for the error.
    :param status: what it returned.
    :raises Failed: it failed.
    """
    if status != 0:
        raise Failed(f"{what}: {os.strerror(ctypes.get_errno())}")


def mount(
    source: str | None, target: str, kind: str | None = None, flags: int = 0, options: str | None = None
) -> None:
    """Call mount(2).

    :param source: device, folder, or name of the mount.
    :param target: where to mount it.
    :param kind: type of the file system; None to bind.
    :param flags: flags of mount(2).
    :param options: options of the file system.
    :raises Failed: the kernel refuses it.
    """
    values = [None if each is None else os.fsencode(each) for each in (source, target, kind, options)]
    source_, target_, kind_, options_ = values
    call(f"mount {kind or source} at {target}", libc.mount(source_, target_, kind_, flags, options_))


def unshare(flags: int, what: str) -> None:
    """Call unshare(2).

    :param flags: the namespaces to make.
    :param what: what they are, for the error.
    :raises Failed: the kernel refuses it.
    """
    call(what, libc.unshare(flags))


def make_user_namespace(told: "dict[str, Any]") -> None:
    """Make the user namespace of this process; a child, which stays outside, writes the maps of ids.

    :param told: the instructions.
    :raises Failed: the kernel or `newuidmap` refuses it.
    :raises OSError: the same.
    """
    ready, begin = os.pipe()
    outside = os.fork()
    if outside == 0:
        os.close(begin)
        sys.exit(write_maps(os.getppid(), told) if os.read(ready, 1) else 1)
    os.close(ready)
    try:
        if told["owner"] is not None:
            become(told["owner"])
        unshare(CLONE_NEWUSER, "a user namespace")
        os.write(begin, b"1")
    finally:
        os.close(begin)
        _, status = os.waitpid(outside, 0)
    if status != 0:
        raise Failed("the ids of the user namespace cannot be set")
    become(0, groups=told["owner"] is not None or told["mappers"] is not None)


def write_maps(process: int, told: "dict[str, Any]") -> int:
    """Write the maps of ids of a process.

    :param process: its process id.
    :param told: the instructions.
    :returns: 0, or 1 if a program failed.
    :raises OSError: the kernel refuses the maps.
    """
    for name, mapper in (("ids", "newuidmap"), ("groups", "newgidmap")):
        rows = told[name]
        if told["mappers"] is not None:
            numbers = [str(number) for row in rows for number in row]
            command = [told["mappers"][mapper], str(process), *numbers]
            child = os.posix_spawn(command[0], command, os.environ)
            if os.waitpid(child, 0)[1] != 0:
                return 1
            continue
        if name == "groups" and os.geteuid() != 0:
            with open(f"/proc/{process}/setgroups", "w") as file:
                file.write("deny")
        with open(f"/proc/{process}/{'uid' if name == 'ids' else 'gid'}_map", "w") as file:
            file.write("".join("{} {} {}\n".format(*row) for row in rows))
    return 0


def become(number: int, *, groups: bool = True) -> None:
    """Change the user and the group id of this process.

    :param number: the id.
    :param groups: True to leave all other groups.
    :raises OSError: the kernel refuses it.
    """
    if groups:
        os.setgroups([])
    os.setresgid(number, number, number)
    os.setresuid(number, number, number)


def show(folders: dict[str, str]) -> None:
    """Mount an empty file system at `PLACE`, and the folders in it.

    :param folders: paths by name.
    :raises Failed: the kernel refuses a mount.
    :raises OSError: a folder does not exist.
    """
    mount(None, "/", flags=MS_REC | MS_PRIVATE)
    # They are opened first, because the mount at `PLACE` may hide their paths.
    handles = {name: os.open(path, os.O_PATH) for name, path in folders.items()}
    mount("tmpfs", PLACE, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755")
    for name, handle in handles.items():
        target = f"{PLACE}/{name}"
        source = f"/proc/self/fd/{handle}"
        if os.path.isdir(source):
            os.mkdir(target)
        else:
            os.close(os.open(target, os.O_CREAT | os.O_WRONLY))
        mount(source, target, flags=MS_BIND | MS_REC)
        os.close(handle)
    for name in ("root", "handlers"):
        os.mkdir(f"{PLACE}/{name}")


def stack(layers: list[str], *, has_changes: bool) -> None:
    """Mount the layers of a root at `PLACE`/root.

    :param layers: their names, the topmost first.
    :param has_changes: True if the folder `changes` takes what is written.
    :raises Failed: the kernel refuses it.
    """
    target = f"{PLACE}/root"
    if has_changes:
        lower = ":".join(f"{PLACE}/{name}" for name in layers)
        changes = f"upperdir={PLACE}/changes/upper,workdir={PLACE}/changes/work"
        # Volatile: neither rpm, which syncs its database for each package, nor the end of the mount waits
        # for the disk.
        mount("overlay", target, "overlay", 0, f"userxattr,volatile,lowerdir={lower},{changes}")
    elif len(layers) > 1:
        lower = ":".join(f"{PLACE}/{name}" for name in layers)
        mount("overlay", target, "overlay", 0, f"userxattr,lowerdir={lower}")
    else:
        mount(f"{PLACE}/{layers[0]}", target, flags=MS_BIND | MS_REC)


def check(places: list[str]) -> None:
    """Check that no path leads out of the root at `PLACE`/root.

    :param places: the paths in the root; they need not exist.
    :raises OSError: a path cannot be followed.
    """
    root = f"{PLACE}/root"
    for place in places:
        if not f"{os.path.realpath(root + place)}/".startswith(f"{root}/"):
            sys.exit(
                f"error: a package of this root has replaced {place} by a link that leads out of the root"
            )


def run_foreign(handler: str) -> None:
    """Let programs for another architecture run in this user namespace.

    The kernel opens the emulator now, so the programs need not see it. It forgets the handler when the
    mount vanishes, with the mount namespace that this program makes.

    :param handler: the line that describes these programs and their emulator.
    :raises Failed: the kernel has no `binfmt_misc` for user namespaces.
    :raises OSError: the emulator does not exist.
    """
    place = f"{PLACE}/handlers"
    mount("binfmt_misc", place, "binfmt_misc")
    with open(f"{place}/register", "w") as file:
        file.write(handler)


class Network:
    """A network of its own, which `slirp4netns` connects to that of the service.

    `slirp4netns` begins with the rights of the service, and ends when nobody has the file descriptor `used`.

    :param program: path of `slirp4netns`.
    :param refused: IPv4 networks that cannot be reached.
    :raises OSError: it cannot be started.
    """

    def __init__(self, program: str, refused: "Sequence[str]") -> None:
        # `refuse` uses these when this program cannot read their files any more.
        import socket  # noqa: F401
        import struct  # noqa: F401

        self._refused = refused
        self._ready, ready = os.pipe()
        begin, self._begin = os.pipe()
        unused, self._used = os.pipe()
        if os.fork() == 0:
            for handle in (self._ready, self._begin, self._used):
                os.close(handle)
            if os.read(begin, 1):
                for handle in (ready, unused):
                    os.set_inheritable(handle, True)
                for output in (1, 2):
                    os.dup2(os.open("/dev/null", os.O_WRONLY), output)
                options = ["--configure", "--mtu=65520", "--disable-host-loopback", "--enable-sandbox"]
                options += ["--enable-seccomp", f"--ready-fd={ready}", f"--exit-fd={unused}"]
                os.execv(program, [program, *options, str(os.getppid()), "tap0"])  # noqa: S606 - its purpose
            os._exit(1)
        for handle in (ready, begin, unused):
            os.close(handle)

    def make(self) -> None:
        """Make the network of this process, and wait until it is connected.

        :raises Failed: the kernel or `slirp4netns` refuses it.
        :raises OSError: the same.
        """
        unshare(CLONE_NEWNET, "a network namespace")
        libc.prctl(PR_SET_DUMPABLE, 1, 0, 0, 0)  # slirp4netns opens the namespaces of this process
        os.write(self._begin, b"1")
        if os.read(self._ready, 1) != b"1":
            raise Failed("slirp4netns does not connect the network namespace")
        refuse(self._refused)
        os.set_inheritable(self._used, True)


def refuse(networks: "Sequence[str]") -> None:
    """Make networks unreachable, in the network namespace of this process.

    :param networks: IPv4 networks, such as `10.0.0.0/8`.
    :raises OSError: the kernel refuses it.
    :source: rtnetlink(7)
    """
    import socket
    import struct

    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_ROUTE) as kernel:
        for network in networks:
            address, _, length = network.partition("/")
            route = struct.pack("=8BI", socket.AF_INET, int(length), 0, 0, 254, 4, 0, RTN_UNREACHABLE, 0)
            target = struct.pack("=HH4s", 8, 1, socket.inet_aton(address))
            size = 16 + len(route) + len(target)
            kernel.send(struct.pack("=IHHII", size, RTM_NEWROUTE, NEW_WITH_ANSWER, 1, 0) + route + target)
            error = -struct.unpack_from("=i", kernel.recv(4096), 16)[0]
            if error:
                raise OSError(error, f"{network} cannot be made unreachable: {os.strerror(error)}")


def make_namespaces(told: "dict[str, Any]") -> None:
    """Make the namespaces of this process, and show it its folders.

    :param told: the instructions.
    :raises Failed: the kernel or a program refuses it.
    :raises OSError: the same.
    """
    network = None if told["network"] is None else Network(*told["network"])
    shows_first = told["owner"] is not None
    if shows_first:
        unshare(CLONE_NEWNS, "a mount namespace")
        show(told["folders"])
    if told["ids"] is not None:
        make_user_namespace(told)
    if network is not None:
        network.make()
    if told["folders"]:
        unshare(CLONE_NEWNS, "a mount namespace of the user namespace")
    if told["folders"] and not shows_first:
        show(told["folders"])


def enter(parent: int, told: "dict[str, Any]", command: list[str]) -> None:
    """Make the namespaces, and become the command.

    :param parent: process id of the service.
    :param told: the instructions.
    :param command: program and arguments.
    :raises Failed: the kernel refuses something, or the service has ended.
    :raises OSError: the same, or the program does not exist.
    """
    for number, limit in told["limits"]:
        resource.setrlimit(number, (limit, limit))
    make_namespaces(told)
    if told["layers"]:
        stack(told["layers"], has_changes="changes" in told["folders"])
        check(told["places"])
    if told["handler"]:
        run_foreign(told["handler"])
    if told["folders"]:
        os.chdir("/")
    for number in (SIGPIPE, SIGXFSZ):  # Python ignores them
        libc.signal(number, SIG_DFL)
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    if os.getppid() != parent:
        raise Failed("the service has ended")
    os.execvp(command[0], command)  # noqa: S606 - the purpose of this program


def start(parent: int, told: "dict[str, Any]") -> list[str]:
    """Return the command that runs this program; the command to become follows.

    It imports this program, because Python would compile a script each time.

    :param parent: process id of the service.
    :param told: the instructions.
    :returns: program and arguments.
    """
    folder, name = os.path.split(os.path.splitext(os.path.abspath(__file__))[0])
    script = f"import sys; sys.path.append({folder!r}); import {name}; {name}.main()"
    return [sys.executable, "-I", "-S", "-c", script, str(parent), marshal.dumps(told).hex()]


def main() -> None:
    """Carry out the arguments of this program; it never returns."""
    libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0)
    try:
        enter(int(sys.argv[1]), marshal.loads(bytes.fromhex(sys.argv[2])), sys.argv[3:])  # noqa: S302 - ours
    except (Failed, OSError) as error:
        print(f"error: this machine does not make a namespace: {error}", file=sys.stderr)
        sys.exit(125)
