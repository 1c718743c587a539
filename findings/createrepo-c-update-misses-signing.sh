#!/usr/bin/env bash
# rpmsign does not change the size of a package, so `createrepo_c --update` can miss that it was signed.
#
# A package has 4 KiB of reserved space in its header for a signature, and the file stays as long as it was.
# `createrepo_c --update` reads a package again only if its size or its mtime differs, and compares the mtime in
# whole seconds. So if a package is added and signed within a second, or signed by a tool that keeps its mtime,
# the metadata keeps the checksum of the file without the signature, and dnf refuses the package. Sign before
# createrepo_c, or run it without --update.
#
# Seen with rpm 4.18.0, dnf 4.14.0 (Debian 12), createrepo_c 1.2.5 (PyPI: createrepo-c).
# Exit status: 0 as described, 1 it has changed, 2 a program is missing.
set -euo pipefail
for program in rpmbuild rpmsign gpg dnf; do
    command -v "$program" >/dev/null || { echo "$program is missing: apt-get install rpm gpg dnf"; exit 2; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install -q --disable-pip-version-check createrepo-c==1.2.5 2>pip.log || { cat pip.log; exit 2; }
export HOME=$folder GNUPGHOME=$folder/gnupg
mkdir -m 0700 gnupg
gpg --quiet --batch --passphrase '' --quick-generate-key packager@example.org rsa2048 sign never 2>gpg.log
trap 'gpgconf --kill gpg-agent; rm -rf "$folder"' EXIT
cat >hello.spec <<SPEC
Name: hello
Version: 1
Release: 1
Summary: A package
License: MIT
BuildArch: noarch
%description
A package.
%files
SPEC
rpmbuild --define "_topdir $folder/top" -bb hello.spec >build.log 2>&1
mkdir repository log
mv top/RPMS/noarch/hello-1-1.noarch.rpm repository
package=repository/hello-1-1.noarch.rpm

download() { # download NAME: "downloads", or what dnf says
    if dnf -q --releasever=1 --nogpgcheck --disableplugin=local --setopt=reposdir=/nowhere \
        --setopt="cachedir=$folder/cache-$1" --setopt="logdir=$folder/log" --setopt="persistdir=$folder/state" \
        --installroot="$folder/root" --destdir="$folder/$1" --repofrompath="builds,file://$folder/repository" \
        --repo=builds download hello >"$1.log" 2>&1; then
        echo "downloads it"
    else
        grep -o -m 1 'incorrect checksum' "$1.log"
    fi
}

touch -d '2026-01-01 12:00:00.1' "$package"
venv/bin/createrepo_c -q repository >create.log 2>&1
unsigned=$(stat -c %s "$package") before=$(sha256sum <"$package") plain=$(download unsigned)
rpmsign --addsign --define "__gpg $(command -v gpg)" --define '_gpg_name packager@example.org' "$package" >sign.log 2>&1
touch -d '2026-01-01 12:00:00.9' "$package" # as if it had been signed 0.8 seconds later
signed=$(stat -c %s "$package") after=$(sha256sum <"$package")
venv/bin/createrepo_c -q --update repository >create.log 2>&1
updated=$(download updated)
venv/bin/createrepo_c -q repository >create.log 2>&1
anew=$(download anew)

rpm --version
echo "bytes without and with a signature: $unsigned, $signed"
echo "dnf, before the package was signed: $plain"
echo "dnf, after createrepo_c --update:   $updated"
echo "dnf, after createrepo_c:            $anew"
[ "$unsigned" = "$signed" ] && [ "$before" != "$after" ] && [ "$plain" = "downloads it" ] &&
    [ "$anew" = "downloads it" ] && [[ $updated == *checksum ]] || exit 1
