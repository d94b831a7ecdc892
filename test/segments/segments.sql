-- segments.sql
--	  Schemes, scores, stages, tiers, member segments and retention by plain SQL:
--	  percentile_disc, window functions and joins over the transactions, against
--	  the extension, for every customer as of several days, for everybody and for
--	  each channel.  Runs after population.sql of test/oracle.

-- ---------------------------------------------------------------- the oracle
SET search_path = expected;

-- One row for each customer and day; a day without orders is refunds only.
CREATE TABLE day AS
SELECT customer_id, ordered_at AS day,
       count(*) FILTER (WHERE amount >= 0 OR amount IS NULL) > 0 AS visited,
       sum(amount) AS amount
FROM oracle.transactions
WHERE customer_id IS NOT NULL AND ordered_at IS NOT NULL
GROUP BY 1, 2;

-- What is known of each customer as of each day; NULL where there is nothing.
CREATE TABLE known AS
SELECT as_of, customer_id,
       count(*) FILTER (WHERE visited) AS visits,
       min(day) FILTER (WHERE visited) AS first_visit,
       as_of - min(day) FILTER (WHERE visited) AS tenure,
       as_of - max(day) FILTER (WHERE visited) AS recency,
       sum(amount) AS spend,
       count(*) FILTER (WHERE visited AND day > as_of - 91) AS quarter_visits,
       count(*) FILTER (WHERE visited AND day > as_of - 183) AS half_visits,
       sum(amount) FILTER (WHERE day > as_of - 183) AS half_spend,
       count(*) FILTER (WHERE visited AND day > as_of - 365) AS year_visits,
       sum(amount) FILTER (WHERE day > as_of - 365) AS year_spend,
       max(day) FILTER (WHERE visited AND day > as_of - 365)
           - min(day) FILTER (WHERE visited AND day > as_of - 365) AS year_span
FROM customer CROSS JOIN oracle.days
LEFT JOIN day USING (customer_id)
WHERE day <= as_of OR day IS NULL
GROUP BY 1, 2
UNION ALL
SELECT as_of, customer_id, 0, NULL, NULL, NULL, NULL, 0, 0, NULL, 0, NULL, NULL
FROM customer CROSS JOIN oracle.days
WHERE NOT EXISTS (SELECT FROM day WHERE day.customer_id = customer.customer_id AND day <= as_of)
  AND EXISTS (SELECT FROM day WHERE day.customer_id = customer.customer_id);

CREATE INDEX ON known (customer_id, as_of);
ANALYZE known, member, day;

-- ---- RFM
CREATE TABLE cuts AS
SELECT as_of, grp, k,
       percentile_disc(at) WITHIN GROUP (ORDER BY recency)::integer[] AS recency,
       percentile_disc(at) WITHIN GROUP (ORDER BY visits)::integer[] AS frequency,
       percentile_disc(at) WITHIN GROUP (ORDER BY spend) AS money
FROM known JOIN member USING (customer_id)
CROSS JOIN (SELECT k, array_agg(j / k::double precision ORDER BY j) AS at
            FROM generate_series(2, 9) k, generate_series(1, k - 1) j GROUP BY k) bucket
WHERE visits > 0
GROUP BY as_of, grp, k, at;

CREATE FUNCTION below(cuts anyarray, value anyelement) RETURNS bigint IMMUTABLE LANGUAGE sql AS
$$ SELECT count(*) FROM unnest(cuts) cut WHERE cut < value $$;

CREATE TABLE score AS
SELECT as_of, grp, k, customer_id,
       (k - below(cuts.recency, known.recency))::smallint AS r,
       (1 + below(frequency, visits::integer))::smallint AS f,
       CASE WHEN spend IS NOT NULL THEN 1 + below(money, spend) END::smallint AS m
FROM known JOIN member USING (customer_id) JOIN cuts USING (as_of, grp)
WHERE visits > 0 AND k IN (3, 5);

