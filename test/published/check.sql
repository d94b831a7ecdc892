-- Published numbers are compared to the digits in which they are printed: a
-- figure of ours must lie within half a unit of the last one.
CREATE SCHEMA published;

CREATE FUNCTION published.same(got double precision, printed text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
	SELECT coalesce(abs(got - printed::double precision) <= 0.5000001 * 10.0 ^ -length(split_part(printed, '.', 2)), false)
$$;

-- A line of TAP; printed holds as many figures as got, separated by blanks.
CREATE FUNCTION published.compared(title text, got double precision[], printed text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN bool_and(published.same(g, p)) THEN 'ok - ' ELSE 'not ok - ' END || title || ': '
	       || string_agg(CASE WHEN published.same(g, p) THEN p ELSE format('%s (published %s)', coalesce(g::text, 'NULL'), p) END, ' ' ORDER BY n)
	FROM ROWS FROM (unnest(got), unnest(string_to_array(printed, ' '))) WITH ORDINALITY f(g, p, n)
$$;

CREATE FUNCTION published.ok(passed boolean, title text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT CASE WHEN passed THEN 'ok - ' ELSE 'not ok - ' END || title
$$;

-- Parameters and standard errors as they are printed: the scale parameters in weeks.
CREATE FUNCTION published.weeks(family text, parameters double precision[]) RETURNS double precision[] LANGUAGE sql IMMUTABLE AS $$
	SELECT array_agg(CASE WHEN n = 2 OR n = 4 AND family = 'paretonbd' THEN p / 7 ELSE p END ORDER BY n)
	FROM unnest(parameters) WITH ORDINALITY u(p, n)
$$;

-- A fit that is to be believed: the summary, and a line of TAP on what it says of itself.
CREATE FUNCTION published.trusted(title text, converged boolean, warning text) RETURNS text LANGUAGE sql IMMUTABLE AS $$
	SELECT published.ok(converged AND warning IS NULL, title || ' converged' || coalesce(', but: ' || warning, ''))
$$;

-- A customer whose first visit is on 2000-01-01, with x repeat visits, the last
-- of them `recency` days later; no money.
CREATE FUNCTION published.customer(x integer, recency integer) RETURNS crm.visit_history LANGUAGE sql IMMUTABLE AS $$
	SELECT crm.visit_history(date '2000-01-01' + CASE WHEN i = x THEN recency ELSE i END) FROM generate_series(0, x) i
$$;
