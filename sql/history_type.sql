-- visit_history as a value: its text, binary and JSON forms, equality, and
-- what is refused.

-- Text goes in in any order and comes out in canonical form.
SELECT '{2024-03-10, 2024-01-19: 40.00 in 2 orders, 2024-01-05: 12.50, 2024-02-01: -5 in 0 orders}'::visit_history;
-- Equal days add up, as merging does.
SELECT '{2024-01-05: 12.50, 2024-01-05: 7.5}'::visit_history;
-- The empty history is a value, not NULL.
SELECT '{}'::visit_history, ' { } '::visit_history = '{}' AS same;
-- Days are ISO 8601 whatever the session's DateStyle; BC and far days work.
SET datestyle = 'German';
SELECT '{0044-03-15 BC: 1, 4714-11-24 BC, 5874897-12-31: 2}'::visit_history;
RESET datestyle;
-- 1900 was no leap year, 2000 was.
SELECT '{2000-02-29, 2024-02-29}'::visit_history;
SELECT '{1900-02-29}'::visit_history;

-- JSON: one object a day; numbers are numbers, no money is null.
SELECT h::json AS json, h::jsonb #> '{1,amount}' AS second_amount
FROM (SELECT '{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders, 2024-03-10}'::visit_history) v(h);

-- Equality is of the visits, not of how they were written; it hashes.
SELECT a = b AS same, a <> b AS different, visit_history_hash(a) = visit_history_hash(b) AS same_hash,
       visit_history_hash_extended(a, 7) = visit_history_hash_extended(b, 7) AS same_long_hash
FROM (SELECT '{2024-01-05: 12.50}'::visit_history, '{2024-01-05: 12.500}'::visit_history) v(a, b);
SELECT count(*) FROM (SELECT DISTINCT h FROM unnest(ARRAY['{2024-01-05: 1}', '{2024-01-05: 1.0}', '{}', '{2024-01-06: 1}']::visit_history[]) h) d;
SELECT '{2024-01-05: 1}'::visit_history = '{2024-01-05: 1 in 2 orders}' AS orders_matter,
       '{2024-01-05: 0}'::visit_history = '{2024-01-05}' AS money_matters;

-- The binary form is the contents: scale, then one entry a day.
SELECT visit_history_send('{}'), visit_history_send('{2024-01-05: 12.5}');

-- It goes through binary COPY unchanged.
CREATE TEMP TABLE sent (h visit_history);
INSERT INTO sent VALUES ('{}'), (NULL), ('{2024-01-05: 12.5, 2024-01-19: 40 in 2 orders}'), ('{0044-03-15 BC: -1 in 0 orders}');
CREATE TEMP TABLE received (h visit_history);
\copy sent TO 'results/history_type.copy' (FORMAT binary)
\copy received FROM 'results/history_type.copy' (FORMAT binary)
SELECT count(*) AS rows, count(h) AS histories FROM received;
SELECT count(*) AS differences FROM (TABLE sent EXCEPT ALL TABLE received) d;

-- What a user may type by mistake, and what he is told.
SELECT visit_history('2024-01-01');
SELECT '{2024-13-01}'::visit_history;
SELECT '{2024-01-01: }'::visit_history;
SELECT '{2024-01-01: NaN}'::visit_history;
SELECT '{2024-01-01: 5 in 0 orders}'::visit_history;
SELECT '{2024-01-01 in 0 orders}'::visit_history;
SELECT '{2024-01-01: 5 in 3000000000 orders}'::visit_history;
SELECT '{2024-01-01, }'::visit_history;
SELECT '{2024-01-01} and more'::visit_history;
SELECT '{infinity}'::visit_history;
SELECT '{2024-01-01: 1234567890123456789}'::visit_history;
SELECT '{4714-11-23 BC}'::visit_history;
SELECT '{5874898-01-01}'::visit_history;

-- Forged binary input: received by COPY as any client could send it.
CREATE FUNCTION pg_temp.try(bytes bytea) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	loid oid;
	file text := current_setting('data_directory') || '/crm_forged';
BEGIN
	-- header of the format, no flags, no extension; one tuple of one field; trailer
	loid := lo_from_bytea(0, '\x5047434f50590aff0d0a00' || '\x0000000000000000'::bytea || '\x0001'::bytea
						  || int4send(length(bytes)) || bytes || '\xffff'::bytea);
	PERFORM lo_export(loid, file);
	PERFORM lo_unlink(loid);
	EXECUTE format('COPY received FROM %L (FORMAT binary)', file);
	RETURN 'accepted';
EXCEPTION WHEN OTHERS THEN
	PERFORM lo_unlink(oid) FROM pg_largeobject_metadata;
	RETURN sqlstate || ' ' || sqlerrm;
END $$;
SELECT what, pg_temp.try(bytes) FROM (VALUES
	(1, 'a good one', visit_history_send('{2024-01-05: 12.5}')),
	(2, 'nothing at all', '\x'),
	(3, 'a scale of 64', '\x40'),
	(4, 'empty, but with a scale', '\x01'),
	(5, 'cut off in the amount', substr(visit_history_send('{2024-01-05: 12.5}'), 1, 5)),
	(6, 'cut off in the day', substr(visit_history_send('{2024-01-05: 12.5}'), 1, 3)),
	(7, 'a byte too many', visit_history_send('{2024-01-05: 12.5}') || '\x00'),
	(8, 'two days in the wrong order', visit_history_send('{2024-01-05: 1}') || '\x030c'),
	(9, 'the same day twice', visit_history_send('{2024-01-05: 1}') || '\x0001'),
	(10, 'a scale that is larger than needed', '\x01b6aaac0214'),
	(11, 'a number written too long', '\x00b6aaac028100'),
	(12, 'an endless number', '\x00ffffffffffffffffffffffff'),
	(13, 'a day beyond the calendar', '\x00ffffffffffffff7f01'),
	(14, 'no orders and no refund', '\x00b7aaac020101'),
	(15, 'an amount of 19 digits', '\x00b6aaac029594cc94b5a8a1911101')
) v(n, what, bytes) ORDER BY n;

-- The transition state is as public as any type, and refuses the same.
SELECT visit_history_final('{2024-03-10, 2024-01-19: 40.00 in 2 orders}'::visit_history_state);
SELECT visit_history_final(NULL);
SELECT 'not a state'::visit_history_state;
