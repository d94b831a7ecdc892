-- population.sql
--	  Who there is, for both sides: the customers, the groups that they are read
--	  in, and their histories.  Runs first.
--
-- Input: oracle.transactions (customer_id text, ordered_at date, amount numeric,
-- channel text) and oracle.days (as_of date).

DROP SCHEMA IF EXISTS expected, actual CASCADE;
CREATE SCHEMA expected;
CREATE SCHEMA actual;

-- ---------------------------------------------------------------- the oracle
SET search_path = expected;

CREATE TABLE customer AS
SELECT DISTINCT customer_id FROM oracle.transactions WHERE customer_id IS NOT NULL;

-- Everybody belongs to the group 'all' and to one channel.
CREATE TABLE member AS
SELECT customer_id, 'all' AS grp FROM customer
UNION ALL
SELECT customer_id, 'channel ' || min(channel)
FROM oracle.transactions
WHERE customer_id IS NOT NULL AND channel IS NOT NULL
GROUP BY 1;

-- ------------------------------------------------------------- the extension
SET search_path = actual, crm, oracle;

CREATE TABLE history AS
SELECT customer_id, visit_history(ordered_at, amount) AS h
FROM oracle.transactions
WHERE customer_id IS NOT NULL
GROUP BY 1;
