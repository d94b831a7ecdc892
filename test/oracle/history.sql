-- history.sql
--	  visit_history by plain SQL: what a visit, an order and a gap are, and every
--	  function that reads one history, for every customer, whole and cut at
--	  several days.  Runs after population.sql.

-- ---------------------------------------------------------------- the oracle
SET search_path = expected;

-- 'infinity' stands for the whole history.
CREATE TABLE cut AS
SELECT as_of FROM oracle.days
UNION ALL
SELECT 'infinity'::date;

-- One row for each customer and day.  A negative amount is a refund: money, but
-- no order.  A row without an amount is an order without money.
CREATE TABLE visits AS
SELECT customer_id,
       CASE WHEN orders > 0 THEN row_number() OVER w::integer END AS visit_no,
       day, orders, amount,
       CASE WHEN orders > 0 THEN lead(day) OVER w - day END AS latency
FROM (SELECT customer_id, ordered_at AS day,
             count(*) FILTER (WHERE amount >= 0 OR amount IS NULL)::integer AS orders,
             sum(amount) AS amount
      FROM oracle.transactions
      WHERE customer_id IS NOT NULL AND ordered_at IS NOT NULL
      GROUP BY 1, 2) day
WINDOW w AS (PARTITION BY customer_id, orders > 0 ORDER BY day);

CREATE INDEX ON visits (customer_id, day);
ANALYZE visits;

-- The completed gaps: from visit n to the next.
CREATE TABLE gaps AS
SELECT customer_id, visit_no, day, day + latency AS next_day, latency
FROM visits
WHERE latency IS NOT NULL;

-- The last direction before a gap is the sign of the last unequal pair.
CREATE TABLE turns AS
WITH step AS
    (SELECT *, lag(latency) OVER w AS before, sign(latency - lag(latency) OVER w) AS direction
     FROM gaps WINDOW w AS (PARTITION BY customer_id ORDER BY visit_no)),
change AS
    (SELECT *, lag(direction) OVER (PARTITION BY customer_id ORDER BY visit_no) AS direction_before
     FROM step WHERE direction <> 0)
SELECT customer_id, visit_no, CASE WHEN direction > 0 THEN 'slowing' ELSE 'quickening' END AS direction,
       before, latency AS after, next_day
FROM change
WHERE direction <> direction_before;

-- A turn is known once its second gap is completed.
CREATE TABLE latency_turns AS
SELECT customer_id, as_of, visit_no, direction, before, after
FROM turns JOIN cut ON next_day <= as_of;

CREATE TABLE facts AS
WITH reading AS
    (SELECT customer_id, as_of,
            count(visit_no)::integer AS visit_count,
            coalesce(sum(orders), 0)::integer AS order_count,
            min(day) FILTER (WHERE visit_no IS NOT NULL) AS first_visit,
            max(day) FILTER (WHERE visit_no IS NOT NULL) AS last_visit,
            sum(amount) AS total_spend,
            coalesce(sum(amount) FILTER (WHERE visit_no > 1), 0) AS repeat_spend
     FROM customer CROSS JOIN cut LEFT JOIN visits USING (customer_id)
     WHERE day <= as_of OR day IS NULL
     GROUP BY 1, 2),
rhythm AS
    (SELECT customer_id, as_of,
            avg(latency)::double precision AS latency,
            array_agg(latency ORDER BY visit_no) AS latencies,
            percentile_cont(0.5) WITHIN GROUP (ORDER BY latency) AS median_latency,
            stddev_samp(latency)::double precision AS latency_stddev,
            -- half up: floor(x + 1/2) in whole numbers
            (max(next_day) + div(2 * sum(latency) + count(*), 2 * count(*))::integer) AS expected_next_visit
     FROM gaps JOIN cut ON next_day <= as_of
     GROUP BY 1, 2)
SELECT customer_id, as_of,
       coalesce(visit_count, 0) AS visit_count, coalesce(order_count, 0) AS order_count,
       first_visit, last_visit, total_spend,
       (total_spend / nullif(order_count, 0))::double precision AS average_order_value,
       (total_spend / nullif(visit_count, 0))::double precision AS average_visit_value,
       latency, coalesce(latencies, '{}') AS latencies, median_latency, latency_stddev, expected_next_visit,
       repeat_spend
FROM customer CROSS JOIN cut
LEFT JOIN reading USING (customer_id, as_of)
LEFT JOIN rhythm USING (customer_id, as_of);

