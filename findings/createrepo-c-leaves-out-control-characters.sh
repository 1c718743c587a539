#!/usr/bin/env bash
# createrepo_c leaves a package out if a text of it has a control character, and writes the repository anyway.
#
# rpmbuild accepts a form feed in a changelog without a warning, and rpm reads the package. XML cannot hold
# the character, and createrepo_c neither escapes nor removes it. The repository is complete and valid,
# without the package. Only the exit status 2 and a message tell.
#
# Seen with createrepo_c 1.2.5 (PyPI: createrepo-c), rpm 4.18.0 (Debian 12).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: apt-get install rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check createrepo-c==1.2.5 2>pip.log || { cat pip.log; exit 2; }
for name in plain page; do
    feed=$([ "$name" = page ] && printf '\f' || true)
    cat >$name.spec <<SPEC
Name: $name
Version: 1
Release: 1
Summary: A package with a changelog
License: MIT
BuildArch: noarch
%description
A package.
%files
%changelog
* Thu Jan 01 2026 A Packager <packager@example.org> - 1-1
- first page${feed}second page
SPEC
    HOME=$folder rpmbuild --define "_topdir $folder/top" -bb $name.spec >build.log 2>&1
done
mkdir repository
mv top/RPMS/noarch/*.rpm repository
status=0
venv/bin/createrepo_c repository >output.log 2>&1 || status=$?
listed=$(venv/bin/python - 2>/dev/null <<'PYTHON'
import createrepo_c
metadata = createrepo_c.Metadata()
metadata.locate_and_load_xml("repository")
print(*sorted(metadata.get(key).name for key in metadata.keys()))
PYTHON
)
venv/bin/createrepo_c --version
echo "packages in the folder:     $(rpm -qp --qf '%{name} ' repository/*.rpm)"
echo "exit status:                $status"
echo "packages in the repository: $listed"
grep "control chars" output.log | tr -d '\f'

[ "$status" = 2 ] && [ "$listed" = "plain" ] || exit 1
