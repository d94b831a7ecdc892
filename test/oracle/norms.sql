-- norms.sql
--	  Latency norms and what follows from them, by plain SQL: the product-limit
--	  curve of each step for everybody and for each channel, and every customer's
--	  status, pace and next visit read from it.  Runs after history.sql.

-- ---------------------------------------------------------------- the oracle
SET search_path = expected;

-- The gap that follows each visit up to as_of: to the next visit, or open.
CREATE TABLE gap AS
SELECT as_of, customer_id, visit_no, visit_count,
       visit_no < visit_count AS returned,
       CASE WHEN visit_no < visit_count THEN latency ELSE as_of - day END AS days
FROM (SELECT days.as_of, customer_id, visit_no, day, latency,
             count(*) OVER (PARTITION BY days.as_of, customer_id) AS visit_count
      FROM oracle.days JOIN visits ON day <= days.as_of
      WHERE visit_no IS NOT NULL) visit;

-- A step stands alone while it has 30 completed gaps, the first one always.
CREATE TABLE pooled AS
WITH step AS
    (SELECT as_of, grp, visit_no, count(*) FILTER (WHERE returned) AS returned
     FROM gap JOIN member USING (customer_id)
     GROUP BY 1, 2, 3)
SELECT as_of, grp, coalesce(min(visit_no) FILTER (WHERE visit_no > 1 AND returned < 30), 2) AS first_pooled
FROM step
GROUP BY 1, 2;

-- The pool takes a customer's latest five gaps at most.
CREATE TABLE step_gap AS
SELECT as_of, grp, customer_id, visit_no, returned, days, least(visit_no, first_pooled) AS step
FROM gap JOIN member USING (customer_id) JOIN pooled USING (as_of, grp)
WHERE visit_no < first_pooled OR visit_no > visit_count - 5;

-- Kaplan & Meier (1958): whoever is censored on day t is at risk on t.
CREATE TABLE curve AS
WITH day AS
    (SELECT as_of, grp, step, days AS t, count(*) FILTER (WHERE returned) AS returned,
            sum(count(*)) OVER (PARTITION BY as_of, grp, step ORDER BY days DESC) AS at_risk,
            sum(count(*)) OVER (PARTITION BY as_of, grp, step) AS customers
     FROM step_gap
     GROUP BY 1, 2, 3, 4)
SELECT as_of, grp, step, t, returned,
       1 - oracle.product((at_risk - returned)::numeric(60, 40) / at_risk)
           OVER (PARTITION BY as_of, grp, step ORDER BY t) AS f
FROM day
WHERE at_risk >= 10 OR customers < 10;

CREATE INDEX ON curve (as_of, grp, step, t);
ANALYZE curve;

-- `f_end` is the curve at its end, `t_end` the last day read.
CREATE TABLE step AS
SELECT as_of, grp, step, step >= first_pooled AS pooled, customers, returned, open, f_end, t_end,
       step = max(step) OVER (PARTITION BY as_of, grp) AS is_last
FROM (SELECT as_of, grp, step, count(*) AS customers,
             count(*) FILTER (WHERE returned) AS returned, count(*) FILTER (WHERE NOT returned) AS open
      FROM step_gap GROUP BY 1, 2, 3) size
JOIN (SELECT as_of, grp, step, max(f) AS f_end, max(t) AS t_end
      FROM curve GROUP BY 1, 2, 3) ending USING (as_of, grp, step)
JOIN pooled USING (as_of, grp);

CREATE TABLE quantile AS
SELECT as_of, grp, step, q, min(t) AS t
FROM step CROSS JOIN unnest('{0.1, 0.2, 0.5, 0.8, 0.9, 0.95, 1}'::numeric[]) AS q
JOIN curve USING (as_of, grp, step)
WHERE f_end > 0 AND f / f_end >= q - 1e-12
GROUP BY 1, 2, 3, 4;

CREATE FUNCTION curve(date, text, bigint, t integer) RETURNS numeric STABLE BEGIN ATOMIC
    SELECT coalesce(max(f), 0) FROM curve WHERE (as_of, grp, step) = ($1, $2, $3) AND curve.t <= $4;
END;

CREATE TABLE norms_table AS
SELECT as_of, grp, step::integer, pooled, customers, returned, open,
       f_end::oracle.probability AS return_rate, t_end AS horizon,
       min(t) FILTER (WHERE q = 0.2) AS p20, min(t) FILTER (WHERE q = 0.5) AS median,
       min(t) FILTER (WHERE q = 0.8) AS p80, min(t) FILTER (WHERE q = 0.95) AS p95
FROM step LEFT JOIN quantile USING (as_of, grp, step)
GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9;

