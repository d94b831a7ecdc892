-- A relation of customer metrics whatever things are called: a hostile name is just a name.
\set SHOW_CONTEXT never
SET client_min_messages = error;

-- The longest beginning of a text that has so many bytes.
CREATE FUNCTION cut(word text, bytes integer) RETURNS text LANGUAGE sql
RETURN (SELECT left(word, n) FROM generate_series(0, length(word)) AS n WHERE octet_length(left(word, n)) <= bytes ORDER BY n DESC LIMIT 1);

-- A schema, a source, its columns and a relation of that name: what a refresh leaves stale, and the columns, after changes of every kind.
CREATE FUNCTION named(word text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
	customer text := cut(word, 62) || '1';
	day text := cut(word, 62) || '2';
	amount text := cut(word, 62) || '3';
	segment text := cut(word, 62) || '4';
	relation text := cut(word, 52);
	source text := quote_ident(cut(word, 62) || 's');
	wrong bigint;
	result text;
BEGIN
	EXECUTE format('CREATE SCHEMA %I', word);
	PERFORM set_config('search_path', quote_ident(word) || ', public', true);
	EXECUTE format('CREATE TABLE %s (%I text, %I date, %I numeric, %I text)', source, customer, day, amount, segment);
	EXECUTE format('CREATE INDEX ON %s (%I)', source, customer);
	EXECUTE format('INSERT INTO %s SELECT $1 || n %% 9, date ''2024-01-01'' + n, n, $1 || n %% 2 FROM generate_series(1, 99) AS n', source) USING word;
	CALL create_customer_metrics(relation, source::regclass, customer, day, amount, segment, 'UTC', family => NULL, segment_customers => 1);
	EXECUTE format('UPDATE %s SET %I = 500 WHERE %I = $1 || 1', source, amount, customer) USING word;
	EXECUTE format('DELETE FROM %s WHERE %I = $1 || 2', source, customer) USING word;
	EXECUTE format('INSERT INTO %s VALUES ($1, ''2024-06-01'', 7, $1)', source) USING word;
	CALL refresh_customer_metrics(relation);
	CALL refit_customer_metrics(relation);
	EXECUTE format('SELECT count(*) FROM (SELECT %2$I, sum(%3$I) AS money, count(*) AS orders, min(%4$I) AS first FROM %1$s GROUP BY 1) o '
		'FULL JOIN %5$I m USING (%2$I) WHERE m.total_spend IS DISTINCT FROM money OR m.order_count IS DISTINCT FROM orders '
		'OR NOT EXISTS (SELECT FROM %1$s s WHERE s.%2$I = m.%2$I AND s.%4$I = first AND s.%6$I = m.segment)',
		source, customer, amount, day, relation, segment) INTO wrong;
	EXECUTE format('SELECT format(%L, count(*), sum(visit_count)) FROM %I(%L)', '%s customers, %s visits', relation || '_as_of', '2024-06-30') INTO result;
	CALL drop_customer_metrics(relation);
	result := format('%s wrong, %s, %s left', wrong, result, (SELECT count(*) - 2 FROM pg_class WHERE relnamespace = quote_ident(word)::regnamespace)
		+ (SELECT count(*) FROM pg_trigger WHERE tgrelid = source::regclass));
	EXECUTE format('DROP SCHEMA %I CASCADE', word);
	RETURN result;
END $$;

SELECT to_json(left(word, 12)) AS name, octet_length(word) AS bytes, named(word)
FROM unnest(ARRAY['%', '%%', '%s', '%I', '%1$I', '%99$L', 'a"b', '""', '''', 'it''s', E'\\', E'\\''', 'E''\n', '$$', '$body$', '$1', ':x', '{}',
	E'line\nbreak', E'\t', ' ', '--', '/*', ';', '); DROP TABLE orders; --', 'SELECT', 'null', 'new_rows', 'keys', 'fresh', 'taken', 'x.now()', '0',
	'粉丝客户', 'é"%s''', repeat('n', 63), repeat('%', 63), repeat('"', 63), repeat('粉', 21)]) AS word;
DROP FUNCTION named, cut;
