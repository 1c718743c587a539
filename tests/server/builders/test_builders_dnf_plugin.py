"""The plugin that the service runs dnf with, in the Python of this machine's dnf."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.resources import files
from pathlib import Path

from copr_local.builders.roots.tools import find_dnf

COMPS = """\
<comps>
<group><id>core</id><name>Core</name><packagelist>
<packagereq type="mandatory">bash</packagereq><packagereq type="default">less</packagereq>
<packagereq type="optional">zsh</packagereq>
</packagelist></group>
<group><id>extra</id><name>Extra</name><packagelist/></group>
<category><id>all</id><name>All</name><grouplist><groupid>core</groupid></grouplist></category>
<environment><id>minimal</id><name>Minimal</name>
<grouplist><groupid>core</groupid></grouplist><optionlist><groupid>extra</groupid></optionlist></environment>
</comps>
"""
READ = """
import json, sys
sys.path.insert(0, sys.argv[1])
import dnf, dnf.comps, copr_local_requirements

copr_local_requirements.CoprLocalRequirements(dnf.Base(), None)
comps = dnf.comps.Comps()
comps._add_from_xml_filename(sys.argv[2])
core = comps.group_by_pattern("cor*")
environment = comps.environment_by_pattern("minimal")
print(json.dumps({
    "groups": [group.id for group in comps.groups],
    "categories": {each.id: [group.id for group in each.groups] for each in comps.categories},
    "mandatory": [package.name for package in core.mandatory_packages],
    "default": [package.name for package in core.default_packages],
    "all": [package.name for package in core.packages_iter()],
    "environment": [group.id for group in environment.mandatory_groups],
    "options": [group.id for group in environment.optional_groups],
    "none": comps.group_by_pattern("nothing"),
}))
"""


def test_groups_are_read_whichever_libcomps_the_machine_has(tmp_path: Path) -> None:
    (tmp_path / "comps.xml").write_text(COMPS)
    python = re.match(r"#!(\S+)", Path(find_dnf() or "").read_text())
    assert python is not None
    plugin = str(files("copr_local").joinpath("builders/roots/plugin"))
    command = [python[1], "-c", READ, plugin, str(tmp_path / "comps.xml")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done
    assert json.loads(done.stdout) == {
        "groups": ["core", "extra"],
        "categories": {"all": ["core"]},
        "mandatory": ["bash"],
        "default": ["less"],
        "all": ["bash", "less", "zsh"],
        "environment": ["core"],
        "options": ["extra"],
        "none": None,
    }