-- SEGMENTS: rf25, cell by cell.
CREATE TABLE segment AS
SELECT as_of, grp, customer_id, r * 100 + f * 10 + m AS rfm_code,
       CASE WHEN r = 5 AND f IN (4, 5) THEN 'champions'
            WHEN r IN (3, 4) AND f IN (4, 5) THEN 'loyal'
            WHEN r IN (4, 5) AND f IN (2, 3) THEN 'potential_loyalist'
            WHEN r = 5 AND f = 1 THEN 'new'
            WHEN r = 4 AND f = 1 THEN 'promising'
            WHEN r = 3 AND f = 3 THEN 'need_attention'
            WHEN r = 3 AND f IN (1, 2) THEN 'about_to_sleep'
            WHEN r IN (1, 2) AND f IN (3, 4) THEN 'at_risk'
            WHEN r IN (1, 2) AND f = 5 THEN 'cant_lose'
            WHEN r IN (1, 2) AND f IN (1, 2) THEN 'hibernating'
       END AS rfm_segment
FROM score WHERE k = 5;

-- ---- stages by fixed days, and growth
CREATE TABLE stage AS
SELECT as_of, customer_id,
       CASE WHEN visits = 0 THEN 'prospect' WHEN recency > 90 THEN 'lost' WHEN recency > 45 THEN 'sleeping'
            WHEN visits = 1 THEN 'new' WHEN visits IN (2, 3) THEN 'active' ELSE 'loyal' END AS lifecycle_stage,
       CASE WHEN visits = 0 THEN 'no_visits' WHEN recency > 90 THEN 'lost' WHEN recency > 45 THEN 'sleeping'
            WHEN recency > 20 THEN 'silent' ELSE 'active' END AS activity_level,
       CASE WHEN visits = 0 THEN 'no_visits' WHEN visits = 1 THEN 'new' WHEN visits = 2 THEN 'second'
            WHEN visits IN (3, 4) THEN 'regular' ELSE 'fan' END AS loyalty_level
FROM known;

CREATE TABLE period AS
SELECT as_of - length + 1 AS from_day, as_of AS to_day, length
FROM oracle.days, unnest('{1, 30, 91, 365}'::integer[]) AS length;

CREATE TABLE growth AS
SELECT customer_id, from_day, to_day,
       CASE WHEN first_visit BETWEEN from_day AND to_day THEN 'new'
            WHEN inside AND before THEN 'retained'
            WHEN inside THEN 'resurrected'
            WHEN before THEN 'dormant'
            WHEN first_visit < from_day THEN 'inactive'
       END AS growth_state
FROM (SELECT customer_id, from_day, to_day, min(day) AS first_visit,
             coalesce(bool_or(day BETWEEN from_day AND to_day), false) AS inside,
             coalesce(bool_or(day BETWEEN from_day - length AND from_day - 1), false) AS before
      FROM customer CROSS JOIN period LEFT JOIN (SELECT * FROM day WHERE visited) visit USING (customer_id)
      GROUP BY 1, 2, 3) v;

-- ---- tiers
CREATE TABLE tier_cut AS
SELECT as_of, grp, share, percentile_disc(1 - share) WITHIN GROUP (ORDER BY spend) AS cut
FROM known JOIN member USING (customer_id) CROSS JOIN unnest('{0.01, 0.05, 0.2, 0.5}'::double precision[]) share
WHERE visits > 0 AND spend IS NOT NULL
GROUP BY 1, 2, 3;

CREATE TABLE tier AS
SELECT as_of, grp, customer_id, 1 + (count(*) FILTER (WHERE cut >= spend))::integer AS value_tier
FROM known JOIN member USING (customer_id) JOIN tier_cut USING (as_of, grp)
WHERE visits > 0 AND spend IS NOT NULL
GROUP BY 1, 2, 3;

-- ---- member segments; an average is rounded far behind what tells two apart
CREATE TABLE ticket AS
SELECT *, round(year_spend / nullif(year_visits, 0), 30) AS year_ticket,
       round(half_spend / nullif(half_visits, 0), 30) AS half_ticket
FROM known;

