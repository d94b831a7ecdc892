#!/usr/bin/env bash
#
# Runs the tests in the cluster that PGHOST names (tools/cluster.sh run), and
# ends with one line: N passed, N failed, N skipped.
#
#   tools/test.sh [KIND …]     all kinds, or those named
#
# A kind of test is a folder test/KIND with an executable `run`.  It prints
# TAP: a line "ok …" or "not ok …" for each test, "ok … # SKIP why" for one
# that could not be run here, "1..0 # SKIP why" when that holds for the whole
# kind.  Whatever else it prints is shown.  To add a kind is to add the folder.
#
# CRM_DATA is the folder of real transaction data that some tests read; they
# are skipped, and say so, where it is absent.
set -euo pipefail

cd "$(dirname "$0")/.."
export CRM_DATA=${CRM_DATA:-$PWD/../shared/data}

passed=0 failed=0 skipped=0

# Counts one line of TAP.
count() {
	case "$1" in
		"ok "*"# SKIP"* | "1..0 # SKIP"*) skipped=$((skipped + 1)) ;;
		"ok" | "ok "*) passed=$((passed + 1)) ;;
		"not ok" | "not ok "*) failed=$((failed + 1)) ;;
	esac
}

fail() {
	printf 'not ok - %s\n' "$1"
	failed=$((failed + 1))
}

# Runs one kind.  A kind that ends badly without saying which test failed, or
# that runs nothing, has failed.
run_kind() {
	local line status before failed_before=$failed
	before=$((passed + failed + skipped))
	printf '\n# %s\n' "$1"
	exec 3< <("test/$1/run" </dev/null 2>&1)
	while IFS= read -r line <&3 || [ -n "$line" ]; do
		printf '%s\n' "$line"
		count "$line"
	done
	status=0
	wait $! || status=$?
	exec 3<&-
	if [ "$status" -ne 0 ] && [ "$failed" -eq "$failed_before" ]; then
		fail "$1 ended with status $status"
	elif [ "$((passed + failed + skipped))" -eq "$before" ]; then
		fail "$1 ran no test"
	fi
}

kinds=("$@")
if [ "${#kinds[@]}" -eq 0 ]; then
	for run in test/*/run; do
		kind=${run#test/}
		kinds+=("${kind%/run}")
	done
fi

for kind in "${kinds[@]}"; do
	[ -x "test/$kind/run" ] || { printf 'There is no test/%s/run.\n' "$kind" >&2; exit 2; }
	run_kind "$kind"
done

if grep -E 'was terminated by signal|PANIC:|^TRAP:' "$CRM_CLUSTER/data/server.log"; then
	fail "a server process crashed"
fi

printf '\n%d passed, %d failed' "$passed" "$failed"
[ "$skipped" -eq 0 ] || printf ', %d skipped' "$skipped"
printf '\n'
[ "$failed" -eq 0 ]
