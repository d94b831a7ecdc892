-- ---------------------------------------------------------------------------
-- For BI: everything in one row, and a relation that stays current
-- ---------------------------------------------------------------------------

-- ---- all metrics in one row ----

--| Everything about a customer in one row of plain types, computed in one pass over the history.
--| The columns are named as the functions that give them and have their values with default options; customer_metrics_columns() describes them.
--| Events after as_of are ignored. `expected_next_visit` comes from the model, else from the norms, else from the customer's own rhythm; `next_visit_source` says which.
--| NULL: every reference may be NULL, and the columns that need it are NULL then; all columns when h or as_of is NULL.
--| Errors: an infinite as_of; scores outside the buckets of the map.
--| Example: SELECT customer_id, visit_count, rfm_segment, latency_status, expected_next_visit, round(clv::numeric, 2) AS clv
--| FROM customers, learned, customer_metrics(h, norms, scheme, tiers, members, model, spend, '2024-12-31') ORDER BY customer_id LIMIT 3
CREATE FUNCTION customer_metrics(
	h visit_history, norms latency_norms, scheme rfm_scheme, tiers value_tiers, members member_scheme,
	model btyd_model, spend spend_model, as_of date DEFAULT current_date, map segment_map DEFAULT 'rf25',
	OUT visit_count integer, OUT order_count integer, OUT first_visit date, OUT last_visit date,
	OUT days_since_last_visit integer, OUT tenure integer,
	OUT total_spend numeric, OUT average_order_value numeric, OUT average_visit_value numeric,
	OUT spend_last_365 numeric, OUT spend_previous_365 numeric,
	OUT latency double precision, OUT median_latency double precision, OUT latency_stddev double precision,
	OUT latency_variation double precision, OUT silence_ratio double precision,
	OUT latency_status text, OUT pace text, OUT days_until_overdue integer,
	OUT expected_next_visit date, OUT next_visit_from date, OUT next_visit_to date, OUT next_visit_source text,
	OUT visit_probability double precision,
	OUT rfm_r smallint, OUT rfm_f smallint, OUT rfm_m smallint, OUT rfm_code integer, OUT rfm_segment text,
	OUT lifecycle_stage text, OUT activity_level text, OUT loyalty_level text, OUT growth_state text,
	OUT value_tier integer, OUT member_segment text, OUT member_segments text,
	OUT p_alive double precision, OUT churn_risk text, OUT expected_visits double precision,
	OUT expected_spend double precision, OUT clv double precision, OUT repeat_clv numeric) RETURNS record
	AS 'MODULE_PATHNAME', 'crm_customer_metrics' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| What the columns of a relation made by create_customer_metrics mean, in order, but for the customer's own: the first.
--| The relation bears these texts as comments, which BI tools show.
--| Errors: none
--| Example: SELECT * FROM customer_metrics_columns() LIMIT 3
CREATE FUNCTION customer_metrics_columns(OUT name name, OUT meaning text) RETURNS SETOF record
	LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
	VALUES
	('segment'::name, 'Value of the segment column on the customer''s earliest order'::text),
	('visit_count', 'Visits: days with at least one order'),
	('order_count', 'Orders; refunds are none'),
	('first_visit', 'Day of the first visit'),
	('last_visit', 'Day of the last visit'),
	('days_since_last_visit', 'Days since the last visit'),
	('tenure', 'Days since the first visit'),
	('total_spend', 'Money of all orders, net of refunds'),
	('average_order_value', 'Total spend per order'),
	('average_visit_value', 'Total spend per visit'),
	('spend_last_365', 'Money of the 365 days up to and including as_of'),
	('spend_previous_365', 'Money of the 365 days before those'),
	('latency', 'Mean days between visits; empty under two visits'),
	('median_latency', 'Median days between visits'),
	('latency_stddev', 'Standard deviation of the days between visits; empty under three visits'),
	('latency_variation', 'Standard deviation of the days between visits as a share of their mean: how irregular the customer is'),
	('silence_ratio', 'Days since the last visit as a multiple of the customer''s own mean days between visits'),
	('latency_status', 'Silence against customers with as many visits: on_track, due, overdue, lapsed; no_visits'),
	('pace', 'Days between visits so far against those of other customers: faster, typical, slower'),
	('days_until_overdue', 'Days until four in five of those who come back would be back; 0 or less once past that'),
	('expected_next_visit', 'Day on which the next visit is as likely before as after, given that there is one'),
	('next_visit_from', 'First day of the range that holds the next visit with a chance of 80 %'),
	('next_visit_to', 'Last day of that range; empty when it is more than ten years ahead'),
	('next_visit_source', 'What expected_next_visit comes from: model, norms, or the customer''s own rhythm'),
	('visit_probability', 'Chance of at least one visit within the next 30 days'),
	('rfm_r', 'Score of recency, 1 to 5 unless chosen otherwise; the best is the highest'),
	('rfm_f', 'Score of frequency'),
	('rfm_m', 'Score of money'),
	('rfm_code', 'The three scores as one number, such as 543'),
	('rfm_segment', 'Segment of the customer''s scores'),
	('lifecycle_stage', 'prospect, new, active, loyal, sleeping or lost'),
	('activity_level', 'active, silent, sleeping or lost; no_visits'),
	('loyalty_level', 'By visits: new (1), second (2), regular (3 or 4), fan (5 and more); no_visits'),
	('growth_state', 'The last 365 days against the 365 before: new, retained, resurrected, dormant, inactive'),
	('value_tier', 'Tier by total spend; 1 is the best'),
	('member_segment', 'The first of the seven member segments that applies, else regular or prospect'),
	('member_segments', 'All member segments that apply, separated by commas'),
	('p_alive', 'Chance that the customer still is one'),
	('churn_risk', 'low, medium or high, by that chance; no_data'),
	('expected_visits', 'Expected visits in the next 365 days'),
	('expected_spend', 'Expected money of a visit'),
	('clv', 'Expected money of the next 365 days, discounted at 10 % a year'),
	('repeat_clv', 'Money of all visits but the first day''s: what coming back has brought, before the cost of acquisition'),
	('as_of', 'Day as of which everything is said: today'),
	('references_as_of', 'Day as of which the references that the customer is measured by were learned'),
	('beyond_data', 'True when as_of is more than 30 days after the last day of the data that the references were learned from');
