# What the checks share; to be sourced by a script of this folder.
#
# root is the source tree, scratch a directory that is gone when the check ends.
# A check builds in a copy of the tree, so that the tree itself stays as it is.
# shellcheck shell=bash
set -euo pipefail
export LC_ALL=C.UTF-8

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
export CRM_DATA=${CRM_DATA:-$root/../shared/data}
scratch=$(mktemp -d "${TMPDIR:-/tmp}/crm_retention_check.XXXXXX")
chmod 755 "$scratch"
trap 'rm -rf "$scratch"' EXIT
trap 'exit 130' INT TERM HUP

say() { printf '%s\n' "$@"; }
die() { say "$@" >&2; exit 1; }

# needs COMMAND PACKAGE ...: installs Debian's packages where the command is
# missing and we may; otherwise says what to install.
needs() {
	command -v "$1" >/dev/null && return
	if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
		say "Installing ${*:2} …"
		{
			apt-get -q update
			DEBIAN_FRONTEND=noninteractive apt-get -q -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "${@:2}"
		} >"$scratch/apt.log" 2>&1 || cat "$scratch/apt.log" >&2
	fi
	command -v "$1" >/dev/null || die "This check needs $1. On Debian, as root: apt-get install ${*:2}"
}

# Puts the source tree, without what was built in it, into the directory $1.
copy_tree() {
	mkdir -p "$1"
	tar -C "$root" -c --exclude=./.git --exclude=./build --exclude='*.o' --exclude='*.bc' --exclude='*.so' --exclude=./.built-for . | tar -C "$1" -x --no-same-owner
}

# make as if it had been called by hand.
plain_make() { env -u MAKEFLAGS -u MFLAGS -u MAKEOVERRIDES -u MAKELEVEL make -s "$@"; }

# run_suite TREE [KINDS]: the tests, or those of some kinds, in a copy of the tree.
run_suite() { plain_make -C "$1" test ONLY="${2:-}"; }

# What a suite's output $1 ends with; a kind of test may run a suite of its own.
closing_line() {
	grep -E '^[0-9]+ passed' "$1" | tail -n 1 | grep . || echo 'did not end'
}
