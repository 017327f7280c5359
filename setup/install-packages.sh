#!/usr/bin/env bash
# Run by setup/system.sh as root: installs the packages named as arguments (package or suite/package).
# Their services are refused at installation, disabled and stopped: WardWatch starts its own engines, on its own ports.
set -euo pipefail
export DEBIAN_FRONTEND=noninteractive
services=(suricata postgresql rsyslog snmpd prometheus-snmp-exporter frr ssh)
policy=/usr/sbin/policy-rc.d
log=$(mktemp)
kept_policy=

say() { printf 'setup: %s\n' "$*"; }

finish() {
    status=$?
    if [ -n "$kept_policy" ]; then
        mv "$kept_policy" "$policy"
    else
        rm -f "$policy"
    fi
    [ $status -eq 0 ] || { tail -n 30 "$log" >&2; say "the packages could not be installed; apt's last lines are above" >&2; }
    rm -f "$log"
}

# A service that ran before we came belongs to somebody else: it stays as it is.
running_before=()
for service in "${services[@]}"; do
    case $service in postgresql) process=postgres ;; rsyslog) process=rsyslogd ;; frr) process=watchfrr ;; ssh) process=sshd ;; prometheus-*) process=${service:0:15} ;; *) process=$service ;; esac
    if pgrep -x "$process" >/dev/null || pgrep -x Suricata-Main >/dev/null && [ "$service" = suricata ]; then
        running_before+=("$service")
    fi
done

trap finish EXIT
if [ -e "$policy" ]; then
    kept_policy=$(mktemp -p /usr/sbin policy-rc.d.XXXXXX)
    mv "$policy" "$kept_policy"
fi
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

say "package lists from the mirror this machine uses"
apt-get update >"$log" 2>&1

release_packages=()
declare -A suite_packages=()
for entry in "$@"; do
    case $entry in
        */*) suite_packages[${entry%%/*}]+=" ${entry#*/}" ;;
        *) release_packages+=("$entry") ;;
    esac
done

for suite in "${!suite_packages[@]}"; do
    list=/etc/apt/sources.list.d/wardwatch-$suite.list
    if [ -z "$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: $suite" 'Component: main')" ]; then
        mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' "Codename: ${suite%%-*}" 'Component: main' | head -n 1)
        keyring=/usr/share/keyrings/debian-archive-keyring.gpg
        say "the suite $suite, from the same mirror, into $list"
        printf 'deb [signed-by=%s] %s %s main\n' "$keyring" "$mirror" "$suite" >"$list"
        apt-get update >"$log" 2>&1
    fi
    say "${suite_packages[$suite]# } from $suite"
    # shellcheck disable=SC2086
    apt-get install -y --no-install-recommends -t "$suite" ${suite_packages[$suite]} >"$log" 2>&1
done
if [ ${#release_packages[@]} -gt 0 ]; then
    say "${release_packages[*]}"
    apt-get install -y --no-install-recommends "${release_packages[@]}" >"$log" 2>&1
fi

for service in "${services[@]}"; do
    case " ${running_before[*]-} " in *" $service "*) continue ;; esac
    [ -e "/etc/init.d/$service" ] || [ -e "/lib/systemd/system/$service.service" ] || continue
    if [ -d /run/systemd/system ]; then
        systemctl disable --now "$service" >>"$log" 2>&1 || true
    else
        update-rc.d "$service" disable >>"$log" 2>&1 || true
    fi
done
say "Debian's own services of these packages are neither running nor enabled"