END;


-- ---- a relation that stays current ----
--
-- What users call resolves names in their search_path, and is parsed when the
-- extension is installed; all else looks up in pg_catalog alone, so that
-- nobody's operators and functions run with the rights of who calls it.

--| How a relation of customer metrics is made: the one row of its table name_settings. Support for create_customer_metrics.
CREATE TYPE customer_metrics_settings_row AS (
	source regclass,
	customer name,
	day name,
	amount name,
	segment name,
	time_zone text,
	capture boolean,
	map segment_map,
	buckets integer,
	shares double precision[],
	family text,
	segment_customers integer,
	refreshed_at timestamptz,
	refits integer
);

--| The base type of a column, after checking that the column is there and of one of the types (any that has an order where that is NULL).
--| Support for create_customer_metrics.
CREATE FUNCTION customer_metrics_column(source regclass, col name, types regtype[]) RETURNS regtype
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	base oid := (SELECT a.atttypid FROM pg_attribute a
		WHERE a.attrelid = source AND a.attname = col AND a.attnum > 0 AND NOT a.attisdropped);
	under oid := base;
BEGIN
	IF base IS NULL THEN
		RAISE EXCEPTION 'column % of % does not exist', quote_ident(col), source
			USING ERRCODE = 'undefined_column', HINT = 'Name columns as they are stored, without quotes.';
	END IF;
	WHILE under <> 0 LOOP
		base := under;
		under := (SELECT t.typbasetype FROM pg_type t WHERE t.oid = base);
	END LOOP;
	IF base <> ALL (types) THEN
		RAISE EXCEPTION 'column % of % is of type %', quote_ident(col), source, base::regtype
			USING ERRCODE = 'datatype_mismatch', HINT = pg_catalog.format('It must be one of: %s.', (SELECT string_agg(t::text, ', ') FROM unnest(types) t));
	END IF;
	IF types IS NULL THEN
		BEGIN
			EXECUTE pg_catalog.format('SELECT FROM %s s ORDER BY s.%I LIMIT 0', source, col);
		EXCEPTION WHEN undefined_function THEN
			RAISE EXCEPTION 'column % of % is of type %, which has no order', quote_ident(col), source, base::regtype
				USING ERRCODE = 'datatype_mismatch', HINT = 'Name a view of the source in which it is cast to text, and say capture => false.';
		END;
	END IF;
	RETURN base;
END $$;

--| The schema of a relation of customer metrics, after checking that it is the caller's own, with its tables locked against being exchanged; with alone,
--| against refreshes, too. Support for refresh_customer_metrics and its kin.
CREATE FUNCTION customer_metrics_schema(name text, settings regclass, alone boolean DEFAULT false) RETURNS name
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	home name;
	owner regrole;
BEGIN
	SELECT n.nspname, c.relowner INTO home, owner
	FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
	WHERE c.oid = settings
		AND c.reloftype = '@extschema@.customer_metrics_settings_row'::regtype;
	IF home IS NULL THEN
		RAISE EXCEPTION 'there are no customer metrics "%" in the search_path', name
			USING ERRCODE = 'undefined_object', HINT = 'create_customer_metrics() makes them in the first schema of the search_path.';
	END IF;
	-- Who puts tables of those names into our way must not have us work for them and run their triggers.  The names are looked up
	-- again under the lock: it may have waited for somebody who exchanged a table.
	IF owner = quote_ident(current_user)::regrole THEN
		EXECUTE pg_catalog.format('LOCK TABLE %I.%I IN %s MODE', home, name || '_settings', CASE WHEN alone THEN 'ACCESS EXCLUSIVE' ELSE 'ROW EXCLUSIVE' END);
		EXECUTE pg_catalog.format('LOCK TABLE %1$I.%2$I, %1$I.%3$I, %1$I.%4$I IN ROW EXCLUSIVE MODE', home,
			name || '_histories', name || '_references', name || '_changes');
		SELECT c.relowner INTO owner
		FROM unnest('{_settings,_histories,_references,_changes}'::text[]) suffix
		JOIN pg_class c ON c.oid = pg_catalog.format('%I.%I', home, name || suffix)::regclass
		ORDER BY c.relowner = owner LIMIT 1;
	END IF;
	IF owner <> quote_ident(current_user)::regrole THEN
		RAISE EXCEPTION 'the customer metrics "%" belong to %', name, owner
			USING ERRCODE = 'insufficient_privilege', HINT = pg_catalog.format('SET ROLE %s first.', owner);
	END IF;
	RETURN home;
