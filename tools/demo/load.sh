#!/usr/bin/env bash
#
# The extension in a schema of its own, and the table transactions: from the
# file DATA (load_csv.sh), or simulated.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
psql=(psql -Xq -v ON_ERROR_STOP=1)

"${psql[@]}" -f "$here/install.sql"
if [ -n "${DATA:-}" ]; then
	"$here/load_csv.sh"
else
	"${psql[@]}" -f "$here/simulate.sql"
fi
