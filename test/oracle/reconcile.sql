-- reconcile.sql
--	  Every one of Online Retail's 541,909 lines, customer by customer: money,
--	  orders and visits of the history against the server's own aggregates.
--	  Lines without a customer belong to nobody and are left out.  Input: csv.

CREATE TEMP TABLE reconciled AS
WITH plain AS
    (SELECT customer_id, count(*) AS lines, sum(amount) AS money,
            count(*) FILTER (WHERE amount >= 0) AS orders,
            count(DISTINCT ordered_at::date) FILTER (WHERE amount >= 0) AS visits
     FROM csv WHERE customer_id IS NOT NULL GROUP BY 1),
history AS
    (SELECT customer_id, crm.visit_history(ordered_at, amount) AS h
     FROM csv WHERE customer_id IS NOT NULL GROUP BY 1)
SELECT lines, what, agrees
FROM plain JOIN history USING (customer_id),
LATERAL (VALUES ('money', money = crm.total_spend(h)),
                ('orders', orders = crm.order_count(h)),
                ('visits', visits = crm.visit_count(h))) v (what, agrees);

SELECT format('%sok - Online Retail lines, %s agree for %s of %s customers (%s lines)',
              CASE WHEN bool_and(agrees) AND count(*) = 4372 AND sum(lines) = 406829 THEN '' ELSE 'not ' END,
              what, count(*) FILTER (WHERE agrees), count(*), sum(lines))
FROM reconciled
GROUP BY what;

SELECT format('%sok - Online Retail lines, all %s lines add up to %s',
              CASE WHEN count(*) = 541909 AND sum(amount) = crm.total_spend(crm.visit_history(ordered_at, amount))
                   THEN '' ELSE 'not ' END,
              count(*), sum(amount))
FROM csv;