END $$;

--| Refuses a source that is gone, or whose row-level security would hide rows from us. Support for create_customer_metrics and refresh_customer_metrics.
CREATE FUNCTION customer_metrics_check_source(source regclass) RETURNS void
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
BEGIN
	IF NOT EXISTS (SELECT FROM pg_class c WHERE c.oid = source) THEN
		RAISE EXCEPTION 'the source of these customer metrics is gone'
			USING ERRCODE = 'undefined_table', HINT = 'CALL drop_customer_metrics(), then create_customer_metrics() on another source.';
	END IF;
	IF row_security_active(source) THEN
		RAISE EXCEPTION 'row-level security of % is active for %', source, quote_ident(current_user)
			USING ERRCODE = 'insufficient_privilege',
			DETAIL = 'The relation would show a part of the rows as if it were all, to whoever may read it.',
			HINT = 'Call as a role that the policies do not apply to, the table''s owner or one with BYPASSRLS.';
	END IF;
END $$;

--| How a unique index of a relation compares one of its columns, as an operator that needs no search_path: the = of citext stands where that type does.
--| Support for create_customer_metrics and refresh_customer_metrics.
CREATE FUNCTION customer_metrics_equality(relation regclass, col name) RETURNS text
	LANGUAGE sql STABLE
RETURN (
	SELECT pg_catalog.format('OPERATOR(%I.%s)', n.nspname, o.oprname)
	FROM pg_attribute a
	JOIN pg_index i ON i.indrelid = a.attrelid AND i.indisunique
	JOIN unnest(i.indkey, i.indclass) AS k(attnum, class) ON k.attnum = a.attnum
	JOIN pg_opclass c ON c.oid = k.class
	JOIN pg_amop m ON m.amopfamily = c.opcfamily AND m.amoplefttype = c.opcintype AND m.amoprighttype = c.opcintype AND m.amopstrategy = 3
	JOIN pg_operator o ON o.oid = m.amopopr
	JOIN pg_namespace n ON n.oid = o.oprnamespace
	WHERE a.attrelid = relation AND a.attname = col
	LIMIT 1);

--| The query over the source for (customer, segment, history), whose customers are compared by the operator same: of all customers (all), of those in
--| "keys" by one scan (keys), or probing an index for each of them (each). One of "keys" without rows has no row, or, by probing, a history that is NULL.
--| Support for create_customer_metrics and refresh_customer_metrics.
CREATE FUNCTION customer_metrics_histories(s customer_metrics_settings_row, which text, same text) RETURNS text
	LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	day_type regtype := @extschema@.customer_metrics_column(s.source, s.day, '{date,timestamp,timestamptz}');
	money_type regtype;
	arguments text := pg_catalog.format('s.%I', s.day);
	is_order text := pg_catalog.format('s.%I IS NOT NULL', s.day);
	wanted text := pg_catalog.format('s.%I IS NOT NULL', s.customer);
	history text;
	first_order text;
BEGIN
	IF s.amount IS NOT NULL THEN
		money_type := @extschema@.customer_metrics_column(s.source, s.amount, '{numeric,float8,bigint,integer,real,smallint}');
		arguments := arguments || pg_catalog.format(', s.%I', s.amount)
			|| CASE money_type WHEN 'real'::regtype THEN '::double precision' WHEN 'smallint'::regtype THEN '::integer' ELSE '' END;
		is_order := is_order || pg_catalog.format(' AND (s.%1$I IS NULL OR s.%1$I >= 0)', s.amount);
	END IF;
	IF day_type = 'timestamptz'::regtype THEN
		arguments := arguments || pg_catalog.format(', %L', s.time_zone);
	END IF;
	history := '@extschema@.visit_history(' || arguments || ')';

	-- An aggregate for each key, so that it is a probing, however many there are.
	IF which = 'each' THEN
		IF s.segment IS NOT NULL THEN
			first_order := pg_catalog.format('(SELECT s.%4$I FROM %1$s s WHERE s.%2$I %6$s k.customer AND %3$s ORDER BY s.%5$I, s.%4$I LIMIT 1)',
				s.source, s.customer, is_order, s.segment, s.day, same);
		END IF;
		RETURN pg_catalog.format('SELECT k.customer, %3$s AS segment, g.history FROM keys k CROSS JOIN LATERAL '
			'(SELECT CASE WHEN count(*) > 0 THEN %4$s END AS history FROM %1$s s WHERE s.%2$I %5$s k.customer) g',
			s.source, s.customer, coalesce(first_order, 'NULL::text'), history, same);
	END IF;

	IF which = 'keys' THEN
		wanted := wanted || pg_catalog.format(' AND EXISTS (SELECT FROM keys k WHERE k.customer %s s.%I)', same, s.customer);
	END IF;
	IF s.segment IS NOT NULL THEN
		first_order := pg_catalog.format('LEFT JOIN (SELECT DISTINCT ON (s.%2$I) s.%2$I AS customer, s.%5$I AS segment FROM %1$s s '
			'WHERE %3$s AND %4$s ORDER BY s.%2$I, s.%6$I, s.%5$I) f ON f.customer %7$s g.customer',
			s.source, s.customer, wanted, is_order, s.segment, s.day, same);
	END IF;
	RETURN pg_catalog.format('SELECT g.customer, %5$s AS segment, g.history FROM ('
		'SELECT s.%2$I AS customer, %4$s AS history FROM %1$s s WHERE %3$s GROUP BY s.%2$I'
		') g %6$s', s.source, s.customer, wanted, history,
		CASE WHEN s.segment IS NULL THEN 'NULL::text' ELSE 'f.segment' END, first_order);
