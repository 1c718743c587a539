#!/usr/bin/env bash
# With metadata_expire=0, dnf uses metadata that it has read within the same second, without looking again.
#
# A repository with this option is expected to be read by each command; a real Copr gives it to the repositories
# of a build. libdnf counts the age in whole seconds, and metadata is expired if it is older than 0 seconds. So a
# package that is published right after a command is not found by the next one, which reports no error: a build
# that starts when another one has just ended does not see its packages. `--refresh`, or expire() of the
# repository, makes dnf look.
#
# Seen with dnf 4.14.0 and libdnf 0.69.0 (Debian 12, package dnf), createrepo_c 1.2.5 (PyPI).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
for program in rpmbuild dnf; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install rpm dnf"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check createrepo-c==1.2.5 2>pip.log || { cat pip.log; exit 2; }
export HOME=$folder/home
mkdir home repository
for name in first second; do
    cat >"$name.spec" <<SPEC
Name: $name
Version: 1
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%files
SPEC
    rpmbuild --quiet -bb --define "_rpmdir $folder/rpms" "$name.spec"
done

publish() {
    cp "rpms/noarch/$1"-*.rpm repository
    venv/bin/createrepo_c --quiet repository
}

names() {
    dnf --quiet --setopt=cachedir="$folder/cache" --setopt=reposdir=/nonexistent --installroot="$folder/root" \
        --releasever=1 --repofrompath="r,file://$folder/repository" --setopt=r.metadata_expire=0 --repo=r \
        "$@" repoquery --queryformat '%{name}' 2>/dev/null | xargs
}

dnf --version | head -n 1
# Two commands take a part of a second. On a busy machine it may be more, so it is tried some times.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    rm -rf repository cache
    mkdir repository
    publish first
    before=$(names)
    publish second
    at_once=$(names)
    refreshed=$(names --refresh)
    echo "before: $before | right after it was published: $at_once | with --refresh: $refreshed"
    [ "$before" = first ] && [ "$refreshed" = "first second" ] || exit 1
    [ "$at_once" = first ] && exit 0
done
exit 1
