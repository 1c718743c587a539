"""Source type `custom`: a script that makes a spec and its sources, or a source RPM.

The script runs in the place of the build, in an empty folder and, as at a real Copr, with the network. In an
installed root, the packages that it needs are installed first. On this machine nothing is installed for it,
and the setting `Settings.build_requires` says what to do if one is missing.
"""

from __future__ import annotations

from pathlib import Path, PurePosixPath

from ..log import Tail
from ..results import regular_files
from ..tasks import BuildFailed, SourceTask
from .workspace import Found, Workspace


def fetch(task: SourceTask, workspace: Workspace) -> Found:
    """Run the script, and return the source RPM or the spec that it made.

    The script has the variables COPR_OWNER, COPR_PROJECT, COPR_PACKAGE (empty if the package is not known)
    and COPR_RESULTDIR, an absolute path of a folder that exists.

    :param task: its `source` has `script` and, optional, `resultdir` (folder of the results, by default the
        one that the script starts in), `builddeps` (packages, separated by spaces), `chroot` and `repos`
        (both only logged without a root). The payload of a webhook, if there is one, is put into the
        script's folder.
    :param workspace: the files and the log of the build.
    :returns: the only source RPM in the results folder or, if there is none, the only spec.
    :raises BuildFailed: a package that the script needs is missing, the script failed, or it did not leave
        one source RPM or one spec.
    :raises BuildCancelled: the build was cancelled.
    :source: Copr documentation, page "Custom source method"
    """
    source = {name: str(value or "") for name, value in task.source.items()}
    results = _results_folder(source.get("resultdir", ""))
    sandbox, log, place = workspace.sandbox, workspace.log, workspace.place
    chroot = source.get("chroot") or "no chroot in particular"
    log.line(f"The script is for {chroot}; it runs with {place.name}")
    if source.get("repos") and task.root is None:
        log.line(f"Nothing is installed from {source['repos']}")
    place.provide(source.get("builddeps", "").split())
    written = sandbox.outside / "script"
    written.write_text(source["script"], newline="")
    written.chmod(0o755)
    script = sandbox.home / "script"
    sandbox.place(written, script)
    _make_results_folder(workspace, results)
    if task.uploaded is not None:  # the payload of a webhook
        workspace.copy(task.uploaded, workspace.folder / task.uploaded.name)
    interpreter = [] if source["script"].startswith("#!") else ["sh"]
    variables = _variables(task, f"{sandbox.inside(workspace.folder)}/{results}".removesuffix("/."))
    command = ["env", *(f"{name}={value}" for name, value in variables.items())]
    command += [*interpreter, sandbox.inside(script)]
    log.line("Running the script")
    status = place.run_script(command, Tail(log), workspace.folder)
    if status != 0:
        ended = f"exited with {status}" if status > 0 else f"was ended by signal {-status}"
        raise BuildFailed(f"the script {ended}")
    return _found(workspace, results)


def _results_folder(name: str) -> PurePosixPath:
    """Return the relative path of the results folder; raise if it leads out of the script's folder."""
    folder = PurePosixPath(name)
    if folder.is_absolute() or ".." in folder.parts or "\0" in name:
        raise BuildFailed(f"the resultdir {name!r} leads out of the folder that the script runs in")
    return folder


def _make_results_folder(workspace: Workspace, results: PurePosixPath) -> None:
    """Create the results folder, before any program of the build can put a link in its place."""
    folder = workspace.folder
    for part in results.parts:
        folder = workspace.sandbox.make_directory(folder / part)


def _variables(task: SourceTask, results: str) -> dict[str, str]:
    """Return the environment variables that a script gets."""
    owner, _, project = task.project.partition("/")
    return {
        "COPR_OWNER": owner,
        "COPR_PROJECT": project,
        "COPR_PACKAGE": task.package or "",
        "COPR_RESULTDIR": results,
    }


def _found(workspace: Workspace, results: PurePosixPath) -> Found:
    """Return the only source RPM in the results folder or, if there is none, the only spec."""
    home = workspace.sandbox.home
    folder = workspace.folder / results
    inner = str(folder.relative_to(home))
    for suffix in (".src.rpm", ".spec"):
        files = [file for file in regular_files(home, inner, suffix) if _is_in(file, folder)]
        if len(files) == 1:
            return Found(files[0], files[0].name)
        if files:
            names = ", ".join(file.name for file in files)
            raise BuildFailed(f"the script must leave one {suffix} in the resultdir, but it left {names}")
    raise BuildFailed(f"the script left no .src.rpm and no .spec in the resultdir {str(results)!r}")


def _is_in(file: Path, folder: Path) -> bool:
    """Return True if the file is directly in the folder, and not in one below it."""
    return file.parent == folder.resolve()