END $$;

--| The query behind the relation, as of the day that the expression gives. Customers are measured by what the last refit as of that day or earlier learned
--| (the first one after it, where there is none): by the references of their segment, and overall ones where it has none. Support for create_customer_metrics.
CREATE FUNCTION customer_metrics_query(home name, name text, customer name, map segment_map, today text) RETURNS text
	LANGUAGE sql STABLE
RETURN pg_catalog.format($query$
SELECT h.customer AS %3$I, h.segment, m.*, %5$s AS as_of, o.as_of AS references_as_of, %5$s > o.last_day + 30 AS beyond_data
FROM %1$I.%2$s h
LEFT JOIN (SELECT * FROM %1$I.%6$s r WHERE r.segment IS NULL
	ORDER BY r.as_of > %5$s, CASE WHEN r.as_of > %5$s THEN r.as_of END, r.refit DESC LIMIT 1) o ON true
LEFT JOIN %1$I.%6$s s ON s.refit = o.refit AND s.segment %7$s h.segment
CROSS JOIN LATERAL %8$s.customer_metrics(h.history, coalesce(s.norms, o.norms), coalesce(s.scheme, o.scheme),
	coalesce(s.tiers, o.tiers), coalesce(s.members, o.members), coalesce(s.model, o.model), coalesce(s.spend, o.spend),
	%5$s, %4$L::%8$s.segment_map) m
$query$, home, quote_ident(name || '_histories'), customer, map, today, quote_ident(name || '_references'),
	@extschema@.customer_metrics_equality(pg_catalog.format('%I.%I', home, name || '_references')::regclass, 'segment'), '@extschema@');

--| What refresh_customer_metrics does; a policy that would hide rows, be it of a table behind the source, is an error. Support for refresh_customer_metrics.
CREATE FUNCTION customer_metrics_refresh(name text, settings regclass, rebuild boolean) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp SET row_security = off
AS $$
DECLARE
	home name := @extschema@.customer_metrics_schema(name, settings);
	histories text := pg_catalog.format('%I.%I', home, name || '_histories');
	changes text := pg_catalog.format('%I.%I', home, name || '_changes');
	s @extschema@.customer_metrics_settings_row;
	changed bigint;
	everything boolean;
	filled boolean;
	which text := 'all';
	same text;
	fresh text;
	written bigint;
BEGIN
	-- One refresh at a time, and none on a snapshot from before another one.
	EXECUTE pg_catalog.format('UPDATE %s SET refreshed_at = clock_timestamp() RETURNING *', settings) INTO s;
	PERFORM @extschema@.customer_metrics_check_source(s.source);

	EXECUTE pg_catalog.format('SELECT count(DISTINCT customer), count(*) > count(customer) FROM %s', changes) INTO changed, everything;
	rebuild := rebuild OR everything OR NOT s.capture
		OR changed > greatest(1000, (SELECT c.reltuples / 5 FROM pg_class c WHERE c.oid = histories::regclass));
	IF rebuild THEN
		RAISE NOTICE 'customer metrics "%": reading all of %', name, s.source;
	ELSE
		RAISE NOTICE 'customer metrics "%": reading % changed customers', name, changed;
		which := CASE WHEN @extschema@.customer_metrics_has_index(s.source, s.customer) THEN 'each' ELSE 'keys' END;
	END IF;

	-- Keys in order find neighbours on one page of an index.  Whoever has no rows any more is one of them, with a history that is NULL.
	same := @extschema@.customer_metrics_equality(histories::regclass, 'customer');
	fresh := @extschema@.customer_metrics_histories(s, which, same);
	IF which <> 'each' THEN
		fresh := pg_catalog.format('SELECT coalesce(k.customer, g.customer) AS customer, g.segment, g.history FROM keys k %s JOIN (%s) g ON g.customer %s k.customer',
			CASE WHEN rebuild THEN 'FULL' ELSE 'LEFT' END, fresh, same);
	END IF;
	-- The first filling is by key: a refresh finds neighbours side by side in the table, too, and the index grows at its end.
	EXECUTE pg_catalog.format('SELECT EXISTS (SELECT FROM %s)', histories) INTO filled;
	IF NOT filled THEN
		fresh := fresh || ' ORDER BY 1';
	END IF;
	-- The log is emptied and the source read in one snapshot: a change that it
	-- does not see leaves its key in the log.  A TRUNCATE is for the next rebuild.
	EXECUTE pg_catalog.format('WITH taken AS (DELETE FROM %2$s WHERE %4$s RETURNING customer), '
		'keys AS (%5$s), fresh AS (%3$s) '
		'MERGE INTO %1$s h USING fresh f ON h.customer %6$s f.customer '
		'WHEN MATCHED AND f.history IS NULL THEN DELETE '
		'WHEN MATCHED AND (h.segment IS DISTINCT FROM f.segment OR h.history OPERATOR(%7$s.<>) f.history) '
			'THEN UPDATE SET segment = f.segment, history = f.history '
		'WHEN NOT MATCHED AND f.history IS NOT NULL THEN INSERT VALUES (f.customer, f.segment, f.history)',
		histories, changes, fresh, CASE WHEN rebuild THEN 'true' ELSE 'customer IS NOT NULL' END,
		CASE WHEN rebuild THEN 'SELECT customer FROM ' || histories ELSE 'SELECT DISTINCT customer FROM taken ORDER BY customer' END,
		same, '@extschema@');
	GET DIAGNOSTICS written = ROW_COUNT;
	IF rebuild THEN
		EXECUTE 'ANALYZE ' || histories;
	END IF;
	RAISE NOTICE 'customer metrics "%": % histories changed', name, written;
