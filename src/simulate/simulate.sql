-- ---------------------------------------------------------------------------
-- Simulation: a shop to try things on
-- ---------------------------------------------------------------------------

--| Transactions of invented customers, from a stated process: the same arguments give the same rows on every machine and every server version.
--|
--| `customers` customers are numbered from 1. Each belongs to one channel
--| (store, online, app, hotel), and the channels differ in rhythm,
--| regularity, dropout and spend; doc/simulation.md gives the true parameters.
--| Amounts have two decimals; a refund is a row with a negative amount.
--| Rows come customer by customer, in the order of their days.
--|
--| More customers, or a later `last_day`, only add rows: what was there stays.
--| First visits are spread over the two years that begin with `first_day`; a
--| customer who would come after `last_day` has no rows.
--| Errors: a negative number of customers, `first_day` after `last_day`, infinite days, days that a timestamp cannot hold.
--| Source: Platzer & Reutterer 2016 (visits), Fader & Hardie 2013 (money): see doc/simulation.md.
--| Example: SELECT * FROM simulate_transactions(1000, '2023-01-01', '2024-12-31', 42) LIMIT 3
CREATE FUNCTION simulate_transactions(customers integer, first_day date, last_day date, seed bigint,
	OUT customer_id bigint, OUT ordered_at timestamp, OUT amount numeric, OUT channel text)
RETURNS SETOF record
AS 'MODULE_PATHNAME', 'crm_simulate_transactions'
LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE COST 10000 ROWS 10000;
