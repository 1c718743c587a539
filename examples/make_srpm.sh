#!/bin/sh
# Make the source RPM of a package in examples/:  make_srpm.sh FOLDER [PACKAGE]
# PACKAGE is tally by default. It prints the path of the file.
set -eu
package=${2:-tally}
sources=$(cd "$(dirname "$0")/$package" && pwd)
folder=$(mkdir -p "$1" && cd "$1" && pwd)
tar --create --gzip --file "$folder/$package-1.0.tar.gz" --directory "$sources" --transform "s,^\.,$package-1.0," \
    --exclude "$package.spec" .
rpmbuild -bs --quiet --define "_topdir $folder/rpmbuild" --define "_dbpath $folder/rpmdb" \
    --define "_sourcedir $folder" --define "_srcrpmdir $folder" "$sources/$package.spec"
echo "$folder/$package"-1.0-1*.src.rpm