END $$;

--| Re-reads the customers that changed since the last refresh, in the transaction of the caller; with rebuild, all of them.
--| A change counts from when its transaction commits: what commits later is left to the next refresh. All are re-read anyway when nothing is captured,
--| after a TRUNCATE, and when more than a fifth changed. References stay as they are: see refit_customer_metrics.
--| Errors: no such customer metrics in the search_path, or another role's; row-level security of the source is active.
--| Example: `CALL refresh_customer_metrics('guests')`
CREATE PROCEDURE refresh_customer_metrics(name text, rebuild boolean DEFAULT false)
	LANGUAGE sql
BEGIN ATOMIC
	SELECT @extschema@.customer_metrics_refresh(name, to_regclass(quote_ident(name || '_settings')), rebuild);
END;

--| Whether a B-tree or hash index finds the rows of one customer: one that begins with the column, holds all rows and compares as the column does.
--| Support for refresh_customer_metrics.
CREATE FUNCTION customer_metrics_has_index(source regclass, customer name) RETURNS boolean
	LANGUAGE sql STABLE
RETURN EXISTS (
	SELECT FROM pg_index i
	JOIN pg_class c ON c.oid = i.indexrelid
	JOIN pg_am m ON m.oid = c.relam AND m.amname IN ('btree', 'hash')
	JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
	WHERE i.indrelid = source AND a.attname = customer AND i.indisvalid AND i.indpred IS NULL AND i.indcollation[0] = a.attcollation
		-- That of a partitioned table is all its partitions'; children that inherit have none of it.
		AND (c.relkind = 'I' OR NOT EXISTS (SELECT FROM pg_inherits h WHERE h.inhparent = source)));

--| The statement that learns references as of $1 from data up to $2: overall, or for each segment. Support for refit_customer_metrics.
CREATE FUNCTION customer_metrics_learn(home name, name text, s customer_metrics_settings_row, by_segment boolean) RETURNS text
	LANGUAGE sql STABLE
RETURN pg_catalog.format($learn$
INSERT INTO %1$I.%2$I (refit, segment, as_of, last_day, customers, norms, scheme, tiers, members, model, spend)
SELECT $3, %4$s, $1, $2, count(*), %8$s.latency_norms(history, $1), %8$s.rfm_scheme(history, $1, $4),
	%8$s.value_tiers(history, $1, $5), %8$s.member_scheme(history, $1), %6$s, %7$s
FROM %1$I.%3$I %5$s
$learn$, home, name || '_references', name || '_histories',
	CASE WHEN by_segment THEN 'segment' ELSE 'NULL' END,
	CASE WHEN by_segment THEN pg_catalog.format('WHERE segment IN (SELECT segment FROM %I.%I GROUP BY segment HAVING count(*) >= $7) GROUP BY segment',
		home, name || '_histories') END,
	CASE WHEN (s).family IS NULL THEN 'NULL' ELSE '@extschema@.fit_btyd(history, $1, $6)' END,
	CASE WHEN (s).amount IS NULL THEN 'NULL' ELSE '@extschema@.fit_spend(history, $1)' END, '@extschema@');

--| What refit_customer_metrics does. Support for refit_customer_metrics.
CREATE FUNCTION customer_metrics_refit(name text, settings regclass) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	home name := @extschema@.customer_metrics_schema(name, settings);
	histories text := pg_catalog.format('%I.%I', home, name || '_histories');
	s @extschema@.customer_metrics_settings_row;
	today date;
	data_end date;
	learned bigint;
BEGIN
	-- One refit at a time, none during a refresh.
	EXECUTE pg_catalog.format('UPDATE %s SET refits = refits + 1 RETURNING *', settings) INTO s;
	today := now() AT TIME ZONE s.time_zone;
	EXECUTE pg_catalog.format('SELECT max(%2$s.last_visit(CASE WHEN %2$s.last_visit(history) <= $1 THEN history '
		'ELSE %2$s.as_of(history, $1) END)) FROM %1$s', histories, '@extschema@') INTO data_end USING today;
	-- References that were learned from nobody would take the place of those that were learned before.
	IF data_end IS NULL THEN
		RAISE NOTICE 'customer metrics "%": there is no visit to learn references from', name;
		RETURN;
	END IF;
	RAISE NOTICE 'customer metrics "%": learning references as of %', name, data_end;

	EXECUTE @extschema@.customer_metrics_learn(home, name, s, false)
		USING data_end, data_end, s.refits, s.buckets, s.shares, s.family;
	EXECUTE @extschema@.customer_metrics_learn(home, name, s, true)
		USING data_end, data_end, s.refits, s.buckets, s.shares, s.family, s.segment_customers;
	GET DIAGNOSTICS learned = ROW_COUNT;
	RAISE NOTICE 'customer metrics "%": references learned overall and for % segments', name, learned;