CREATE TABLE threshold AS
SELECT as_of, grp,
       percentile_disc(0.85) WITHIN GROUP (ORDER BY year_spend) FILTER (WHERE year_visits > 0) AS spend_85,
       percentile_disc(0.50) WITHIN GROUP (ORDER BY year_spend) FILTER (WHERE year_visits > 0) AS spend_50,
       percentile_disc(0.15) WITHIN GROUP (ORDER BY year_spend) FILTER (WHERE year_visits > 0) AS spend_15,
       percentile_disc(0.85) WITHIN GROUP (ORDER BY year_visits) FILTER (WHERE year_visits > 0) AS visits_85,
       percentile_disc(0.50) WITHIN GROUP (ORDER BY year_visits) FILTER (WHERE year_visits > 0) AS visits_50,
       percentile_disc(0.50) WITHIN GROUP (ORDER BY year_ticket) FILTER (WHERE year_visits > 0) AS ticket_50,
       percentile_disc(0.85) WITHIN GROUP (ORDER BY half_ticket) FILTER (WHERE half_visits > 0) AS half_ticket_85
FROM ticket JOIN member USING (customer_id)
WHERE visits > 0
GROUP BY 1, 2;

CREATE TABLE member_segment AS
SELECT as_of, grp, customer_id, segments AS member_segments, segments[1] AS member_segment
FROM (SELECT as_of, grp, customer_id,
             coalesce(nullif(array_remove(ARRAY[
                 CASE WHEN visits > 0 AND half_visits = 0 THEN 'sleeping' END,
                 CASE WHEN visits >= 3 AND tenure >= 91
                       AND quarter_visits / 91.0 < (visits - 1) / tenure::numeric / 2 THEN 'slipping' END,
                 CASE WHEN year_visits > 0 AND year_spend > spend_85 THEN 'high_value' END,
                 CASE WHEN year_visits > 1 AND year_spend > spend_50
                       AND year_span / (year_visits - 1.0) <= 30 AND recency <= 30 THEN 'high_loyalty' END,
                 CASE WHEN half_ticket > half_ticket_85 THEN 'high_ticket' END,
                 CASE WHEN year_ticket < ticket_50 AND year_visits > visits_85 THEN 'frequent_low_ticket' END,
                 CASE WHEN tenure > 91 AND year_ticket < ticket_50 AND year_visits <= visits_50
                       AND year_spend < spend_15 THEN 'rare_low_ticket' END], NULL), '{}'),
                 ARRAY[CASE WHEN visits = 0 THEN 'prospect' ELSE 'regular' END]) AS segments
      FROM ticket JOIN member USING (customer_id) JOIN threshold USING (as_of, grp)) labelled;

-- ---- retention
CREATE TABLE spender AS
SELECT grp, customer_id, spend, row_number() OVER (PARTITION BY grp ORDER BY spend DESC) AS place,
       count(*) OVER (PARTITION BY grp) AS customers
FROM (SELECT customer_id, sum(amount) AS spend FROM day GROUP BY 1
      HAVING bool_or(visited) AND sum(amount) IS NOT NULL) total
JOIN member USING (customer_id);

CREATE TABLE concentration AS
SELECT grp, share, CASE WHEN sum(spend) > 0 THEN
           coalesce(sum(spend) FILTER (WHERE place <= ceil(share * customers)), 0) / sum(spend) END::double precision AS revenue_share
FROM spender CROSS JOIN unnest('{0, 0.01, 0.07, 0.2, 0.5, 1}'::numeric[]) share
GROUP BY 1, 2;

CREATE TABLE repeats AS
SELECT grp, avg((visits > 1)::integer)::double precision AS repeat_rate,
       CASE WHEN sum(spend) > 0 THEN coalesce(sum(later), 0) / sum(spend) END::double precision AS repeat_revenue_share
FROM (SELECT customer_id, count(*) FILTER (WHERE visited) AS visits, sum(amount) AS spend,
             sum(amount) FILTER (WHERE day > first_visit) AS later
      FROM (SELECT *, min(day) FILTER (WHERE visited) OVER (PARTITION BY customer_id) AS first_visit FROM day) d
      GROUP BY 1) total
