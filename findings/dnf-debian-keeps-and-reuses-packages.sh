#!/usr/bin/env bash
# Debian's dnf keeps each package that it installs, in /var/lib/dnf/plugins/local of the host, and uses it again.
#
# Debian's package dnf-plugins-core enables the plugin `local`, and Fedora has it in a package of its own. After
# each installation it copies the packages to /var/lib/dnf/plugins/local of the host, also with --installroot. If
# createrepo_c is in the PATH, they are the repository `_dnf_local` of all later runs, with a lower cost than that
# of others. So a package that was built again with the same version is not installed: the old one is. And
# `_dnf_local` has the gpgcheck=1 of Debian's dnf.conf and no key. So dnf refuses to install into a new root, or
# on a Debian without imported keys, even if your only repository has gpgcheck=0.
#
# --disableplugin=local, or --repo with your repositories, helps for one run, and `enabled = false` in
# /etc/dnf/plugins/local.conf for all.
#
# Seen with dnf 4.14.0 and dnf-plugins-core 4.3.1 (Debian 12), createrepo_c 1.2.5 (PyPI: createrepo-c). The script
# uses Debian's local.conf, but with a folder of its own instead of the host's. Needs root.
# Exit status: 0 as described, 1 it has changed, 2 a program or root is missing.
set -euo pipefail
for program in rpmbuild dnf; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install rpm dnf"; exit 2; }
done
[ -e /etc/dnf/plugins/local.conf ] || { echo "local.conf is missing: apt-get install dnf-plugins-core"; exit 2; }
[ "$(id -u)" = 0 ] || { echo "dnf --installroot needs root"; exit 2; }
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check createrepo-c==1.2.5 2>pip.log || { cat pip.log; exit 2; }
export HOME=$folder PATH=$folder/venv/bin:$PATH
cp -r /etc/dnf/plugins plugins
sed "s|^# repodir = .*|repodir = $folder/kept|" /etc/dnf/plugins/local.conf >plugins/local.conf
mkdir repos
printf '[builds]\nname=Builds\nbaseurl=file://%s/repository\ngpgcheck=0\n' "$folder" >repos/builds.repo
grep -q "^repodir" plugins/local.conf || { echo "local.conf has no line for repodir any more"; exit 1; }

publish() { # publish TEXT: build hello-1-1 with this text, as the only package of the repository
    cat >hello.spec <<SPEC
Name: hello
Version: 1
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%install
mkdir -p %{buildroot}/opt
echo $1 >%{buildroot}/opt/build
%files
/opt/build
SPEC
    rpmbuild --define "_topdir $folder/top" -bb hello.spec >build.log 2>&1
    rm -rf repository && mkdir repository
    mv top/RPMS/noarch/*.rpm repository
    createrepo_c -q repository >create.log 2>&1
}
install() { # install ROOT OPTION...: install hello into a new root, and print its text, or what dnf refuses
    if dnf -q -y --releasever=1 --setopt="reposdir=$folder/repos" --setopt="cachedir=$folder/cache-$1" \
        --setopt="pluginconfpath=$folder/plugins" --installroot="$folder/$1" "${@:2}" \
        install hello >"$1.log" 2>&1; then
        cat "$1/opt/build"
    else
        grep -o "Problem repository: .*" "$1.log"
    fi
}

publish old
refused=$(install first)
plain=$(install second --disableplugin=local)
old=$(install third --nogpgcheck)
publish new
again=$(install fourth --nogpgcheck)
new=$(install fifth --nogpgcheck --disableplugin=local)
dnf --version | head -n 1
echo "from a repository with gpgcheck=0:           $refused"
echo "the same with --disableplugin=local:         $plain"
echo "with --nogpgcheck:                           $old, and kept is $(cd kept && ls ./*.rpm)"
echo "after the repository has another build:      $again"
echo "the same with --disableplugin=local:         $new"
[[ $refused == *_dnf_local* && $plain == old && $old == old && $again == old && $new == new ]] || exit 1