-- Where the medians of the steps turn, as with one customer's gaps.
CREATE TABLE norms_turns AS
WITH pair AS
    (SELECT as_of, grp, step, lag(median) OVER w AS before, median AS after,
            sign(median - lag(median) OVER w) AS direction
     FROM norms_table WINDOW w AS (PARTITION BY as_of, grp ORDER BY step)),
change AS
    (SELECT *, lag(direction) OVER (PARTITION BY as_of, grp ORDER BY step) AS direction_before
     FROM pair WHERE direction <> 0)
SELECT as_of, grp, step AS visit_no, CASE WHEN direction > 0 THEN 'slowing' ELSE 'quickening' END AS direction,
       before, after
FROM change
WHERE direction <> direction_before;

-- A step beyond the last reads the last.
CREATE TABLE asked AS
SELECT as_of, grp, n::integer, least(n, max(step)) AS step
FROM step, LATERAL generate_series(1, 3 + (SELECT max(step) FROM step)) n
GROUP BY 1, 2, 3;

CREATE TABLE expected_latency AS
SELECT as_of, grp, n, q, t AS expected_latency
FROM asked CROSS JOIN (SELECT DISTINCT q FROM quantile) q
LEFT JOIN quantile USING (as_of, grp, step, q);

-- Within the part of the curve that is read.
CREATE TABLE return_rate AS
SELECT as_of, grp, n, days,
       curve(as_of, grp, step, days)::oracle.probability AS return_rate,
       f_end::oracle.probability AS return_rate_end
FROM asked JOIN step USING (as_of, grp, step)
CROSS JOIN unnest('{0, 1, 2, 7, 30, 60, 90, 365}'::integer[]) AS days
WHERE days <= t_end;

-- ------------------------------------------------ the customer against the norms
-- A customer's own step is the gap that is open.
CREATE TABLE silent AS
SELECT as_of, grp, customer_id, least(visit_no, step.step) AS step, days AS silence
FROM gap JOIN member USING (customer_id) JOIN step USING (as_of, grp)
WHERE NOT gap.returned AND is_last;

-- What the curve says after each silence that occurs: F now, and the first day
-- by which a share of those who still come has come.
CREATE TABLE forecast AS
WITH now AS
    (SELECT as_of, grp, step, silence, curve(as_of, grp, step, silence) AS f_now
     FROM silent
     GROUP BY 1, 2, 3, 4),
ahead AS
    (SELECT as_of, grp, step, silence, f_now, t_end,
            f_now + still * (0.1 - 1e-12) AS f10, f_now + still * (0.25 - 1e-12) AS f25,
            f_now + still * (0.5 - 1e-12) AS f50,
            f_now + still * (0.75 - 1e-12) AS f75, f_now + still * (0.9 - 1e-12) AS f90
     FROM now JOIN step USING (as_of, grp, step), nullif(f_end - f_now, 0) AS still)
SELECT ahead.as_of, ahead.grp, ahead.step, silence, f_now, t_end,
       min(t) FILTER (WHERE f >= f10) AS q10, min(t) FILTER (WHERE f >= f25) AS q25,
       min(t) FILTER (WHERE f >= f50) AS q50,
       min(t) FILTER (WHERE f >= f75) AS q75, min(t) FILTER (WHERE f >= f90) AS q90,
       coalesce(max(f) FILTER (WHERE t <= silence + 7), f_now) AS f_7,
       coalesce(max(f) FILTER (WHERE t <= silence + 30), f_now) AS f_30,
       coalesce(max(f) FILTER (WHERE t <= silence + 90), f_now) AS f_90
FROM ahead
LEFT JOIN curve ON (curve.as_of, curve.grp, curve.step) = (ahead.as_of, ahead.grp, ahead.step)
               AND t > silence AND returned > 0
GROUP BY 1, 2, 3, 4, 5, 6;

-- A day further off than 3,650 days is not told: a range that ends there is open,
-- and there is none that would begin there.
CREATE FUNCTION ahead(as_of date, silence integer, t integer) RETURNS date IMMUTABLE
    RETURN CASE WHEN t - silence <= 3650 THEN as_of - silence + t END;

CREATE FUNCTION ahead(as_of date, silence integer, lo integer, hi integer) RETURNS daterange IMMUTABLE
    RETURN CASE WHEN lo - silence <= 3650
                THEN daterange(ahead(as_of, silence, lo), ahead(as_of, silence, hi), '[]') END;

CREATE FUNCTION chance(f_now numeric, f_then numeric, last_day integer, horizon integer)
RETURNS oracle.probability IMMUTABLE
    RETURN CASE WHEN f_now < 1 AND last_day <= horizon THEN (f_then - f_now) / (1 - f_now) END;

