-- What the dashboard reads, in a schema of its own: made from the relation
-- "guests" that create_customer_metrics() left in the search_path, and removed
-- by DROP SCHEMA dashboard CASCADE.
--
-- Every morning, after refresh_customer_metrics():
--   REFRESH MATERIALIZED VIEW dashboard.guests
CREATE SCHEMA dashboard;

-- Today, or the last day of data where the orders ended long ago.
CREATE VIEW dashboard.today AS
SELECT CASE WHEN beyond_data THEN last_day ELSE as_of END AS day
FROM (SELECT as_of, beyond_data FROM guests LIMIT 1) AS g,
     (SELECT max(last_day) AS last_day FROM guests_references) AS r;

-- Its first column, which bears the name of your own, is called customer here.
CREATE MATERIALIZED VIEW dashboard.guests (customer) AS
SELECT g.* FROM dashboard.today, guests_as_of(day) AS g;

CREATE VIEW dashboard.histories AS
SELECT customer, history AS h FROM guests_histories;

CREATE VIEW dashboard.reference AS
SELECT * FROM guests_references WHERE segment IS NULL ORDER BY refit DESC LIMIT 1;
