-- Every customer has one of four salespeople.
CREATE TABLE salespeople AS
SELECT DISTINCT customer_id, ('{Kim, Lou, Max, Noa}'::text[])[1 + floor(4 * draw('salesperson', customer_id))::integer] AS salesperson FROM orders;
