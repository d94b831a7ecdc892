-- References: stored, compared, learned in a window, and not to be forged.

CREATE TEMP TABLE customers AS
SELECT n AS id, CASE WHEN n % 2 = 0 THEN 'web' ELSE 'shop' END AS channel,
       (SELECT visit_history('2024-01-01'::date + n + 9 * v, n * 1.25 + v) FROM generate_series(0, n % 5) v) AS h
FROM generate_series(1, 200) n;

-- One reference a channel, in a table; grouped and joined by value.
CREATE TEMP TABLE reference AS
SELECT channel, rfm_scheme(h, '2024-09-30') AS scheme, value_tiers(h, '2024-09-30', '{0.05, 0.2}') AS tiers,
       member_scheme(h, '2024-09-30') AS members, cohort_retention(h, 'month', '2024-09-30') AS cohort
FROM customers GROUP BY channel;
SELECT channel, scheme, tiers, members FROM reference ORDER BY channel;
SELECT count(DISTINCT (scheme::text, tiers::text)) AS different FROM reference;
SELECT count(*) FROM reference a JOIN reference b USING (scheme, tiers, members, cohort);
SELECT scheme <> scheme AS ne, tiers <> tiers AS ne, members <> members AS ne, cohort <> cohort AS ne FROM reference LIMIT 1;

-- As window functions: each row sees what was learned up to it.
SELECT id, rfm_scheme(h, '2024-09-30', 2) OVER (ORDER BY id), value_tiers(h, '2024-09-30', '{0.5}') OVER (ORDER BY id) AS tiers,
       repeat_rate(h) OVER (ORDER BY id)
FROM customers WHERE id <= 4 ORDER BY id;

-- From states that were shipped as text: the same.
SELECT rfm_scheme_final(population_combine(web.s::text::population_state, shop.s::text::population_state)) = whole AS same
FROM rfm_scheme_accum(NULL, '{2024-01-01: 5, 2024-02-01: 7.5}', '2024-09-30') web(s),
     rfm_scheme_accum(NULL, '{2024-03-01: 5.25}', '2024-09-30') shop(s),
     (SELECT rfm_scheme(h, '2024-09-30') FROM (VALUES ('{2024-01-01: 5, 2024-02-01: 7.5}'::visit_history), ('{2024-03-01: 5.25}')) v(h)) w(whole);

-- States of one aggregate are no states of another, and not made up.
SELECT value_tiers_final(rfm_scheme_accum(NULL, '{2024-01-01: 5}', '2024-09-30'));
SELECT population_combine(repeat_rate_accum(NULL, '{2024-01-01: 5}'), repeat_revenue_share_accum(NULL, '{2024-01-01: 5}'));
SELECT rfm_scheme_final('2 0 2 0 0 5');
SELECT rfm_scheme_final('2 0 2 1 0 5 1 3 1');
SELECT rfm_scheme_final('2 0 2 2 0 99 1 3 1 2 1 1');
SELECT rfm_scheme_final('2 0 2 2 0 5 1 -3 1 2 1 1');
SELECT rfm_scheme_final('2 0 2 2 0 5 1 3 -1 2 1 1');
SELECT member_scheme_final('4 0 1 2 0 1 0 1 2 0 1');
SELECT cohort_final FROM cohort_retention_final('7 0 2 2 0 -2 1 0 1 2 0 5') cohort_final;
SELECT cohort_final FROM cohort_retention_final('7 0 2 1 0 -9 1 0 1') cohort_final;
SELECT revenue_share_final('5 0 2 1 0 -1 9223372036854775809 5 1');

-- Binary input is received by COPY, as any client could send it: the contents behind their fingerprint.
CREATE TEMP TABLE received (scheme rfm_scheme);
CREATE FUNCTION pg_temp.try(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	loid oid;
	file text := current_setting('data_directory') || '/crm_forged';
BEGIN
	DELETE FROM received;
	-- header of the format, no flags, no extension; one tuple of one field; trailer
	loid := lo_from_bytea(0, '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea || '\x0001'::bytea
						  || int4send(length(bytes)) || bytes || '\xffff'::bytea);
	PERFORM lo_export(loid, file);
	PERFORM lo_unlink(loid);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
	RETURN scheme FROM received;
EXCEPTION WHEN OTHERS THEN
	PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
-- Sixteen bytes have the hash of the uuid that they spell: so forgers find the fingerprint.
SELECT what, pg_temp.try(CASE WHEN length(contents) = 32 THEN int8send(uuid_hash_extended(contents::uuid, 0)) ELSE '\x' END || decode(contents, 'hex'))
FROM (VALUES
	(1, 'a good one', '03033c00b4010002000800' || '2800c60f01'),
	(2, 'a number written too long', '03033c00bc000002000800' || '2800c60f01'),
	(3, 'nine buckets', '09033c00b4010002000800' || '2800c60f01'),
	(4, 'two hundred buckets', 'c8033c00b4010002000800' || '2800c60f01'),
	(5, 'one axis', '03013c00b4010002000800' || '2800c60f01'),
	(6, 'two axes, and more', '03023c00b4010002000800' || '2800c60f01'),
	(7, 'cut points that descend', '0303b401003c0002000800' || '2800c60f01'),
	(8, 'negative days', '03033b00b4010002000800' || '2800c60f01'),
	(9, 'half visits', '03033c00b4010002000801' || '2800c60f01'),
	(10, 'a scale of 64', '03033c00b4010002000800' || '2800c60f40'),
	(11, 'a scale that is larger than needed', '03033c00b4010002000800' || '2801c60f01'),
	(12, 'cut off in a number', '03033c00b4010002000800' || '2800c6ff81'),
	(13, 'nothing at all', ''),
	(14, 'no fingerprint', '03033c00')) v(n, what, contents) ORDER BY n;
SELECT pg_temp.try('\x0000000000000000' || substr(rfm_scheme_send('{2 buckets, recency 1, frequency 1}'), 9)) AS wrong_fingerprint,
       pg_temp.try(substr(rfm_scheme_send('{2 buckets, recency 1, frequency 1}'), 1, 12)) AS cut_off;
