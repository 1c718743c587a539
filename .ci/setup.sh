# Sets up this checkout: programs of the machine, then .venv. Sourced by quickstart and run-tests, from its root.
#
# need PROGRAM...   install what the programs come in, or say in one line what to run and exit 1
# make_venv         make .venv on the newest Python that can, with both distributions and what tests are run with;
#                   or with the wheels that it is given in place of the distributions
# add_to_venv FILE  install what a requirements file names, too
# npm_package SPEC  download a package of npm, NAME@VERSION, and print the path of its archive
# copy_checkout DIR copy the files of this checkout that git tracks or would track; DIR keeps its .venv
#
# PYTHON=python3.12 in the environment chooses the Python of .venv.
#
# Nothing is done twice: a second run finds everything in place within a second.

declare -A DEBIAN=([rpmbuild]=rpm [bwrap]=bubblewrap [git]=git [gcc]=gcc [make]=make [dnf]=dnf [newuidmap]=uidmap [slirp4netns]=slirp4netns [python3]=python3
    [venv]=python3-venv [openssl]=openssl [wget]=wget [krb5-config]=libkrb5-dev [python-headers]=python3-dev [rpm-module]=python3-rpm
    [krb5kdc]=krb5-kdc [kadmin.local]=krb5-admin-server [kinit]=krb5-user
    [system-pip]="python3-pip python3-setuptools python3-wheel" [gpg]=gnupg [rpmsign]=rpm
    [perl-makemaker]=perl [system-hatchling]=python3-hatchling [systemd-analyze]=systemd
    [glib]=libglib2.0-0 [xz]=xz-utils [pgrep]=procps [patch]=patch [file]=file [cpio]=cpio [bzip2]=bzip2
    [unzip]=unzip [zstd]=zstd [cmake]=cmake [meson]=meson [system-packaging]=python3-packaging
    [chromium]=chromium-headless-shell [dnf-copr]=dnf-plugins-core [npm]=npm [appstream]=appstream-compose [curl]=curl
    [postgres]=postgresql [nginx]=nginx [rabbitmq]="rabbitmq-server erlang-base" [redis-server]=redis-server)
declare -A FEDORA=([rpmbuild]=rpm-build [bwrap]=bubblewrap [git]=git [gcc]=gcc [make]=make [dnf]=dnf [newuidmap]=shadow-utils
    [slirp4netns]=slirp4netns
    [python3]=python3 [venv]=python3 [openssl]=openssl [wget]=wget [krb5-config]=krb5-devel [python-headers]=python3-devel
    [rpm-module]=python3-rpm [krb5kdc]=krb5-server [kadmin.local]=krb5-server [kinit]=krb5-workstation
    [system-pip]="python3-pip python3-setuptools python3-wheel pyproject-rpm-macros" [gpg]=gnupg2
    [rpmsign]=rpm-sign [perl-makemaker]="perl-ExtUtils-MakeMaker perl-macros" [systemd-analyze]=systemd [glib]=glib2 [xz]=xz [pgrep]=procps-ng
    [system-hatchling]="python3-hatchling python3-devel python3-pytest systemd-rpm-macros python3-aiohttp python3-click
        python3-createrepo_c python3-filelock python3-flask python3-munch python3-requests-gssapi
        python3-requests-toolbelt python3-sqlalchemy python3-waitress python3-wtforms python3-flask-wtf
        python3-markdown-it-py python3-nh3"
    [patch]=patch [file]=file [cpio]=cpio [bzip2]=bzip2 [unzip]=unzip [zstd]=zstd [cmake]=cmake [meson]=meson
    [system-packaging]=python3-packaging [chromium]=chromium-headless [dnf-copr]=python3-dnf-plugins-core [npm]=nodejs-npm
    [appstream]=appstream-compose [curl]=curl [postgres]=postgresql-server [rabbitmq]="rabbitmq-server erlang-erts"
    [redis-server]=redis [nginx]=nginx)

fail() {
    echo "$*" >&2
    exit 1
}

# Set NEW_PYTHONS to the commands of all Pythons that answer and are new enough, newest first, and VENV_PYTHONS to
# those that can make .venv. There can be many, and some take a second to answer, so they are asked only once.
find_pythons() {
    local name
    NEW_PYTHONS=() VENV_PYTHONS=()
    for name in $(compgen -c python3 | grep -Ex 'python3(\.[0-9]+)?' | sort -Vru); do
        "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && NEW_PYTHONS+=("$name")
    done
    for name in ${PYTHON:-"${NEW_PYTHONS[@]}"}; do
        "$name" -c 'import ensurepip, venv' 2>/dev/null && VENV_PYTHONS+=("$name")
    done
    return 0
}

