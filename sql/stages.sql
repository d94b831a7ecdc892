-- Lifecycle stage, activity and loyalty level, growth state.

-- Norms: after the first visit 20 customers come back after 1 .. 20 days, after any later one after 2, 4 .. 40.
CREATE TEMP TABLE reference AS
SELECT ('{as_of 2024-06-30, step 1: ' || string_agg(format('%s 1/0', d), ', ' ORDER BY d)
	|| ', steps 2+: ' || string_agg(format('%s 1/0', 2 * d), ', ' ORDER BY d) || '}')::latency_norms AS norms
FROM generate_series(1, 20) d;
SELECT step, pooled, median, p80, p95, horizon FROM reference, norms_table(norms);

-- One visit, so many days ago.
SELECT silent, latency_status(h, norms, '2024-06-30'), activity_level(h, norms, '2024-06-30'), lifecycle_stage(h, norms, '2024-06-30')
FROM reference, unnest('{0, 6, 7, 9, 10, 11, 12}'::integer[]) silent,
     LATERAL (SELECT format('{%s: 1}', to_char('2024-06-30'::date - silent, 'YYYY-MM-DD'))::visit_history AS h) history ORDER BY silent;

-- So many visits, the last one today.
SELECT visits, loyalty_level(h, '2024-06-30'), lifecycle_stage(h, norms, '2024-06-30'),
       lifecycle_stage(h, 60, 180, '2024-06-30') AS by_days
FROM reference, generate_series(0, 6) visits,
     LATERAL (SELECT visit_history('2024-06-30'::date - v, 1) AS h FROM generate_series(0, visits - 1) v) history ORDER BY visits;

-- By days: the named number of days still belongs to the better label.
SELECT silent, activity_level(h, 30, 90, 180, '2024-06-30'), lifecycle_stage(h, 90, 180, '2024-06-30')
FROM unnest('{0, 30, 31, 90, 91, 180, 181}'::integer[]) silent,
     LATERAL (SELECT format('{%s: 1}', to_char('2024-06-30'::date - silent, 'YYYY-MM-DD'))::visit_history AS h) history ORDER BY silent;
SELECT activity_level('{}', 30, 90, 180, '2024-06-30'), lifecycle_stage('{}', 90, 180, '2024-06-30'), loyalty_level('{}', '2024-06-30'),
       lifecycle_stage('{2024-07-01: 1}', 90, 180, '2024-06-30') AS later, lifecycle_stage('{2024-06-01: -1 in 0 orders}', 90, 180, '2024-06-30') AS refund;
SELECT activity_level('{2024-06-01}', 30, 20, 180, '2024-06-30');
SELECT lifecycle_stage('{2024-06-01}', 200, 180, '2024-06-30');
SELECT lifecycle_stage('{2024-06-01}', -1, 180, '2024-06-30');
SELECT lifecycle_stage('{2024-06-01}', 60, 180, 'infinity');

-- Where nobody ever came back there is no norm.
SELECT activity_level('{2024-06-29}', '{as_of 2024-06-30, step 1: 5 0/3}', '2024-06-30') AS unknown,
       activity_level('{}', '{as_of 2024-06-30, step 1: 5 0/3}', '2024-06-30') AS nobody;

-- Growth: March against February (31 days before: from 30 January).
SELECT h, growth_state(h, '2024-03-01', '2024-03-31')
FROM (VALUES (1, '{2024-03-01}'::visit_history), (2, '{2024-01-30, 2024-03-31}'), (3, '{2024-01-29, 2024-03-15}'),
             (4, '{2024-02-29}'), (5, '{2024-01-29}'), (6, '{2024-04-01}'), (7, '{}'),
             (8, '{2024-01-01, 2024-03-15: -5 in 0 orders}')) v(n, h) ORDER BY n;
SELECT growth_state('{2024-03-01}', '2024-03-31', '2024-03-01');
SELECT growth_state('{2024-03-01}', '-infinity', '2024-03-01');
SELECT growth_state('{4714-11-24 BC}', '4714-11-24 BC', '5874897-12-31');
