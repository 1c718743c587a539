#!/usr/bin/env bash
# mergerepo_c keeps one package per name and architecture: that of the first repository, even if it is older.
#
# A merge of a repository with hello-1 and one with hello-2 has only hello-1. There is no message, and the
# exit status is 0. `--all` keeps both. So a merge is not what dnf sees with both repositories enabled.
#
# Seen with mergerepo_c of createrepo_c 1.2.5 (PyPI: createrepo-c), rpm 4.18.0 (Debian 12).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v rpmbuild >/dev/null || { echo "rpmbuild is missing: apt-get install rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check createrepo-c==1.2.5 2>pip.log || { cat pip.log; exit 2; }
for version in 1 2; do
    cat >hello.spec <<SPEC
Name: hello
Version: $version
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%files
SPEC
    HOME=$folder rpmbuild --define "_topdir $folder/top" -bb hello.spec >build.log 2>&1
    mkdir "repository$version"
    mv top/RPMS/noarch/*.rpm "repository$version"
    venv/bin/createrepo_c -q "repository$version" 2>>create.log
done

merged() { # the packages of a merge with these options
    rm -rf merged
    venv/bin/mergerepo_c "$@" -o merged >merge.log 2>&1
    venv/bin/python - 2>/dev/null <<'PYTHON'
import createrepo_c
metadata = createrepo_c.Metadata()
metadata.locate_and_load_xml("merged")
print(*sorted(f"{p.name}-{p.version}" for p in map(metadata.get, metadata.keys())))
PYTHON
}
old_first=$(merged --repo=repository1 --repo=repository2)
new_first=$(merged --repo=repository2 --repo=repository1)
all=$(merged --all --repo=repository1 --repo=repository2)

venv/bin/mergerepo_c --version
echo "hello-1 first: $old_first"
echo "hello-2 first: $new_first"
echo "with --all:    $all"

[ "$old_first" = "hello-1" ] && [ "$new_first" = "hello-2" ] && [ "$all" = "hello-1 hello-2" ] || exit 1
