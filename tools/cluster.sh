#!/usr/bin/env bash
#
# A throw-away PostgreSQL cluster in which this extension can be created.
#
#   tools/cluster.sh run COMMAND …    start one, run the command in it, remove it
#   tools/cluster.sh start            start one and print its directory
#   tools/cluster.sh stop DIRECTORY   stop and remove that one
#
# The command finds the cluster through PGHOST, PGPORT, PGUSER and PGDATABASE;
# that PostgreSQL's programs come first in PATH, and PG_CONFIG is its own.
# After `start`, `. DIRECTORY/environment` sets the same.
#
#   KEEP=1                  run leaves the cluster there and says how to use it
#   CLUSTER_SETTINGS=FILE   lines to add to the server's configuration
#   CLUSTER_SERVER=PROGRAM  what is run in the place of postgres, to run it in turn
#   PG_CONFIG=…             the PostgreSQL to use (see prepare.sh)
#
# It needs no root and touches no other cluster: it listens on no network
# address, only on a socket that its owner alone (and root) may open, and the
# extension is built here, but installed in the cluster's own directory.  As
# the server refuses to be root, root has it run as postgres.
set -euo pipefail

root=$(cd "$(dirname "$0")/.." && pwd)
export LC_ALL=C.UTF-8
umask 022

# What the caller has set for other servers; the first is read by a server, too.
unset PGCLIENTENCODING PGSERVICE PGOPTIONS PGPASSWORD PGSSLMODE PGHOSTADDR PGTARGETSESSIONATTRS

die() { printf '%s\n' "$@" >&2; exit 1; }

# Runs a program as the owner of the server, in a directory that it can read.
as_owner() {
	if [ "$(id -un)" = "$owner" ]; then
		"$@"
	else
		(cd / && runuser -u "$owner" -- "$@")
	fi
}

# make as if it had been called by hand: the variables of an outer make, such
# as the demonstration's DATA, mean something else to the build.
build() {
	env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL -u DATA \
		make -s -C "$root" -j"$(nproc)" PG_CONFIG="$PG_CONFIG" with_llvm=no "$@" >&2
}

# The settings that let the server load the extension from the directory $1
# instead of its own: from 18 on two paths, before that an addition by Debian.
extension_settings() {
	local parameters
	parameters=$("$bindir/postgres" --describe-config | cut -f 1)
	if grep -qx extension_control_path <<<"$parameters"; then
		printf "extension_control_path = '%s:\$system'\n" "$1$("$PG_CONFIG" --sharedir)"
		printf "dynamic_library_path = '%s:\$libdir'\n" "$1$("$PG_CONFIG" --pkglibdir)"
	elif grep -qx extension_destdir <<<"$parameters"; then
		printf "extension_destdir = '%s'\n" "$1"
	else
		die "This PostgreSQL $("$PG_CONFIG" --version) cannot load an extension that is not installed." \
			"It takes version 18, or Debian's packages of 15 to 17."
	fi
}

settings() {
	cat <<-END
		listen_addresses = ''
		unix_socket_directories = '$cluster/socket'
		unix_socket_permissions = 0700
		fsync = off
		synchronous_commit = off
		full_page_writes = off
		max_wal_size = 4GB
	END
	extension_settings "$cluster/stage"
	[ -z "${CLUSTER_SETTINGS:-}" ] || cat "$CLUSTER_SETTINGS"
}

connection() {
	printf 'export %s=%q\n' PGHOST "$cluster/socket" PGPORT 5432 PGUSER postgres PGDATABASE postgres \
		PG_CONFIG "$PG_CONFIG" CRM_CLUSTER "$cluster"
	# shellcheck disable=SC2016
	printf 'export PATH=%q:$PATH\n' "$bindir"
}

remove() {
	if [ -f "$cluster/data/postmaster.pid" ]; then
		as_owner "$("$PG_CONFIG" --bindir)/pg_ctl" -D "$cluster/data" -m immediate -s -w stop || true
	fi
	rm -rf "$cluster"
}

# Makes $cluster, and removes it again when anything on the way fails.
start() {
	owner=$(id -un)
	if [ "$(id -u)" -eq 0 ]; then
		owner=postgres
	fi
	PG_CONFIG=$("$root/tools/prepare.sh")
	bindir=$("$PG_CONFIG" --bindir)
	id -u "$owner" >/dev/null 2>&1 || die "The server refuses to be root, and there is no user postgres that it could be."
	cluster=$(mktemp -d "${TMPDIR:-/tmp}/crm_retention.XXXXXX")
	trap remove EXIT
	trap 'exit 130' INT TERM HUP
	chmod 711 "$cluster"
	mkdir "$cluster/socket" "$cluster/data" "$cluster/stage"
	chmod 700 "$cluster/data"
	chown "$owner" "$cluster/socket" "$cluster/data"

	printf 'Building crm_retention for %s …\n' "$("$PG_CONFIG" --version)" >&2
	build all
	build install DESTDIR="$cluster/stage"
	as_owner "$bindir/initdb" -D "$cluster/data" -U postgres -A trust -N -E UTF8 --locale=C.UTF-8 >"$cluster/initdb.log" 2>&1 ||
		die "initdb failed:" "$(cat "$cluster/initdb.log")"
	settings | as_owner tee -a "$cluster/data/postgresql.conf" >/dev/null
	as_owner "$bindir/pg_ctl" -D "$cluster/data" -l "$cluster/data/server.log" -s -w ${CLUSTER_SERVER:+-p "$CLUSTER_SERVER"} start ||
		die "The server did not start:" "$(tail -n 20 "$cluster/data/server.log")"
	connection >"$cluster/environment"
}

case "${1:-}" in
	run)
		shift
		start
		# shellcheck disable=SC1091
		. "$cluster/environment"
		if [ -z "${KEEP:-}" ]; then
			"$@"
			exit
		fi
		status=0
		"$@" || status=$?
		trap - EXIT
		printf '\nThe cluster is still there. Look around in it:\n\n  %s -h %s -U postgres\n' "$bindir/psql" "$PGHOST"
		printf '\nand remove it, without a trace, by\n\n  %s stop %s\n\n' "$root/tools/cluster.sh" "$cluster"
		exit "$status"
		;;
	start)
		start
		trap - EXIT
		printf '%s\n' "$cluster"
		;;
	stop)
		cluster=${2:?the directory of the cluster}
		[ -f "$cluster/environment" ] || die "$cluster is no cluster of tools/cluster.sh."
		# shellcheck disable=SC1091
		. "$cluster/environment"
		owner=$(stat -c %U "$cluster/data")
		remove
		;;
	*)
		sed -n '3,/^set/s/^# \{0,1\}//p' "$0" >&2
		exit 2
		;;
esac
