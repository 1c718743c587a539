#!/usr/bin/env bash
# In a shallow clone, rpmautospec starts again with release 1, writes a changelog of one entry, and says nothing.
#
# `%autorelease` is the number of commits since the version changed. The checkout of most CI services has one
# commit (depth 1), so each build has release 1, with the status 0 and without a warning. dnf does not update
# to such a package, or installs an older one instead. Clone with the whole history (in GitHub's
# actions/checkout: fetch-depth: 0) where a spec has %autorelease or %autochangelog.
#
# Seen with rpmautospec 0.8.5, pygit2 1.21.0 (PyPI), rpm 4.18.0 (Debian 12, packages rpm, python3-rpm and git).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
command -v git >/dev/null || { echo "git is missing: apt-get install git"; exit 2; }
/usr/bin/python3 -c 'import rpm' || { echo "rpm is missing in Python: apt-get install python3-rpm"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
/usr/bin/python3 -m venv --system-site-packages venv
venv/bin/pip install -q --disable-pip-version-check rpmautospec==0.8.5 pygit2==1.21.0 click==8.5.1 \
    click-plugins==1.1.1.2 babel==2.19.0 2>pip.log || { cat pip.log; exit 2; }
export HOME=$folder
git config --global user.name Packager
git config --global user.email packager@example.org
git init -q origin
cat >origin/hello.spec <<'SPEC'
Name: hello
Version: 1
Release: %autorelease
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%files
%changelog
%autochangelog
SPEC
git -C origin add hello.spec
git -C origin commit -q -m 'Package hello'
for fix in one two three; do
    echo "# $fix" >>origin/hello.spec
    git -C origin commit -q -a -m "Fix $fix"
done
git clone -q "file://$folder/origin" whole/hello
git clone -q --depth=1 "file://$folder/origin" shallow/hello

seen=()
for clone in whole shallow; do
    release=$(venv/bin/rpmautospec calculate-release "$clone/hello" 2>"$clone.log")
    entries=$(venv/bin/rpmautospec generate-changelog "$clone/hello" 2>>"$clone.log" | grep -c '^\*')
    seen+=("${release##* }, $entries, $(wc -l <"$clone.log")")
done
venv/bin/pip list 2>/dev/null | grep -E '^(rpmautospec|pygit2) '
echo "release, entries of the changelog, lines of warnings"
echo "of the whole clone:   ${seen[0]}"
echo "of the shallow clone: ${seen[1]}"
[ "${seen[0]}" = "4, 4, 0" ] && [ "${seen[1]}" = "1, 1, 0" ] || exit 1
