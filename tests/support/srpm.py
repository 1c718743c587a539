"""Source RPMs for tests, made by rpmbuild."""

from __future__ import annotations

import subprocess
from pathlib import Path

SPEC = """\
Name:           {name}
Version:        {version}
Release:        1%{{?dist}}
Summary:        A package for a test
License:        MIT
BuildArch:      noarch
{needs}

%description
A package for a test.

%build
{build}

%install
mkdir -p %{{buildroot}}%{{_datadir}}/%{{name}}
echo %{{name}} > %{{buildroot}}%{{_datadir}}/%{{name}}/name

%check
{check}

%files
%{{_datadir}}/%{{name}}
"""


def make_srpm(folder: Path, name="hello", version="1.0", *, build=":", check=":", needs="") -> Path:
    """Return the path of a source RPM of a small noarch package, written to `folder`.

    `needs`: a package that it needs to be built and to be installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    spec = folder / f"{name}.spec"
    if needs:
        needs = f"BuildRequires: {needs}\nRequires: {needs}"
    spec.write_text(SPEC.format(name=name, version=version, build=build, check=check, needs=needs))
    subprocess.run(
        ["rpmbuild", "-bs", "--quiet", "--define", f"_srcrpmdir {folder}", str(spec)],
        check=True,
        capture_output=True,
    )
    [srpm] = folder.glob(f"{name}-{version}-1*.src.rpm")
    return srpm