JOIN member USING (customer_id)
WHERE visits > 0
GROUP BY 1;

CREATE TABLE two_periods (name text, before daterange, after daterange);
INSERT INTO two_periods
SELECT 'half-years to ' || as_of, daterange(as_of - 364, as_of - 182), daterange(as_of - 181, as_of, '[]') FROM oracle.days
UNION ALL
SELECT 'until and since ' || as_of, daterange(NULL, as_of), daterange(as_of, NULL) FROM oracle.days
UNION ALL
SELECT 'nothing after ' || as_of, daterange(NULL, as_of), 'empty' FROM oracle.days
UNION ALL
SELECT 'nothing before ' || as_of, 'empty', daterange(as_of, NULL) FROM oracle.days
UNION ALL
SELECT 'overlapping ' || as_of, daterange('-infinity', as_of), daterange(as_of - 30, 'infinity', '[]') FROM oracle.days;

CREATE TABLE retention AS
SELECT grp, name,
       (count(*) FILTER (WHERE came_after) / count(*)::numeric)::double precision AS customer_retention,
       CASE WHEN sum(before) > 0 THEN coalesce(sum(before) FILTER (WHERE came_after), 0) / sum(before) END::double precision
           AS revenue_retention,
       CASE WHEN sum(before) > 0 THEN coalesce(sum(after) FILTER (WHERE came_after), 0) / sum(before) END::double precision
           AS net_revenue_retention
FROM (SELECT customer_id, name,
             bool_or(visited AND day <@ two_periods.before) AS came_before,
             bool_or(visited AND day <@ two_periods.after) AS came_after,
             sum(amount) FILTER (WHERE day <@ two_periods.before) AS before,
             sum(amount) FILTER (WHERE day <@ two_periods.after) AS after
      FROM day CROSS JOIN two_periods
      GROUP BY 1, 2) total
JOIN member USING (customer_id)
WHERE came_before
GROUP BY 1, 2;

-- ---- cohorts: the calendar's periods start where date_trunc says
CREATE TABLE length (period text, step interval);
INSERT INTO length VALUES ('week', '7 days'), ('month', '1 month'), ('quarter', '3 months'), ('year', '1 year'),
    ('7', '7 days'), ('30', '30 days'), ('365', '365 days');

CREATE FUNCTION start(period text, day date, first_visit date) RETURNS date IMMUTABLE LANGUAGE sql AS
$$ SELECT CASE WHEN period ~ '\d' THEN first_visit ELSE date_trunc(period, day::timestamp)::date END $$;

-- So many periods are looked at: enough for the data, few enough for the oldest customers.
\set periods 700

CREATE TABLE cohort AS
WITH first AS
    (SELECT as_of, grp, period, step, start(period, first_visit, first_visit) AS start, count(*) AS customers
     FROM known JOIN member USING (customer_id) CROSS JOIN length
     WHERE visits > 0
     GROUP BY 1, 2, 3, 4, 5),
over AS
    (SELECT as_of, grp, period, period_no, sum(customers)::bigint AS customers
     FROM first CROSS JOIN generate_series(0, :periods) AS period_no
     WHERE (start + (period_no + 1) * step)::date - 1 <= as_of
     GROUP BY 1, 2, 3, 4),
event AS
    (SELECT as_of, customer_id, period, visited, amount, start, step,
            -- the period that the day is in: the number of starts up to it
            CASE WHEN period ~ '\d' THEN floor((day - start) / period::numeric)
                 WHEN period = 'week' THEN (start(period, day, NULL) - start) / 7
                 ELSE div(12 * (extract(year FROM day) - (extract(year FROM day) > 0)::integer)
                          + extract(month FROM day) - 12 * (extract(year FROM start) - (extract(year FROM start) > 0)::integer)
                          - extract(month FROM start), (extract(year FROM step) * 12 + extract(month FROM step)))
            END::bigint AS period_no
     FROM (SELECT as_of, customer_id, period, step, start(period, first_visit, first_visit) AS start
           FROM known CROSS JOIN length WHERE visits > 0
           OFFSET 0) f
     JOIN day USING (customer_id)
     WHERE day BETWEEN start AND as_of),
