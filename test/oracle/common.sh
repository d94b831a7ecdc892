# common.sh -- what the runs share that ask plain SQL, or a paper, and the
# extension the same: the database, the data sets, the lines of TAP.
#
# A run sets PGDATABASE and PGOPTIONS, includes this file, which goes to the
# run's own folder, defines everything(), which prints lines of TAP, and ends
# with answer.
#
# PGHOST, PGPORT, PGUSER: a running throw-away cluster in which a superuser can
#   CREATE EXTENSION crm_retention.  The database is made and removed.
# CRM_DATA: the folder of real transactions; what needs it is skipped, and says
#   so, where it is absent.

CRM_DATA=$(cd "${CRM_DATA:-$(dirname "$0")/../../../shared/data}" 2>/dev/null && pwd)
cd "$(dirname "$0")" || exit 1

run_psql() { psql -X -q -A -t -v ON_ERROR_STOP=1 "$@"; }

# have TITLE FILE: is FILE in CRM_DATA?  If so, $file is where.
have()
{
	file=$CRM_DATA/$2
	[ -r "$file" ] || { echo "ok - $1 # SKIP no $2 in the data folder (CRM_DATA)"; return 1; }
}

# copy_csv COLUMNS: the statements that read $file into a temporary table csv.
copy_csv()
{
	cat <<-SQL
		CREATE TEMP TABLE csv ($1);
		\copy csv FROM PROGRAM 'gzip -dcf "$file"' (FORMAT csv, HEADER)
	SQL
}

# dataset TITLE DAYS [PSQL-SCRIPT]: standard input fills oracle.transactions;
# DAYS are the days as of which it is read.  Then the files run that the run
# names in $scripts, and the script last.
dataset()
{
	{
		cat <<-SQL
			\i ../oracle/compare.sql
			SET oracle.title = '$1';
			CREATE TABLE oracle.transactions (customer_id text, ordered_at date, amount numeric, channel text);
			CREATE TABLE oracle.days AS SELECT unnest('{$2}'::date[]) AS as_of;
		SQL
		cat
		echo 'ANALYZE oracle.transactions;'
		printf '\\i %s\n' ../oracle/population.sql $scripts
		echo "$3"
	} | run_psql || echo "not ok - $1: an error ended the comparison"
}

# csv TITLE FILE COLUMNS TRANSACTIONS DAYS [PSQL-SCRIPT]: the same from a file of
# CRM_DATA; TRANSACTIONS is the query over `csv` that gives the four columns.
csv()
{
	have "$1" "$2" || return 0
	{
		copy_csv "$3"
		echo "INSERT INTO oracle.transactions $4;"
	} | dataset "$1" "$5" "$6"
}

remove() { dropdb --if-exists --maintenance-db=postgres "$PGDATABASE"; }

# answer [PSQL-OPTION ...]: makes the database, with the extension in it, and runs
# everything; numbers the lines, adds the plan, and remembers whether all was well.
answer()
{
	remove && createdb --maintenance-db=postgres "$PGDATABASE" ||
		{ echo 'Bail out! No server in which a database can be made (PGHOST, PGPORT, PGUSER).'; exit 1; }
	trap remove EXIT
	run_psql -c 'CREATE SCHEMA crm' -c 'CREATE EXTENSION crm_retention SCHEMA crm' "$@" ||
		{ echo 'Bail out! The extension could not be created.'; exit 1; }
	everything | awk '
		/^ok/     { sub(/^ok/, "ok " ++n) }
		/^not ok/ { sub(/^not ok/, "not ok " ++n); bad++ }
		          { print; fflush() }
		END       { print "1.." n; exit bad > 0 }'
}
