-- Eight monthly offers to 3,000 customers: two in five answer each with a chance of 0.3, the others none.
CREATE TABLE mailings AS
SELECT customer_id, sent_on::date, draw('answers', customer_id) < 0.4 AND draw('answer ' || sent_on::date, customer_id) < 0.3 AS answered
FROM generate_series(1::bigint, 3000) AS customer_id, generate_series(timestamp '2024-01-01', '2024-08-01', '1 month') AS sent_on;
