-- compare.sql
--	  What the oracles share: where the answers stand and how they are compared.
--
-- Each data set is computed twice, into two schemas whose tables have the same
-- names and columns: `expected` by plain SQL, with a search_path from which the
-- extension cannot be seen, and `actual` by the extension.  oracle.compare()
-- puts the two side by side, column by column, and answers in TAP lines.
--
-- Dates, counts, labels, ranges and money must be identical.  A double
-- precision must agree to 1e-12: relative to its size for lengths of time and
-- means of money, and for a probability relative to 1, because the difference
-- of two values of a curve keeps their absolute error, not their relative one.
-- Each side rounds at every operation by at most 2^-53 = 1.1e-16, and a curve is
-- a product of up to a few hundred factors: the worst that honest arithmetic
-- can do is near 1e-13, and a wrong formula is off by far more than 1e-12.

\set QUIET on
SET client_min_messages = warning;
DROP SCHEMA IF EXISTS oracle CASCADE;
CREATE SCHEMA oracle;

-- A chance or a share, from 0 to 1.
CREATE DOMAIN oracle.probability AS double precision;

CREATE FUNCTION oracle.differs(expected double precision, actual double precision, scale double precision)
RETURNS boolean LANGUAGE sql IMMUTABLE AS
$$ SELECT expected IS DISTINCT FROM actual
      AND (expected IS NULL OR actual IS NULL
           OR NOT abs(expected - actual) <= 1e-12 * coalesce(scale, greatest(abs(expected), abs(actual)))) $$;

-- The product of exact factors.  40 digits are kept, so that the oracle's own
-- rounding plays no part.
CREATE FUNCTION oracle.times(numeric, numeric) RETURNS numeric LANGUAGE sql IMMUTABLE AS
$$ SELECT round($1 * $2, 40) $$;

CREATE AGGREGATE oracle.product(numeric) (sfunc = oracle.times, stype = numeric, initcond = '1');

-- What is compared between the two tables of one name: each column that is no
-- key, and whether each row is in both.  `differs` is a condition over e and a.
CREATE FUNCTION oracle.compared(tab name, key name[])
RETURNS TABLE (col name, type text, actual_type text, differs text, shown text) LANGUAGE sql STABLE AS
$$ SELECT e.attname, e.atttypid::regtype::text, a.atttypid::regtype::text,
          format(CASE e.atttypid::regtype::text
                     WHEN 'double precision' THEN 'oracle.differs(e.%1$I, a.%1$I, NULL)'
                     WHEN 'oracle.probability' THEN 'oracle.differs(e.%1$I, a.%1$I, 1)'
                     ELSE 'e.%1$I IS DISTINCT FROM a.%1$I'
                 END, e.attname),
          format('e.%1$I AS expected, a.%1$I AS actual', e.attname)
   FROM pg_attribute e
   LEFT JOIN pg_attribute a ON a.attrelid = format('actual.%I', tab)::regclass AND a.attname = e.attname
   WHERE e.attrelid = format('expected.%I', tab)::regclass
     AND e.attnum > 0 AND NOT e.attisdropped AND e.attname <> ALL (key)
   UNION ALL
   SELECT 'rows', 'boolean', 'boolean', 'e.tableoid IS NULL OR a.tableoid IS NULL',
          'e.tableoid IS NOT NULL AS expected, a.tableoid IS NOT NULL AS actual' $$;

-- One TAP line for each; a failing line is followed by up to three differences.
CREATE FUNCTION oracle.compare(tab name, VARIADIC key name[]) RETURNS SETOF text LANGUAGE plpgsql AS
$$
DECLARE
    title text := current_setting('oracle.title') || ', ' || tab;
    keys text := (SELECT string_agg(quote_ident(k), ', ') FROM unnest(key) k);
    pair text := format('expected.%1$I e FULL JOIN actual.%1$I a USING (%2$s)', tab, keys);
    seen bigint;
    wrong bigint[];
    c record;
BEGIN
    EXECUTE (SELECT format('SELECT count(*), ARRAY[%s] FROM %s',
                           string_agg(format('count(*) FILTER (WHERE %s)', differs), ', ' ORDER BY col), pair)
             FROM oracle.compared(tab, key) WHERE type = actual_type)
       INTO seen, wrong;
    FOR c IN
        SELECT *, CASE WHEN type = actual_type
                       THEN wrong[count(*) FILTER (WHERE type = actual_type) OVER (ORDER BY col)] END AS wrong
        FROM oracle.compared(tab, key)
    LOOP
        IF c.wrong = 0 THEN
            RETURN NEXT format('ok - %s.%s (%s compared)', title, c.col, seen);
        ELSIF c.wrong > 0 THEN
            RETURN NEXT format('not ok - %s.%s (%s compared, %s differ)', title, c.col, seen, c.wrong);
            RETURN QUERY EXECUTE format('SELECT ''# '' || row_to_json(d) FROM (SELECT %s, %s FROM %s WHERE %s LIMIT 3) d',
                                        keys, c.shown, pair, c.differs);
        ELSE
            RETURN NEXT format('not ok - %s.%s (type %s expected, not %s)', title, c.col, c.type, c.actual_type);
        END IF;
    END LOOP;
END
$$;
