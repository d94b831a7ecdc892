#!/usr/bin/env bash
#
# Prints the pg_config of a PostgreSQL that the extension can be built and run
# with, after making sure that there is one, and a compiler.
#
# PG_CONFIG, when it is set, decides.  Otherwise it is the newest PostgreSQL
# on this machine that has both a server and its development files.  What is
# missing is installed when we are root on a machine with apt, and named
# otherwise.
set -euo pipefail

oldest=15
export LC_ALL=C.UTF-8

say() { printf "%s\n" "$@" >&2; }
die() { say "$@"; exit 1; }

# The major version that a pg_config speaks for.
major() { "$1" --version | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

has_server() { [ -x "$("$1" --bindir)/postgres" ]; }
has_headers() { [ -f "$("$1" --pgxs)" ]; }
usable() { has_server "$1" && has_headers "$1" && [ "$(major "$1")" -ge "$oldest" ]; }

# Every pg_config on this machine, Debian's versioned ones first, newest first.
candidates() {
	printf '%s\n' /usr/lib/postgresql/*/bin/pg_config | sort -rV
	command -v pg_config || true
}

find_postgres() {
	local pg_config
	while read -r pg_config; do
		if [ -x "$pg_config" ] && usable "$pg_config"; then
			printf '%s\n' "$pg_config"
			return
		fi
	done < <(candidates)
}

has_compiler() { printf '#include <stdio.h>\n' | "${CC:-gcc}" -E - >/dev/null 2>&1; }

# The major version to complete on a Debian machine: the newest of which a part
# is there, else the distribution's own, which its package "postgresql" names.
version_to_install() {
	local found
	found=$(dpkg-query -W -f '${db:Status-Abbrev} ${Package}\n' 'postgresql-[1-9]*' 'postgresql-server-dev-[1-9]*' 2>/dev/null |
		sed -nE 's/^ii +postgresql-(server-dev-)?([0-9]+)$/\2/p' | sort -n | tail -n 1 || true)
	if [ "${found:-0}" -lt "$oldest" ]; then
		found=$(apt-cache depends postgresql 2>/dev/null |
			sed -nE 's/^ *Depends: postgresql-([0-9]+)$/\1/p' | head -n 1 || true)
	fi
	printf '%s\n' "$found"
}

# The Debian packages that are missing, one a line.
missing_packages() {
	local version
	has_compiler || printf '%s\n' gcc libc6-dev
	[ -z "$(find_postgres)" ] || return 0
	version=$(version_to_install)
	if [ -z "$version" ]; then
		printf '%s\n' postgresql postgresql-server-dev-all
	elif [ "$version" -lt "$oldest" ]; then
		die "crm_retention needs PostgreSQL $oldest or later, and this distribution has $version." \
			"Install a newer one, and name it with PG_CONFIG=…/bin/pg_config."
	else
		[ -x "/usr/lib/postgresql/$version/bin/postgres" ] || printf '%s\n' "postgresql-$version"
		printf '%s\n' "postgresql-server-dev-$version"
	fi
}

# Runs a command quietly; what it said is shown when it fails.
quietly() {
	local log
	log=$(mktemp)
	if ! "$@" >"$log" 2>&1 </dev/null; then
		cat "$log" >&2
		rm -f "$log"
		die "This failed: $*"
	fi
	rm -f "$log"
}

apt() { quietly env DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 "$@"; }

# A server's package creates a first cluster and starts every stopped one.  We
# want neither, so for the length of the installation both are switched off,
# by the means that Debian has for it; the two files are then as they were.
creation=/etc/postgresql-common/createcluster.conf
policy=/usr/sbin/policy-rc.d
restore() {
	[ -z "${creation_before:-}" ] || mv "$creation_before" "$creation"
	[ -z "${policy_ours:-}" ] || rm -f "$policy"
}
install_packages() {
	trap restore EXIT
	trap 'exit 130' INT TERM HUP
	if [ ! -e "$policy" ]; then
		policy_ours=yes
		printf '#!/bin/sh\nexit 101\n' >"$policy"
		chmod 755 "$policy"
	fi
	apt install -y --no-install-recommends postgresql-common
	cp -p "$creation" "$creation.crm_retention"
	creation_before=$creation.crm_retention
	printf 'create_main_cluster = false\n' >>"$creation"
	apt install -y --no-install-recommends "$@"
}

if [ -n "${PG_CONFIG:-}" ]; then
	command -v "$PG_CONFIG" >/dev/null || die "PG_CONFIG=$PG_CONFIG: no such command."
	usable "$PG_CONFIG" || die "PG_CONFIG=$PG_CONFIG: $("$PG_CONFIG" --version)." \
		"A server of version $oldest or later is needed, with its development files (PGXS)."
	printf '%s\n' "$PG_CONFIG"
	exit
fi

postgres=$(find_postgres)
if [ -z "$postgres" ] || ! has_compiler; then
	command -v apt-get >/dev/null || die "Needed: a C compiler, and PostgreSQL $oldest or later with its development files." \
		"Where they are installed already, name them: PG_CONFIG=…/bin/pg_config"
	if [ "$(id -u)" -ne 0 ]; then
		mapfile -t packages < <(missing_packages)
		die "Something is missing. As root:" "" \
			"  apt-get update && apt-get install -y --no-install-recommends ${packages[*]}" "" \
			"Run as root, the same make command does that by itself, without creating a cluster."
	fi
	say "Reading the list of packages …"
	apt update
	mapfile -t packages < <(missing_packages)
	say "Installing ${packages[*]} (a minute or two)." \
		"They stay installed; no PostgreSQL cluster is created or started."
	install_packages "${packages[@]}"
	postgres=$(find_postgres)
fi
printf '%s\n' "$postgres"