-- The same by as_of as an argument: later events are ignored by rule.
CREATE TABLE recency AS
SELECT customer_id, as_of,
       as_of - last_visit AS days_since_last_visit,
       as_of - first_visit AS tenure,
       visit_count - 1 AS frequency,
       last_visit - first_visit AS recency,
       as_of - first_visit AS t,
       CASE WHEN visit_count = 1 AND total_spend IS NOT NULL THEN 0
            WHEN total_spend IS NOT NULL THEN repeat_spend / (visit_count - 1)
       END::double precision AS monetary_value
FROM facts
WHERE as_of <> 'infinity' AND visit_count > 0
UNION ALL
SELECT customer_id, as_of, NULL, NULL, NULL, NULL, NULL, NULL
FROM facts
WHERE as_of <> 'infinity' AND visit_count = 0;

ALTER TABLE facts DROP repeat_spend;

-- Windows that end on each day: that day, a quarter, a year.
CREATE TABLE span AS
SELECT as_of - length + 1 AS from_day, as_of AS to_day
FROM oracle.days, unnest('{1, 91, 365}'::integer[]) AS length;

CREATE TABLE windows AS
SELECT facts.customer_id, from_day, to_day,
       count(visit_no)::integer AS visits_between,
       coalesce(sum(amount), CASE WHEN facts.total_spend IS NOT NULL THEN 0 END) AS spend_between,
       count(visit_no)::integer AS visit_count, coalesce(sum(orders), 0)::integer AS order_count,
       min(day) FILTER (WHERE visit_no IS NOT NULL) AS first_visit, sum(amount) AS total_spend
FROM facts CROSS JOIN span
LEFT JOIN visits v ON v.customer_id = facts.customer_id AND day BETWEEN from_day AND to_day
WHERE facts.as_of = 'infinity'
GROUP BY facts.customer_id, from_day, to_day, facts.total_spend;

CREATE TABLE latency_by_number AS
SELECT number.customer_id, n, latency
FROM (SELECT customer_id, generate_series(-1, visit_count + 1) AS n
      FROM facts WHERE as_of = 'infinity') number
LEFT JOIN gaps ON (gaps.customer_id, visit_no) = (number.customer_id, n);

-- ------------------------------------------------------------- the extension
SET search_path = actual, crm, oracle;

CREATE TABLE visits AS
SELECT customer_id, v.*
FROM history, visits(h) v;

CREATE TABLE cut AS
SELECT customer_id, 'infinity'::date AS as_of, h FROM history
UNION ALL
SELECT customer_id, days.as_of, as_of(h, days.as_of) FROM history, days;

CREATE TABLE facts AS
SELECT customer_id, as_of,
       visit_count(h), order_count(h), first_visit(h), last_visit(h), total_spend(h),
       average_order_value(h)::double precision, average_visit_value(h)::double precision,
       latency(h), latencies(h), median_latency(h), latency_stddev(h), expected_next_visit(h)
FROM cut;

CREATE TABLE latency_turns AS
SELECT customer_id, as_of, turn.*
FROM cut, latency_turns(h) turn;

CREATE TABLE recency AS
SELECT customer_id, days.as_of,
       days_since_last_visit(h, days.as_of), tenure(h, days.as_of),
       frequency, recency, t, monetary_value::double precision
FROM history, days, btyd_summary(h, days.as_of);

CREATE TABLE windows AS
SELECT customer_id, from_day, to_day,
       visits_between(h, from_day, to_day), spend_between(h, from_day, to_day),
       visit_count(part), order_count(part), first_visit(part), total_spend(part)
FROM history, expected.span, between_days(h, from_day, to_day) part;

CREATE TABLE latency_by_number AS
SELECT customer_id, n, latency(h, n)
FROM history, generate_series(-1, visit_count(h) + 1) n;

-- ------------------------------------------------------------ the comparison
RESET search_path;
SELECT oracle.compare('visits', 'customer_id', 'day');
SELECT oracle.compare('facts', 'customer_id', 'as_of');
SELECT oracle.compare('latency_turns', 'customer_id', 'as_of', 'visit_no');
SELECT oracle.compare('recency', 'customer_id', 'as_of');
SELECT oracle.compare('windows', 'customer_id', 'from_day', 'to_day');
SELECT oracle.compare('latency_by_number', 'customer_id', 'n');
