#!/usr/bin/env bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Installs what building and testing Tollgate needs on Debian 12, Debian 13 and Ubuntu 24.04, from the
# distribution's own packages. What is there already is left alone, so a second run does nothing.
#
#   installer/setup-debian.sh [build] [test] [bench]     default: build
set -euo pipefail

# A word with "|" names alternatives, the first that exists is taken; a "?" in front means that the
# step which needs it says so and goes on without.
build_packages=(
    g++ cmake ninja-build pkg-config ccache ca-certificates git
    qt6-base-dev libqt6sql6-sqlite qt6-httpserver-dev
    qt6-websockets-dev # Debian's Qt6HttpServer CMake file asks for it
    qtkeychain-qt6-dev 'libexpected-dev|libtl-expected-dev' libsimdjson-dev
    libcurl4-openssl-dev libssl-dev libsodium-dev libsqlite3-dev libzstd-dev zlib1g-dev
    # The desktop app: Debian packs each QML module by itself.
    qt6-declarative-dev qt6-declarative-dev-tools 'libqt6svg6-dev|qt6-svg-dev'
    qt6-tools-dev qt6-l10n-tools libgl-dev
    qml6-module-qtqml qml6-module-qtqml-models qml6-module-qtqml-workerscript qml6-module-qtquick
    qml6-module-qtquick-controls qml6-module-qtquick-dialogs qml6-module-qtquick-layouts
    qml6-module-qtquick-shapes qml6-module-qtquick-templates qml6-module-qtquick-window
    qml6-module-qt-labs-folderlistmodel
    fonts-inter fonts-jetbrains-mono
)
test_packages=(
    python3 '?python3-jsonschema' '?python3-yaml' openssl curl sqlite3
    gnome-keyring dbus libsecret-tools
    qml6-module-qttest xvfb openbox xdotool fonts-noto-cjk
    '?clang-format-16' '?clang-tidy-16' '?clang-16' '?libclang-rt-16-dev'
)
bench_packages=(nginx wrk)

die() {
    echo "setup-debian: $*" >&2
    exit 1
}

installed() {
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

known() {
    apt-cache show --no-all-versions "$1" >/dev/null 2>&1
}

command -v dpkg-query >/dev/null || die "this script is for Debian and Ubuntu; see CONTRIBUTING.md for other systems"

wanted=()
[ $# -gt 0 ] || set -- build
for profile in "$@"; do
    case $profile in
        build) wanted+=("${build_packages[@]}") ;;
        test)
            wanted+=("${test_packages[@]}")
            # Any Node.js will do to run npm: the tests' own Node comes with their packages. One that is
            # not the distribution's brings an npm that Debian's package would clash with.
            command -v node >/dev/null || wanted+=(nodejs)
            command -v npm >/dev/null || wanted+=(npm)
            ;;
        bench) wanted+=("${bench_packages[@]}") ;;
        *) die "unknown profile '$profile'; there are build, test and bench" ;;
    esac
done

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        die "needs root or sudo for: $*"
    fi
}

missing=()
for word in "${wanted[@]}"; do
    found=
    IFS='|' read -ra names <<<"${word#\?}"
    for name in "${names[@]}"; do
        if installed "$name"; then
            found=yes
        fi
    done
    [ -n "$found" ] || missing+=("$word")
done
[ ${#missing[@]} -gt 0 ] || exit 0

choose() {
    chosen=()
    unknown=()
    local word name names found
    for word in "${missing[@]}"; do
        found=
        IFS='|' read -ra names <<<"${word#\?}"
        for name in "${names[@]}"; do
            if [ -z "$found" ] && known "$name"; then
                chosen+=("$name")
                found=yes
            fi
        done
        [ -n "$found" ] || [[ $word == \?* ]] || unknown+=("$word")
    done
}

choose
if [ ${#unknown[@]} -gt 0 ]; then
    as_root apt-get update -q
    choose
fi
[ ${#unknown[@]} -eq 0 ] || die "not packaged here: ${unknown[*]} (Debian 12, 13 and Ubuntu 24.04 have them)"
[ ${#chosen[@]} -gt 0 ] || exit 0

echo "Installing: ${chosen[*]}"
install=(env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends "${chosen[@]}")
if ! as_root "${install[@]}"; then
    # A stale package list names files that are gone.
    as_root apt-get update -q
    as_root "${install[@]}"
fi
