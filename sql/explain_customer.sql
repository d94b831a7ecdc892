-- explain_customer: why a customer has the labels that they have.

-- After the first visit 20 customers came back after 1 .. 20 days, after any later one after 2, 4 .. 40.
CREATE TEMP TABLE reference AS
SELECT ('{as_of 2024-06-30, step 1: ' || string_agg(format('%s 1/0', d), ', ' ORDER BY d)
	|| ', steps 2+: ' || string_agg(format('%s 1/0', 2 * d), ', ' ORDER BY d) || '}')::latency_norms AS norms,
	'{5 buckets, recency 5 10 20 60, frequency 1 1 3 6, money 20 50 100 250}'::rfm_scheme AS scheme
FROM generate_series(1, 20) d;

\pset format unaligned
SELECT jsonb_pretty(explain_customer('{2024-05-01: 30, 2024-06-24: 45.5}', norms, scheme, '2024-06-30')) FROM reference;

-- The sentences, for customers at every stage.
SELECT who, key, value ->> 'sentence' AS sentence
FROM reference, (VALUES
	(1, 'nobody yet', '{}'::visit_history),
	(2, 'new', '{2024-06-30: 5}'),
	(3, 'due', '{2024-06-22: 5}'),
	(4, 'lost', '{2024-01-01: 500}'),
	(5, 'a fan', '{2024-06-01: 50, 2024-06-05: 50, 2024-06-09: 50, 2024-06-12: 50, 2024-06-20: 50, 2024-06-25: 50, 2024-06-29: 50}'),
	(6, 'no money', '{2024-06-29}')) v(n, who, h),
	jsonb_each(explain_customer(h, norms, scheme, '2024-06-30')) WHERE jsonb_typeof(value) = 'object'
ORDER BY n, key;

-- What is not given is not explained; what is not known has no label.
SELECT jsonb_object_keys(explain_customer('{2024-06-30: 5}', NULL, NULL, '2024-06-30'));
SELECT explain_customer('{2024-06-30: 5}', '{as_of 2024-06-30, step 1: 5 0/3}', NULL, '2024-06-30') -> 'latency_status';
SELECT explain_customer(NULL, norms, scheme, '2024-06-30') IS NULL AS unknown, explain_customer('{}', norms, scheme, NULL) IS NULL AS no_day FROM reference;
-- Another map, and one that does not go with the scheme.
SELECT explain_customer('{2024-05-01: 30, 2024-06-24: 45.5}', norms, scheme, '2024-06-30', 'rfm125') -> 'rfm_segment' FROM reference;
SELECT explain_customer('{2024-05-01: 30, 2024-06-24: 45.5}', norms, scheme, '2024-06-30', 'rfm27') FROM reference;
