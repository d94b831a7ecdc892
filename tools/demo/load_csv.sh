#!/usr/bin/env bash
#
# Loads the file DATA, CSV or gzipped CSV with a header, into the table
# transactions (customer_id, ordered_at, amount, channel).  Which columns those
# are is said by CUSTOMER, DAY, AMOUNT and SEGMENT, or guessed from the header.
#
# The columns of the file become c1, c2, … of a table of texts, whatever the
# header calls them; the rest is SQL (load_csv.sql).  ENCODING names the file's
# encoding when it is not UTF-8.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
psql=(psql -Xq -v ON_ERROR_STOP=1 -P footer=off)

die() { printf '%s\n' "$@" >&2; exit 1; }

[ -f "$DATA" ] || die "DATA=$DATA: there is no such file."
[ -r "$DATA" ] || die "DATA=$DATA: the file cannot be read."

encoding=${ENCODING:-UTF-8}
unpack() { gzip -cdf -- "$DATA"; }
to_utf8() { iconv -f "$encoding" -t UTF-8; }

header=$({ unpack || true; } 2>/dev/null | head -n 1 | tr -d '\r\0' | to_utf8) ||
	die "" "DATA=$DATA: the first line is no text in $encoding. ENCODING=LATIN1 names another encoding;" \
		"a spreadsheet has to be saved as CSV first."
header=${header#$'\xef\xbb\xbf'}
[ -n "$header" ] || die "DATA=$DATA: the first line is empty, where the names of the columns should be."

# The separator is the one of these that the header has most of.
separator=',' most=0
for candidate in ',' ';' $'\t' '|'; do
	others=${header//"$candidate"/}
	number=$((${#header} - ${#others}))
	if [ "$number" -gt "$most" ]; then
		separator=$candidate most=$number
	fi
done

# PostgreSQL takes the header apart, quotes and all.
mapfile -t columns < <("${psql[@]}" -At -v header="$header" -v separator="$separator" <<'SQL'
SELECT trim(CASE WHEN name LIKE '"%"' THEN replace(substr(name, 2, length(name) - 2), '""', '"') ELSE name END)
FROM regexp_matches(:'separator' || :'header', format('[%s]("(?:[^"]|"")*"|[^%1$s]*)', :'separator'), 'g')
	WITH ORDINALITY AS field(match, number), unnest(match) AS name
ORDER BY number;
SQL
)

# "Customer ID", "customer_id" and "CustomerID" are one name.
plain() {
	local name=${1,,}
	printf '%s' "${name//[^[:alnum:]]/}"
}

plain_columns=()
for column in "${columns[@]}"; do
	plain_columns+=("$(plain "$column")")
done

# The number, from 1, of the first column called $1; nothing when there is none.
number_of() {
	local i
	for i in "${!columns[@]}"; do
		if [ "${columns[i]}" = "$1" ] || [ "${plain_columns[i]}" = "$1" ]; then
			printf '%s' "$((i + 1))"
			return
		fi
	done
}

# Finds the column for the role $1: the one that the variable of that name
# says, or the first that is called like one of the guesses $2 ….
column_for() {
	local role=$1 guess found=
	shift
	if [ -n "${!role:-}" ]; then
		found=$(number_of "${!role}")
		[ -n "$found" ] || found=$(number_of "$(plain "${!role}")")
		[ -n "$found" ] || unknown_column "$role=${!role}: the file has no such column."
	else
		for guess in "$@"; do
			found=$(number_of "$guess")
			[ -z "$found" ] || break
		done
	fi
	printf '%s' "$found"
}

unknown_column() {
	die "$1" "" "The columns of $DATA are:" "" "$(printf '  %s\n' "${columns[@]}")" "" \
		"Say which is which (AMOUNT and SEGMENT may be left out):" "" \
		"  make demo DATA=$(printf %q "$DATA") CUSTOMER='…' DAY='…' AMOUNT='…' SEGMENT='…'"
}

customer=$(column_for CUSTOMER customerid customer customernumber customerno clientid client \
	userid user memberid member buyerid buyer accountid account)
day=$(column_for DAY orderedat orderdate ordereddate ordertime date day invoicedate purchasedate \
	transactiondate createdat datetime timestamp)
amount=$(column_for AMOUNT amount total totalamount orderamount ordertotal totalprice revenue sales spend value)
segment=$(column_for SEGMENT channel segment acqchannel store shop)
[ -n "$customer" ] || unknown_column "Which column says who the customer is?"
[ -n "$day" ] || unknown_column "Which column says when the order was made?"

name_of() { printf '%s' "${1:+${columns[$1 - 1]}}"; }

printf 'Reading %s: customer = %s, day = %s, amount = %s, segment = %s\n' "$DATA" \
	"$(name_of "$customer")" "$(name_of "$day")" \
	"$(name_of "$amount" | grep . || echo '(none: AMOUNT=… names one)')" \
	"$(name_of "$segment" | grep . || echo '(none: SEGMENT=… names one)')"

list=$(seq -f 'c%.0f' -s ', ' "${#columns[@]}")
"${psql[@]}" -c "CREATE UNLOGGED TABLE csv (row bigint GENERATED ALWAYS AS IDENTITY, ${list//,/ text,} text)"
unpack | to_utf8 | "${psql[@]}" -c "COPY csv ($list) FROM STDIN (FORMAT csv, HEADER, DELIMITER '$separator')" ||
	die "" "DATA=$DATA could not be read as CSV with the separator '$separator' in $encoding." \
		"ENCODING=LATIN1 names another encoding."

"${psql[@]}" -v customer="c$customer" -v day="c$day" -v amount="${amount:+c$amount}" \
	-v segment="${segment:+c$segment}" -f "$here/load_csv.sql"

[ "$(psql -XAtc 'SELECT EXISTS (SELECT FROM transactions)')" = t ] || die "" "No row of $DATA can be used."