END $$;

--| Learns the references anew from the histories as they are: overall, and for each segment with enough customers. Old ones are kept.
--| They are learned as of the last day of data that is not after today in the relation's time zone; where nobody has come by then, none are.
--| Errors: no such customer metrics in the search_path, or another role's.
--| Example: `CALL refit_customer_metrics('guests')`
CREATE PROCEDURE refit_customer_metrics(name text)
	LANGUAGE sql
BEGIN ATOMIC
	SELECT @extschema@.customer_metrics_refit(name, to_regclass(quote_ident(name || '_settings')));
END;

--| What create_customer_metrics does. Support for create_customer_metrics.
CREATE FUNCTION customer_metrics_create(home name, name text, source regclass, customer name, day name, amount name, segment name, time_zone text,
	capture boolean, fill boolean, map segment_map, buckets integer, shares double precision[], family text, segment_customers integer) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	settings text;
	customer_type oid := @extschema@.customer_metrics_column(source, customer, NULL);
	segment_type oid := 'text'::regtype;
	s @extschema@.customer_metrics_settings_row;
	map_buckets integer := map::jsonb ->> 'buckets';
BEGIN
	IF home IS NULL OR home LIKE 'pg\_%' THEN
		RAISE EXCEPTION 'the search_path has no schema that can hold customer metrics'
			USING ERRCODE = 'invalid_schema_name', HINT = 'SET search_path to a schema of your own first.';
	END IF;
	IF coalesce(name, '') = '' OR octet_length(name) > 63 - octet_length('_references') THEN
		RAISE EXCEPTION 'name must have 1 to % bytes, not %', 63 - octet_length('_references'), coalesce(octet_length(name), 0)
			USING ERRCODE = 'invalid_name', HINT = 'It is the name of a view, and the tables behind it bear longer ones.';
	END IF;
	IF customer IN (SELECT c.name FROM @extschema@.customer_metrics_columns() c) THEN
		RAISE EXCEPTION 'the customer column % of % has the name of a metric', quote_ident(customer), source
			USING ERRCODE = 'duplicate_column', HINT = 'Name a view of the source in which it is called otherwise.';
	END IF;
	buckets := coalesce(buckets, map_buckets, 5);
	IF buckets <> map_buckets THEN
		RAISE EXCEPTION 'buckets is %, but the segment map has scores from 1 to %', buckets, map_buckets
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Leave buckets out, or name a map of as many: rf25 and rfm125 have 5, rfm27 has 3.';
	END IF;
	capture := coalesce(capture, true);
	fill := coalesce(fill, true);
	IF capture AND current_setting('transaction_isolation') IN ('repeatable read', 'serializable') THEN
		-- The snapshot may be older than the triggers: what was committed in between would be in no history and no log.
		RAISE EXCEPTION 'changes cannot be captured from a % transaction on', current_setting('transaction_isolation')
			USING ERRCODE = 'invalid_transaction_state', HINT = 'SET TRANSACTION ISOLATION LEVEL READ COMMITTED first.';
	END IF;
	PERFORM @extschema@.customer_metrics_check_source(source);
	IF segment IS NOT NULL THEN
		segment_type := @extschema@.customer_metrics_column(source, segment, NULL);
	END IF;
	IF time_zone IS NULL THEN
		time_zone := current_setting('TimeZone');
		RAISE NOTICE 'customer metrics "%": days are those of the session''s time zone, %', name, time_zone;
	END IF;
	PERFORM now() AT TIME ZONE time_zone;

	s := (source, customer, day, amount, segment, time_zone, capture, map, buckets, shares, family, segment_customers, NULL, 0);
	PERFORM @extschema@.customer_metrics_histories(s, 'all', '='); -- refuses columns of other types
	settings := pg_catalog.format('%I.%I', home, name || '_settings');
	EXECUTE pg_catalog.format('CREATE TABLE %s OF %s.customer_metrics_settings_row', settings, '@extschema@');
	EXECUTE pg_catalog.format('INSERT INTO %s SELECT ($1).*', settings) USING s;
	-- Where all tables are published, those without a key could not be changed.
	EXECUTE pg_catalog.format('ALTER TABLE %s REPLICA IDENTITY FULL', settings);
	-- Base types where there is need of a NULL, which a domain may forbid: of nobody's segment, that of all, the key of everybody.
	EXECUTE pg_catalog.format('CREATE TABLE %I.%I AS SELECT s.%I AS customer, NULL::%s AS segment, NULL::%s.visit_history AS history FROM %s s WITH NO DATA',
		home, name || '_histories', customer, format_type(segment_type, -1), '@extschema@', source);
	EXECUTE pg_catalog.format('ALTER TABLE %I.%I ADD PRIMARY KEY (customer), ALTER history SET NOT NULL, SET (fillfactor = 90)',
		home, name || '_histories');
	EXECUTE pg_catalog.format('CREATE TABLE %1$I.%2$I AS SELECT customer::%4$s FROM %1$I.%3$I WITH NO DATA', home,
		name || '_changes', name || '_histories', format_type(customer_type, -1));
	EXECUTE pg_catalog.format('ALTER TABLE %I.%I REPLICA IDENTITY FULL', home, name || '_changes');
	EXECUTE pg_catalog.format('INSERT INTO %I.%I VALUES (NULL)', home, name || '_changes');
	EXECUTE pg_catalog.format('CREATE TABLE %1$I.%2$I AS SELECT 0 AS refit, segment, NULL::date AS as_of, now() AS learned_at, NULL::date AS last_day, '
		'NULL::bigint AS customers, NULL::%4$s.latency_norms AS norms, NULL::%4$s.rfm_scheme AS scheme, '
		'NULL::%4$s.value_tiers AS tiers, NULL::%4$s.member_scheme AS members, '
		'NULL::%4$s.btyd_model AS model, NULL::%4$s.spend_model AS spend FROM %1$I.%3$I WITH NO DATA',
		home, name || '_references', name || '_histories', '@extschema@');
	EXECUTE pg_catalog.format('ALTER TABLE %I.%I ADD UNIQUE (refit, segment), ALTER learned_at SET DEFAULT now()', home, name || '_references');

	EXECUTE pg_catalog.format('CREATE VIEW %I.%I AS %s', home, name, @extschema@.customer_metrics_query(home, name, customer, map,
		pg_catalog.format('(now() AT TIME ZONE %L)::date', time_zone)));
	EXECUTE pg_catalog.format('CREATE FUNCTION %1$I.%2$I(day date) RETURNS SETOF %1$I.%3$I LANGUAGE sql STABLE PARALLEL SAFE BEGIN ATOMIC %4$s; END',
		home, name || '_as_of', name, @extschema@.customer_metrics_query(home, name, customer, map, '$1'));
	PERFORM @extschema@.customer_metrics_comment(name, settings::regclass, 'en');

	IF capture THEN
		CALL @extschema@.customer_metrics_capture(home, name, s);
	END IF;
	IF fill THEN
		PERFORM @extschema@.customer_metrics_refresh(name, settings::regclass, false);
		PERFORM @extschema@.customer_metrics_refit(name, settings::regclass);
	END IF;
