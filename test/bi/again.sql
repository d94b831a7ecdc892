-- The view, row for row, against a relation that is made anew and given the same references.
SET search_path = bi, public, crm;
SET client_min_messages = error;
CALL create_customer_metrics('again', 'orders', 'customer_id', 'ordered_at', 'amount', 'channel', 'Asia/Shanghai', capture => false, family => NULL);
DELETE FROM again_references;
INSERT INTO again_references SELECT * FROM guests_references;
SELECT (SELECT count(*) FROM (TABLE guests EXCEPT ALL TABLE again) AS missing) + (SELECT count(*) FROM (TABLE again EXCEPT ALL TABLE guests) AS surplus);
CALL drop_customer_metrics('again');
