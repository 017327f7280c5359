#!/usr/bin/env bash
# Installs what setup/debian-packages.txt lists and is missing, and leaves none of Debian's own services running.
# Everything installed: one look into dpkg's list, no network. Not root: says what is missing and goes on without it.
set -euo pipefail
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

# What each package gives, for the list a person without root gets.
without() {
    case $1 in
        suricata) echo "offline drills and the demo's IDS traffic stay empty; everything else works" ;;
        chromium | fonts-noto-core) echo "the browser tests are skipped; the pages work in your own browser" ;;
        default-jdk-headless | maven) echo "the Elasticsearch tests are skipped; the embedded store is the default" ;;
        frr | openssh-server) echo "the tests that push to real routers are skipped" ;;
        iproute2) echo "the SNMP benchmark is skipped" ;;
        postgresql) echo "the PostgreSQL tests are skipped; SQLite is the default" ;;
        prometheus-snmp-exporter) echo "the SNMP benchmark is skipped" ;;
        rsyslog | rsyslog-elasticsearch) echo "the benchmark of events has nothing to compare with" ;;
        snmp) echo "nothing is lost: it is for looking at an agent by hand" ;;
        snmpd) echo "the tests on a real SNMP agent are skipped; the simulated city works" ;;
        *) echo "what uses it is skipped" ;;
    esac
}

listed() { sed -e 's/#.*//' -e 's/[[:space:]]//g' -e '/^$/d' setup/debian-packages.txt; }

installed() { [ "$(dpkg-query -W -f='${db:Status-Abbrev}' "$1" 2>/dev/null)" = "ii " ]; }

missing=()
for entry in $(listed); do
    command -v dpkg-query >/dev/null && installed "${entry#*/}" || missing+=("$entry")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" -ne 0 ]; then
    as_root=(sudo -n)
fi

cannot_install() {
    say "$1. Missing, and what that means:"
    local entry
    for entry in "${missing[@]}"; do
        printf '  %-22s %s\n' "${entry#*/}" "$(without "${entry#*/}")"
    done
    say "as root, run setup/system.sh once to have them; going on with what works"
    exit 0
}

# shellcheck disable=SC1091
release=$( . /etc/os-release 2>/dev/null && echo "${ID:-} ${VERSION_CODENAME:-}" || true)
command -v apt-get >/dev/null || cannot_install "this is no Debian, so the packages below are yours to install"
[ "$release" = "debian bookworm" ] || cannot_install "this is not Debian 12 (it says: $release), so the packages below are yours to install"
"${as_root[@]}" true 2>/dev/null || cannot_install "not root, and sudo wants a password"

say "Debian packages: ${missing[*]}"
"${as_root[@]}" bash setup/install-packages.sh "${missing[@]}"