END $$;

--| Makes a relation with one row per customer, as of today, from a table of orders, in the first schema of the search_path.
--| It makes the view `name`, whose first column is the customer's own, then segment, then the metrics; the function `name_as_of(day)`, the same as of any day;
--| the tables `name_histories`, `name_references`, `name_changes`, `name_settings`; and triggers on the source that note who changed.
--| Column names are given as they are stored, without quotes. amount NULL: orders without money. segment: references are learned for each of its values, too.
--| time_zone: of "today", and of the days of a timestamptz column; NULL is the session's at the time of the call.
--| capture false: no triggers, for a source that takes none; a refresh reads everything then. fill false: make it, and leave the reading to refresh_customer_metrics and
--| refit_customer_metrics in transactions of their own, so that the source is locked against writing for a moment only.
--| map, buckets, shares, family: of rfm_segment, rfm_scheme, value_tiers and fit_btyd; buckets NULL are as many as the map has, 5 without a map;
--| family NULL does without a model, four times as fast.
--| segment_customers: smaller segments are measured by the overall references.
--| Nothing is committed. Errors: no such column, or of no fitting type; the customer's column bears a metric's name; row-level security of the source is active;
--| a source that takes no triggers, or a transaction that is not READ COMMITTED, unless capture is false; a map of other buckets; names that are taken.
--| Example: CALL create_customer_metrics('members', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Europe/Berlin')
CREATE PROCEDURE create_customer_metrics(name text, source regclass, customer name, day name,
	amount name DEFAULT NULL, segment name DEFAULT NULL, time_zone text DEFAULT NULL,
	capture boolean DEFAULT true, fill boolean DEFAULT true, map segment_map DEFAULT 'rf25', buckets integer DEFAULT NULL,
	shares double precision[] DEFAULT '{0.01,0.05,0.20}', family text DEFAULT 'mbgcnbd', segment_customers integer DEFAULT 100)
	LANGUAGE sql
BEGIN ATOMIC
	SELECT @extschema@.customer_metrics_create(current_schema(), name, source, customer, day, amount, segment, time_zone,
		capture, fill, map, buckets, shares, family, segment_customers);
END;

--| Puts the triggers on the source that note the keys of changed customers. Support for create_customer_metrics.
--| Their function runs as its owner, who calls this: the roles that write to the source need no right on the log, and get none.
CREATE PROCEDURE customer_metrics_capture(home name, name text, s customer_metrics_settings_row)
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	log text := pg_catalog.format('%I.%I', home, name || '_changes');
	capture text := pg_catalog.format('%I.%I', home, name || '_capture');
	columns text := (SELECT string_agg(DISTINCT pg_catalog.format('r.%I', c), ', ') FROM unnest(ARRAY[s.customer, s.day, s.amount, s.segment]) c WHERE c IS NOT NULL);
	body text;
	event text;
BEGIN
	-- A crash empties what is unlogged, and the end of a session what is temporary, without a trigger;
	-- with transition tables on the parent, writes to a foreign partition would fail.
	IF EXISTS (SELECT FROM pg_inherits i WHERE i.inhrelid = s.source)
		OR EXISTS (
			WITH RECURSIVE part AS (SELECT s.source::oid AS oid UNION ALL SELECT i.inhrelid FROM part p JOIN pg_inherits i ON i.inhparent = p.oid)
			SELECT FROM part JOIN pg_class c USING (oid) WHERE c.relkind NOT IN ('r', 'p') OR c.relpersistence <> 'p') THEN
		RAISE EXCEPTION 'changes of % cannot be captured', s.source
			USING ERRCODE = 'wrong_object_type',
			DETAIL = 'That takes a plain table, or the parent of a partitioned one, no part of which is foreign, unlogged or temporary.',
			HINT = 'Name that table, or say capture => false: every refresh reads everything then.';
	END IF;

	body := pg_catalog.format($body$
BEGIN
	-- Who puts another table in the log's place must not have its triggers run by us.  From the lock on nobody can; who did so while it waited is found.
	LOCK TABLE %1$s IN ROW EXCLUSIVE MODE;
	IF (SELECT pg_get_userbyid(c.relowner) FROM pg_class c WHERE c.oid = %4$L::regclass) IS DISTINCT FROM current_user THEN
		RAISE EXCEPTION 'the log %% of changed customers belongs to another role', %4$L USING ERRCODE = 'insufficient_privilege';
	END IF;
	IF TG_OP = 'TRUNCATE' THEN
		INSERT INTO %1$s VALUES (NULL);
	ELSIF TG_OP = 'INSERT' THEN
		INSERT INTO %1$s SELECT DISTINCT r.%2$I FROM new_rows r WHERE r.%2$I IS NOT NULL;
	ELSIF TG_OP = 'DELETE' THEN
		INSERT INTO %1$s SELECT DISTINCT r.%2$I FROM old_rows r WHERE r.%2$I IS NOT NULL;
	ELSE
		-- Only those whose history can be another now.
		INSERT INTO %1$s SELECT DISTINCT c.%2$I FROM (
			(SELECT %3$s FROM old_rows r EXCEPT ALL SELECT %3$s FROM new_rows r) UNION ALL
			(SELECT %3$s FROM new_rows r EXCEPT ALL SELECT %3$s FROM old_rows r)) c WHERE c.%2$I IS NOT NULL;
	END IF;
	RETURN NULL;
END $body$, log, s.customer, columns, log);
	EXECUTE pg_catalog.format('CREATE FUNCTION %s() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS %L',
		capture, body);
	EXECUTE pg_catalog.format('REVOKE ALL ON FUNCTION %s() FROM PUBLIC', capture);
	-- DROP EXTENSION ... CASCADE takes all that would read the log, so the writing goes on without it.
	EXECUTE pg_catalog.format('ALTER FUNCTION %s() DEPENDS ON EXTENSION crm_retention', capture);

	FOREACH event IN ARRAY ARRAY['insert', 'update', 'delete', 'truncate'] LOOP
		EXECUTE pg_catalog.format('CREATE TRIGGER %I AFTER %s ON %s %s FOR EACH STATEMENT EXECUTE FUNCTION %s()',
			pg_catalog.format('crm_%s_%s', event, log::regclass::oid), event, s.source,
			CASE event WHEN 'insert' THEN 'REFERENCING NEW TABLE AS new_rows'
				WHEN 'update' THEN 'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows'
				WHEN 'delete' THEN 'REFERENCING OLD TABLE AS old_rows' END, capture);
	END LOOP;
	IF NOT @extschema@.customer_metrics_has_index(s.source, s.customer) THEN
		RAISE NOTICE 'customer metrics "%": without an index on % of % every refresh reads the whole table', name, quote_ident(s.customer), s.source
			USING HINT = pg_catalog.format('CREATE INDEX ON %s (%I, %I)%s makes the cost follow the change.', s.source, s.customer, s.day,
				' INCLUDE (' || nullif(array_to_string(ARRAY[quote_ident(s.amount), quote_ident(s.segment)], ', '), '') || ')');
	END IF;
END $$;

--| What drop_customer_metrics does. Support for drop_customer_metrics.
CREATE FUNCTION customer_metrics_drop(name text, settings regclass) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	home name := @extschema@.customer_metrics_schema(name, settings, true);
	captured boolean;
	suffix text;
BEGIN
	EXECUTE pg_catalog.format('SELECT capture FROM %s', settings) INTO captured;
	EXECUTE pg_catalog.format('DROP FUNCTION %I.%I(date)', home, name || '_as_of');
	EXECUTE pg_catalog.format('DROP VIEW %I.%I', home, name);
	-- The triggers go with their function, also where the source is another's.  Where nothing was captured, a function of that name is the user's own.
	IF captured IS NOT FALSE THEN
		EXECUTE pg_catalog.format('DROP FUNCTION IF EXISTS %I.%I() CASCADE', home, name || '_capture');
	END IF;
	FOREACH suffix IN ARRAY ARRAY['_changes', '_references', '_histories', '_settings'] LOOP
		EXECUTE pg_catalog.format('DROP TABLE %I.%I', home, name || suffix);
	END LOOP;
END $$;

--| Drops a relation of customer metrics with all that belongs to it; the source keeps no trace.
--| Errors: no such customer metrics in the search_path, or another role's; something else depends on them.
--| Example: SET client_min_messages = warning;
--| CALL drop_customer_metrics('members')
CREATE PROCEDURE drop_customer_metrics(name text)
	LANGUAGE sql
BEGIN ATOMIC
	SELECT @extschema@.customer_metrics_drop(name, to_regclass(quote_ident(name || '_settings')));
END;
