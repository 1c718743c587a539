"""A Python package index of static files."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import zipfile

METADATA = """\
Metadata-Version: 2.1
Name: greeting
Version: {version}
Summary: Says hello
License-Expression: MIT
Home-page: https://example.com/greeting
"""


PROJECT = """\
[build-system]
requires = ["setuptools"]
build-backend = "setuptools.build_meta"
[project]
name = "greeting"
version = "{version}"
scripts = {{ greet = "greeting:main" }}
[tool.setuptools]
packages = ["greeting"]
"""


class PythonIndex:
    """A Python package index of static files, with one project, `greeting`."""

    def __init__(self, server):
        self.folder, self.url = server.folder, server.url

    def release(self, version, *, sdist=True, **changes):
        files = [("bdist_wheel", f"greeting-{version}-py3-none-any.whl", self._wheel(version))]
        if sdist:
            files.append(("sdist", f"greeting-{version}.tar.gz", self._sdist(version)))
        answer = {"info": {"name": "greeting", "version": version}, "releases": {version: []}, "urls": []}
        for kind, name, content in files:
            (self.folder / name).write_bytes(content)
            digests = {"sha256": hashlib.sha256(content).hexdigest()}
            file = {"packagetype": kind, "filename": name, "url": f"{self.url}/{name}", "digests": digests}
            answer["urls"].append({**file, **(changes if kind == "sdist" else {})})
        (self.folder / f"{files[0][1]}.metadata").write_text(METADATA.format(version=version))
        for place in ("pypi/greeting/json", f"pypi/greeting/{version}/json"):
            self.answer(place, answer)

    def answer(self, place, answer):
        path = self.folder / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(answer if isinstance(answer, str) else json.dumps(answer))

    def _wheel(self, version):
        with zipfile.ZipFile(file := io.BytesIO(), "w") as archive:
            archive.writestr("greeting/__init__.py", "")
            archive.writestr(f"greeting-{version}.dist-info/METADATA", METADATA.format(version=version))
            archive.writestr(
                f"greeting-{version}.dist-info/entry_points.txt", "[console_scripts]\ngreet = greeting:main\n"
            )
        return file.getvalue()

    def _sdist(self, version):
        files = {
            "PKG-INFO": METADATA.format(version=version),
            "pyproject.toml": PROJECT.format(version=version),
            "greeting/__init__.py": "def main(): print('hello')\n",
        }
        with tarfile.open(fileobj=(file := io.BytesIO()), mode="w:gz") as archive:
            for name, text in files.items():
                info = tarfile.TarInfo(f"greeting-{version}/{name}")
                info.size = len(text)
                archive.addfile(info, io.BytesIO(text.encode()))
        return file.getvalue()