-- How each completed gap compares with those of its step who come back.
CREATE TABLE pace AS
WITH done AS
    (SELECT as_of, grp, customer_id, least(visit_no, step.step) AS step, days
     FROM gap JOIN member USING (customer_id) JOIN step USING (as_of, grp)
     WHERE gap.returned AND is_last),
rank AS
    (SELECT as_of, grp, step, days, curve(as_of, grp, step, days) / nullif(f_end, 0) AS rank
     FROM done JOIN step USING (as_of, grp, step)
     GROUP BY 1, 2, 3, 4, f_end)
SELECT as_of, grp, customer_id,
       CASE WHEN avg(rank) < 1 / 3.0 - 1e-12 THEN 'faster'
            WHEN avg(rank) > 2 / 3.0 + 1e-12 THEN 'slower'
            WHEN avg(rank) IS NOT NULL THEN 'typical'
       END AS pace
FROM done JOIN rank USING (as_of, grp, step, days)
GROUP BY 1, 2, 3;

ANALYZE member, silent, forecast, pace, step, norms_table;

CREATE TABLE outlook AS
SELECT as_of, grp, customer_id,
       CASE WHEN silence IS NULL THEN 'no_visits'
            WHEN silence <= median THEN 'on_track'
            WHEN silence <= p80 THEN 'due'
            WHEN silence <= p95 THEN 'overdue'
            WHEN silence > p95 THEN 'lapsed'
       END AS latency_status,
       pace,
       p80 + 1 - silence AS days_until_overdue,
       p95 + 1 - silence AS days_until_overdue_95,
       ahead(as_of, silence, q50) AS expected_next_visit,
       ahead(as_of, silence, q10, q90) AS next_visit_range,
       ahead(as_of, silence, q25, q75) AS next_visit_range_50,
       chance(f_now, f_30, silence + 30, t_end) AS visit_probability,
       chance(f_now, f_7, silence + 7, t_end) AS visit_probability_7,
       chance(f_now, f_90, silence + 90, t_end) AS visit_probability_90
FROM member
JOIN (SELECT as_of, grp FROM step WHERE is_last) learned USING (grp)
LEFT JOIN silent USING (as_of, grp, customer_id)
LEFT JOIN norms_table USING (as_of, grp, step)
LEFT JOIN forecast USING (as_of, grp, step, silence)
LEFT JOIN pace USING (as_of, grp, customer_id);

-- ------------------------------------------------------------- the extension
SET search_path = actual, crm, oracle;

CREATE TABLE norms AS
SELECT days.as_of, grp, latency_norms(h, days.as_of) AS norms
FROM history JOIN expected.member USING (customer_id) CROSS JOIN days
GROUP BY 1, 2
HAVING bool_or(first_visit(h) <= days.as_of);

CREATE TABLE norms_table AS
SELECT as_of, grp, step, pooled, customers, returned, open, return_rate::probability, horizon, p20, median, p80, p95
FROM norms, norms_table(norms);

CREATE TABLE norms_turns AS
SELECT as_of, grp, turn.*
FROM norms, latency_turns(norms) turn;

CREATE TABLE expected_latency AS
SELECT as_of, grp, n, q, expected_latency(norms, n, q::double precision)
FROM expected.expected_latency JOIN norms USING (as_of, grp);

CREATE TABLE return_rate AS
SELECT as_of, grp, n, days, return_rate(norms, n, days)::probability,
       return_rate(norms, n)::probability AS return_rate_end
FROM expected.return_rate JOIN norms USING (as_of, grp);

CREATE TABLE outlook AS
SELECT as_of, grp, customer_id,
       latency_status(h, norms, as_of), pace(h, norms, as_of),
       days_until_overdue(h, norms, as_of), days_until_overdue(h, norms, as_of, 0.95) AS days_until_overdue_95,
       expected_next_visit(h, norms, as_of),
       next_visit_range(h, norms, as_of), next_visit_range(h, norms, as_of, 0.5) AS next_visit_range_50,
       visit_probability(h, norms, as_of)::probability,
       visit_probability(h, norms, as_of, 7)::probability AS visit_probability_7,
       visit_probability(h, norms, as_of, 90)::probability AS visit_probability_90
FROM norms JOIN expected.member USING (grp) JOIN history USING (customer_id);

-- ------------------------------------------------------------ the comparison
RESET search_path;
SELECT oracle.compare('norms_table', 'as_of', 'grp', 'step');
SELECT oracle.compare('norms_turns', 'as_of', 'grp', 'visit_no');
SELECT oracle.compare('expected_latency', 'as_of', 'grp', 'n', 'q');
SELECT oracle.compare('return_rate', 'as_of', 'grp', 'n', 'days');
SELECT oracle.compare('outlook', 'as_of', 'grp', 'customer_id');
