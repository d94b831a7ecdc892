-- From the table csv, all text, to the table transactions.  The variables
-- customer, day, amount and segment name columns of csv; the last two may be
-- empty: orders without money, and everybody in one channel.  A row that cannot be used is counted and shown, never just dropped.

CREATE FUNCTION pg_temp.to_moment(value text) RETURNS timestamp LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN CASE WHEN isfinite(value::timestamp) THEN value::timestamp END;
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$;

CREATE FUNCTION pg_temp.to_money(value text) RETURNS numeric LANGUAGE plpgsql STABLE AS $$
BEGIN
	RETURN nullif(nullif(nullif(value::numeric, 'NaN'), 'Infinity'), '-Infinity');
EXCEPTION WHEN data_exception THEN
	RETURN NULL;
END $$;

SELECT :'amount' <> '' AS has_amount, :'segment' <> '' AS has_segment \gset

CREATE TEMP VIEW named AS
SELECT row, nullif(trim(:customer), '') AS customer, nullif(trim(:day), '') AS day,
\if :has_amount
	nullif(trim(:amount), '') AS amount,
\else
	NULL::text AS amount,
\endif
\if :has_segment
	coalesce(nullif(trim(:segment), ''), '(none)') AS segment
\else
	'all' AS segment
\endif
FROM csv;

-- The reading is slow, and most values stand in many rows.
CREATE TEMP TABLE days AS
SELECT day, pg_temp.to_moment(day) AS ordered_at FROM (SELECT DISTINCT day FROM named) AS d;
CREATE TEMP TABLE amounts AS
SELECT amount, pg_temp.to_money(amount) AS money FROM (SELECT DISTINCT amount FROM named) AS a;
ANALYZE days, amounts;

CREATE TEMP TABLE understood AS
SELECT row, customer, day, amount, segment, ordered_at, money,
	customer IS NOT NULL AND ordered_at IS NOT NULL AND (money IS NOT NULL OR amount IS NULL) AS usable
FROM named LEFT JOIN days USING (day) LEFT JOIN amounts USING (amount);

CREATE TEMP TABLE left_out AS
SELECT row, customer, day, amount,
	CASE WHEN customer IS NULL THEN 'no customer'
		WHEN day IS NULL THEN 'no day'
		WHEN ordered_at IS NULL THEN 'day cannot be read'
		ELSE 'amount cannot be read' END AS reason
FROM understood WHERE NOT usable;

CREATE TABLE transactions AS
SELECT customer AS customer_id, ordered_at, money AS amount, segment AS channel
FROM understood WHERE usable ORDER BY row;

SELECT count(*) AS rows_read, (SELECT count(*) FROM transactions) AS rows_used,
	(SELECT count(*) FROM left_out) AS rows_left_out,
	EXISTS (SELECT FROM left_out) AS some_left_out,
	EXISTS (SELECT FROM days WHERE day ~ '^\d{1,2}/\d{1,2}/\d') AS slashes
FROM csv \gset

\echo :rows_read 'rows read,' :rows_used 'used,' :rows_left_out 'left out.'
\if :slashes
	SELECT CASE WHEN current_setting('datestyle') LIKE '%DMY' THEN 'day/month' ELSE 'month/day' END AS read_as \gset
	\echo 'Days with slashes were read as' :read_as '(PGDATESTYLE=DMY or MDY says which).'
\endif
\if :some_left_out
	\echo
	\echo 'Left out, by reason, and the first three rows of each:'
	SELECT reason, rows, example AS row, customer, day, amount
	FROM (SELECT *, row AS example, count(*) OVER (PARTITION BY reason) AS rows,
			row_number() OVER (PARTITION BY reason ORDER BY row) AS number
		FROM left_out) AS numbered
	WHERE number <= 3 ORDER BY reason, number;
\endif
DROP VIEW named;
DROP TABLE csv;