done AS
    (SELECT as_of, grp, period, period_no,
            count(DISTINCT customer_id) FILTER (WHERE visited) AS active, sum(amount) AS revenue
     FROM event JOIN member USING (customer_id)
     WHERE period_no <= :periods AND (start + (period_no + 1) * step)::date - 1 <= as_of
     GROUP BY 1, 2, 3, 4),
money AS
    (SELECT as_of, grp, bool_or(spend IS NOT NULL) AS has_money
     FROM known JOIN member USING (customer_id) WHERE visits > 0
     GROUP BY 1, 2)
SELECT as_of, grp, period, period_no, customers, coalesce(active, 0) AS active,
       (coalesce(active, 0) / customers::numeric)::double precision AS retention,
       CASE WHEN has_money THEN coalesce(revenue, 0) END AS revenue,
       CASE WHEN has_money THEN coalesce(revenue, 0) / customers END::double precision AS revenue_per_customer
FROM over LEFT JOIN done USING (as_of, grp, period, period_no) JOIN money USING (as_of, grp);

-- ------------------------------------------------------------- the extension
SET search_path = actual, crm, oracle;

CREATE TABLE population AS
SELECT as_of, grp, customer_id, h
FROM days CROSS JOIN history JOIN expected.member USING (customer_id);

CREATE TABLE reference AS
SELECT as_of, grp, latency_norms(h, as_of) AS norms,
       value_tiers(h, as_of, '{0.01, 0.05, 0.2, 0.5}') AS tiers, member_scheme(h, as_of) AS members
FROM population GROUP BY 1, 2;

CREATE TABLE scheme AS
SELECT as_of, grp, k, rfm_scheme(h, as_of, k) AS scheme
FROM population CROSS JOIN generate_series(2, 9) k
GROUP BY 1, 2, 3
HAVING rfm_scheme(h, as_of, k) IS NOT NULL;