pythons_with_venv() {
    [ -v VENV_PYTHONS ] || find_pythons
    [ ${#VENV_PYTHONS[@]} -eq 0 ] || printf '%s\n' "${VENV_PYTHONS[@]}"
}

is_there() {
    case $1 in
        chromium) command -v chromium-headless-shell chromium chromium-browser headless_shell >/dev/null ;;
        python3) [ ${#NEW_PYTHONS[@]} -gt 0 ] ;;
        venv) [ ${#VENV_PYTHONS[@]} -gt 0 ] ;;
        python-headers) "${VENV_PYTHONS[0]-python3}" -c \
            'import os, sys, sysconfig; sys.exit(not os.path.exists(sysconfig.get_path("include") + "/Python.h"))' ;;
        glib) compgen -G '/usr/lib*/libgobject-2.0.so.0' >/dev/null || compgen -G '/usr/lib/*/libgobject-2.0.so.0' >/dev/null ;;
        dnf-copr) compgen -G '/usr/lib/python3*/*-packages/dnf-plugins/copr.py' >/dev/null ;;
        system-pip) /usr/bin/python3 -c 'import setuptools, wheel, pip' 2>/dev/null ;;
        system-hatchling) /usr/bin/python3 -c 'import hatchling' 2>/dev/null ;;
        system-packaging) /usr/bin/python3 -c 'import packaging' 2>/dev/null ;;
        postgres) compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || command -v postgres >/dev/null ;;
        nginx) [ -x /usr/sbin/nginx ] ;;
        rabbitmq) [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] && command -v epmd >/dev/null ;;
        appstream) [ -x /usr/libexec/appstreamcli-compose ] ;;
        perl-makemaker) perl -MExtUtils::MakeMaker -e 1 2>/dev/null ;;
        rpm-module) /usr/bin/python3 -c 'import rpm' 2>/dev/null ;;
        *) command -v "$1" >/dev/null ;;
    esac
}

need() {
    local program missing=() packages=() as_root=() install
    [ -v VENV_PYTHONS ] || find_pythons
    for program in python3 venv "$@"; do
        is_there "$program" || missing+=("$program")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if command -v apt-get >/dev/null; then
        for program in "${missing[@]}"; do packages+=("${DEBIAN[$program]}"); done
        install="apt-get install -y ${packages[*]}"
    elif command -v dnf >/dev/null; then
        for program in "${missing[@]}"; do packages+=("${FEDORA[$program]}"); done
        install="dnf install -y ${packages[*]}"
    else
        fail "This needs ${missing[*]}; install them (neither apt-get nor dnf is here) and run it again."
    fi
    if [ "$(id -u)" -ne 0 ]; then
        if command -v sudo >/dev/null && sudo -n true 2>/dev/null; then
            as_root=(sudo)
        else
            fail "This needs ${missing[*]}. Run as root, then again:  $install"
        fi
    fi
    echo "Installing ${packages[*]} ..."
    if [[ $install == apt-get* ]]; then
        "${as_root[@]}" apt-get update -qq || true # an old list may do
    fi
    "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive $install >.run/install.log 2>&1 ||
        fail "'$install' failed; see .run/install.log."
    find_pythons # what was installed can be one
    for program in "${missing[@]}"; do
        is_there "$program" || fail "'$install' went well, but there is still no $program; see .run/install.log."
    done
}

RUN_WITH=tests/requirements-basic.txt

install_into_venv() {
    .venv/bin/python .ci/uv.py pip install --quiet --python .venv/bin/python "$@"
}

make_venv() {
    local stamp name what=("$@")
    [ $# -gt 0 ] || what=(--editable client --editable server)
    stamp=.venv/made-for-$( (cat client/pyproject.toml server/pyproject.toml "$RUN_WITH" && echo "$PWD ${PYTHON-}") |
        cksum | cut -d' ' -f1)
    if [ -e "$stamp" ] && .venv/bin/python -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
        return 0
    fi
    for name in $(pythons_with_venv); do
        echo "Setting up .venv with $("$name" --version) ..."
        "$name" -m venv --clear .venv >.run/venv.log 2>&1 &&
            .venv/bin/python -m pip install --quiet "$(grep '^uv>' "$RUN_WITH")" >>.run/venv.log 2>&1 &&
            install_into_venv "${what[@]}" --requirement "$RUN_WITH" >>.run/venv.log 2>&1 &&
            touch "$stamp" && return 0
        echo "  $name will not do; see .run/venv.log."
    done
    fail "No .venv could be made; .run/venv.log says why. The Python package index must be in reach."
}

add_to_venv() {
    local stamp
    stamp=.venv/has-$(cksum <"$1" | cut -d' ' -f1)
    [ -e "$stamp" ] && return 0
    echo "Installing what $1 names ..."
    install_into_venv --requirement "$1" >.run/venv.log 2>&1 ||
        fail "What $1 names could not be installed; see .run/venv.log."
    touch "$stamp"
}

copy_checkout() {
    local file
    mkdir -p "$1"
    find "$1" -mindepth 1 -maxdepth 1 ! -name .venv -exec rm -rf {} +
    git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
        [ ! -e "$file" ] || printf '%s\0' "$file"
    done | tar --create --null --files-from - | tar --extract --directory "$1"
    # A repository of its own: the tools in it must not read that .run/ is ignored.
    git -C "$1" init --quiet
    git -C "$1" add --all
}

mkdir -p .run

npm_package() {
    local folder=.run/npm/${1//\//-}
    if ! compgen -G "$folder/*.tgz" >/dev/null; then
        mkdir -p "$folder"
        npm pack --silent --pack-destination "$folder" "$1" >/dev/null
    fi
    compgen -G "$PWD/$folder/*.tgz"
}
