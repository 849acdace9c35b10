#!/bin/sh
# Makes .venv from a hashed lock: `tools/setup.sh run` for running, `tools/setup.sh dev` for testing too. Does nothing when it is done already.
set -u
cd "$(dirname "$0")/.." || exit 1
kind=$1
lock=requirements/$kind.txt
installed=.venv/installed-$kind.txt

stop() { printf '%s\n' "$*" >&2; exit 1; }

# Installs Debian packages as root or by sudo without a password; else says what to type.
debian_install() {
    if [ "$(id -u)" = 0 ]; then as_root=''
    elif sudo -n true 2>/dev/null; then as_root='sudo -n'
    else stop "Missing: $*. Type: sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
    fi
    command -v apt-get >/dev/null || stop "Missing: $*. Install them with this system's package manager."
    echo "Installing $* ..."
    log=$(mktemp) || exit 1
    # A machine that was updated long ago, or never, knows no package or only old ones: update, then once more.
    for attempt in first second; do
        if $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >"$log" 2>&1 </dev/null; then
            rm -f "$log"
            return
        fi
        [ $attempt = first ] && $as_root apt-get update -qq >>"$log" 2>&1 </dev/null
    done
    tail -n 5 "$log" >&2
    rm -f "$log"
    stop "Could not install: $*"
}

find_python() {
    for candidate in python3.11 python3 python3.12 python3.13 python3.14; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
            command -v "$candidate"
            return
        fi
    done
    stop 'Python 3.11 or newer is needed and was not found (Debian 12: apt-get install python3).'
}

# What the tests start beside Python: a private MariaDB, the library that reads barcodes, a browser for the pages, and for printed
# cards what draws a PDF and a font that has Hindi.
debian_parts() {
    missing=''
    # Servers live in /usr/sbin, which is not on the PATH of an ordinary user.
    PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null && command -v mariadb-install-db >/dev/null || missing='mariadb-server-core'
    command -v mariadb >/dev/null || missing="$missing mariadb-client-core"
    PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q 'libzbar\.so\.0' || missing="$missing libzbar0"
    command -v chromium >/dev/null || missing="$missing chromium"
    command -v pdftoppm >/dev/null || missing="$missing poppler-utils"
    # It reads the units in deploy/ as the machine that runs them will; nothing of it is started.
    command -v systemd-analyze >/dev/null || missing="$missing systemd"
    # A screen without a screen, for the window of the scanner.
    command -v Xvfb >/dev/null || missing="$missing xvfb"
    [ -n "$(fc-list :lang=hi 2>/dev/null)" ] || missing="$missing fonts-lohit-deva"
    # shellcheck disable=SC2086  # several words are several packages
    [ -z "$missing" ] || debian_install $missing
}

[ "$kind" = run ] || debian_parts

# The editable installation names the folder and the packages, so a moved checkout or a changed setup.cfg installs again.
wanted=$(pwd; cat "$lock" setup.cfg pyproject.toml) || exit 1
if [ -x .venv/bin/python ] && [ "$wanted" = "$(cat "$installed" 2>/dev/null)" ]; then
    exit 0
fi

[ -w . ] || stop "No permission to write in $(pwd)."
if ! .venv/bin/python -c 'import pip' >/dev/null 2>&1; then
    python=$(find_python) || exit 1
    if ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
        debian_install python3-venv
        "$python" -c 'import ensurepip, venv' >/dev/null 2>&1 || stop "$python has no venv module; install it for this Python."
    fi
    # A .venv of a moved or removed Python is made anew.
    "$python" -m venv --clear .venv || stop 'Could not make .venv here.'
fi

echo "Installing Python packages from $lock (once) ..."
rm -f .venv/installed-*.txt
pip='.venv/bin/python -m pip --disable-pip-version-check --no-input -qq'
$pip install --require-hashes --no-deps -r "$lock" &&
    $pip install --no-deps --no-build-isolation --no-index -e . ||
    stop 'Could not install the Python packages; the lines above say why.'
printf '%s\n' "$wanted" >"$installed"
# What serves the tests serves a run too.
[ "$kind" = run ] || (pwd; cat requirements/run.txt setup.cfg pyproject.toml) >.venv/installed-run.txt