CREATE TABLE cuts AS
SELECT as_of, grp, k,
       ARRAY(SELECT jsonb_array_elements_text(scheme::jsonb #> '{recency, cuts}'))::integer[] AS recency,
       ARRAY(SELECT jsonb_array_elements_text(scheme::jsonb #> '{frequency, cuts}'))::integer[] AS frequency,
       CASE WHEN jsonb_typeof(scheme::jsonb -> 'money') = 'object' THEN
           ARRAY(SELECT jsonb_array_elements_text(scheme::jsonb #> '{money, cuts}'))::numeric[] END AS money
FROM scheme;

CREATE TABLE score AS
SELECT as_of, grp, k, customer_id, (score).r, (score).f, (score).m
FROM (SELECT as_of, grp, k, customer_id, rfm(h, scheme, as_of) AS score
      FROM population JOIN scheme USING (as_of, grp) WHERE k IN (3, 5)) scored
WHERE score IS DISTINCT FROM NULL;

CREATE TABLE segment AS
SELECT as_of, grp, customer_id, rfm_code(score), rfm_segment(score)
FROM (SELECT as_of, grp, customer_id, rfm(h, scheme, as_of) AS score
      FROM population JOIN scheme USING (as_of, grp) WHERE k = 5) scored
WHERE (score).r IS NOT NULL;

DELETE FROM score WHERE r IS NULL;

CREATE TABLE stage AS
SELECT as_of, customer_id, lifecycle_stage(h, 45, 90, as_of), activity_level(h, 20, 45, 90, as_of), loyalty_level(h, as_of)
FROM history CROSS JOIN days
WHERE customer_id IN (SELECT customer_id FROM expected.known);

CREATE TABLE growth AS
SELECT customer_id, from_day, to_day, growth_state(h, from_day, to_day)
FROM history CROSS JOIN expected.period;

CREATE TABLE tier_cut AS
SELECT as_of, grp, (tier ->> 'share')::double precision AS share, (tier ->> 'above')::numeric AS cut
FROM reference, json_array_elements(tiers::json) tier;

CREATE TABLE tier AS
SELECT as_of, grp, customer_id, value_tier(h, tiers, as_of)
FROM population JOIN reference USING (as_of, grp)
WHERE value_tier(h, tiers, as_of) IS NOT NULL;

CREATE TABLE member_segment AS
SELECT as_of, grp, customer_id, member_segments(h, members, as_of), member_segment(h, members, as_of)
FROM population JOIN reference USING (as_of, grp)
WHERE members IS NOT NULL AND customer_id IN (SELECT customer_id FROM expected.known);

CREATE TABLE concentration AS
SELECT grp, share, revenue_share(h, share::double precision)
FROM history JOIN expected.member USING (customer_id) CROSS JOIN (SELECT DISTINCT share FROM expected.concentration) s
WHERE grp IN (SELECT grp FROM expected.concentration)
GROUP BY 1, 2;

CREATE TABLE repeats AS
SELECT grp, repeat_rate(h), repeat_revenue_share(h)
FROM history JOIN expected.member USING (customer_id)
GROUP BY 1
HAVING repeat_rate(h) IS NOT NULL;

CREATE TABLE retention AS
SELECT grp, name, customer_retention(h, before, after), revenue_retention(h, before, after), net_revenue_retention(h, before, after)
FROM history JOIN expected.member USING (customer_id) CROSS JOIN expected.two_periods
GROUP BY 1, 2
HAVING customer_retention(h, before, after) IS NOT NULL;

CREATE TABLE cohort AS
SELECT as_of, grp, period, period_no, customers, active, retention, revenue, revenue_per_customer::double precision
FROM (SELECT as_of, grp, period, cohort_retention(h, period, as_of) AS cohort
      FROM population CROSS JOIN expected.length WHERE period !~ '\d' GROUP BY 1, 2, 3
      UNION ALL
      SELECT as_of, grp, period, cohort_retention(h, period::integer, as_of)
      FROM population CROSS JOIN (SELECT period FROM expected.length WHERE period ~ '\d') days GROUP BY 1, 2, 3) c,
     cohort_table(cohort)
WHERE period_no <= :periods;

-- ---- against the norms: the oracle of test/oracle vouches for norms_table
CREATE TABLE grid AS
SELECT as_of, grp, customer_id, activity_level(h, norms, as_of), lifecycle_stage(h, norms, as_of), latency_status(h, norms, as_of)
FROM population JOIN reference USING (as_of, grp)
WHERE norms IS NOT NULL AND customer_id IN (SELECT customer_id FROM expected.known);

CREATE TABLE expected.grid AS
WITH step AS
    (SELECT as_of, grp, t.*, max(step) OVER (PARTITION BY as_of, grp) AS last_step
     FROM reference, norms_table(norms) t),
measured AS
    (SELECT as_of, grp, customer_id, visits, recency, median, p80, p95
     FROM expected.known JOIN expected.member USING (customer_id)
     JOIN (SELECT DISTINCT as_of, grp, last_step FROM step) last USING (as_of, grp)
     LEFT JOIN step USING (as_of, grp)
     WHERE step.step = greatest(1, least(visits, last.last_step)))
SELECT as_of, grp, customer_id,
       CASE WHEN visits = 0 THEN 'no_visits' WHEN recency <= median THEN 'active' WHEN recency <= p80 THEN 'silent'
            WHEN recency <= p95 THEN 'sleeping' WHEN recency > p95 THEN 'lost' END AS activity_level,
       CASE WHEN visits = 0 THEN 'prospect' WHEN recency > p95 THEN 'lost' WHEN recency > p80 THEN 'sleeping'
            WHEN median IS NULL THEN NULL
            WHEN visits = 1 THEN 'new' WHEN visits < 4 THEN 'active' ELSE 'loyal' END AS lifecycle_stage,
       CASE WHEN visits = 0 THEN 'no_visits' WHEN recency <= median THEN 'on_track' WHEN recency <= p80 THEN 'due'
            WHEN recency <= p95 THEN 'overdue' WHEN recency > p95 THEN 'lapsed' END AS latency_status
FROM measured;

-- What explain_customer calls a customer, and when it says that the next label comes.
CREATE TABLE explained AS
SELECT as_of, customer_id,
       e #>> '{latency_status, label}' AS latency_status, e #>> '{activity_level, label}' AS activity_level,
       e #>> '{lifecycle_stage, label}' AS lifecycle_stage, e #>> '{loyalty_level, label}' AS loyalty_level,
       (e #>> '{recency, label}')::smallint AS r, (e #>> '{frequency, label}')::smallint AS f,
       (e #>> '{money, label}')::smallint AS m, e #>> '{rfm_segment, label}' AS rfm_segment,
       next_status = latency_status(h, norms, as_of + days) AND latency_status(h, norms, as_of + days - 1) <> next_status
           AS next_status,
       next_segment = rfm_segment(rfm(h, scheme, as_of + segment_days))
           AND next_segment <> rfm_segment(rfm(h, scheme, as_of + segment_days - 1)) AS next_segment
FROM (SELECT as_of, customer_id, h, norms, scheme, e, e #>> '{latency_status, next, label}' AS next_status,
             (e #>> '{latency_status, next, in_days}')::integer AS days,
             e #>> '{rfm_segment, next, label}' AS next_segment,
             (e #>> '{rfm_segment, next, in_days}')::integer AS segment_days
      FROM (SELECT as_of, customer_id, as_of(h, as_of) AS h, norms, scheme, explain_customer(h, norms, scheme, as_of) AS e
            FROM population JOIN reference USING (as_of, grp) JOIN scheme USING (as_of, grp)
            WHERE grp = 'all' AND k = 5 AND customer_id IN (SELECT customer_id FROM expected.known)
            OFFSET 0) x OFFSET 0) y;

ANALYZE explained, expected.grid, expected.stage, expected.score, expected.segment;

CREATE TABLE expected.explained AS
SELECT as_of, customer_id, grid.latency_status, grid.activity_level, grid.lifecycle_stage, stage.loyalty_level,
       score.r, score.f, score.m, segment.rfm_segment,
       CASE WHEN grid.latency_status IN ('on_track', 'due', 'overdue') THEN true END AS next_status,
       CASE WHEN told.next_segment IS NOT NULL THEN true END AS next_segment
FROM expected.grid JOIN explained told USING (as_of, customer_id) JOIN expected.stage USING (as_of, customer_id)
LEFT JOIN expected.score USING (as_of, grp, customer_id)
LEFT JOIN expected.segment USING (as_of, grp, customer_id)
WHERE grp = 'all' AND (k = 5 OR k IS NULL);

-- ------------------------------------------------------------ the comparison
RESET search_path;
SELECT oracle.compare('cuts', 'as_of', 'grp', 'k');
SELECT oracle.compare('score', 'as_of', 'grp', 'k', 'customer_id');
SELECT oracle.compare('segment', 'as_of', 'grp', 'customer_id');
SELECT oracle.compare('stage', 'as_of', 'customer_id');
SELECT oracle.compare('grid', 'as_of', 'grp', 'customer_id');
SELECT oracle.compare('growth', 'customer_id', 'from_day', 'to_day');
SELECT oracle.compare('tier_cut', 'as_of', 'grp', 'share');
SELECT oracle.compare('tier', 'as_of', 'grp', 'customer_id');
SELECT oracle.compare('member_segment', 'as_of', 'grp', 'customer_id');
SELECT oracle.compare('concentration', 'grp', 'share');
SELECT oracle.compare('repeats', 'grp');
SELECT oracle.compare('retention', 'grp', 'name');
SELECT oracle.compare('cohort', 'as_of', 'grp', 'period', 'period_no');
SELECT oracle.compare('explained', 'as_of', 'customer_id');
