-- hostile.sql
--	  A small table, written by hand, of everything that a shop's orders can hold.
--	  The customer's name says what is tried.

INSERT INTO oracle.transactions (channel, customer_id, ordered_at, amount) VALUES
('shop', 'same-day orders',          '2023-05-01', 10.00),
('shop', 'same-day orders',          '2023-05-01', 5.50),
('shop', 'same-day orders',          '2023-05-01', 0.25),
('shop', 'same-day orders',          '2023-05-20', 7),
('shop', 'refund on a visit day',    '2023-02-01', 100),
('shop', 'refund on a visit day',    '2023-02-01', -100),
('shop', 'refund on a visit day',    '2023-04-01', 80),
('shop', 'refund on a visit day',    '2023-04-01', -30),
('shop', 'refund on a visit day',    '2023-04-01', -20),
('shop', 'refund before, between',   '2022-12-31', -40),
('shop', 'refund before, between',   '2023-01-10', 90),
('shop', 'refund before, between',   '2023-02-15', -25),
('shop', 'refund before, between',   '2023-03-01', 60),
('shop', 'refund before, between',   '2023-03-02', -60),
('shop', 'refund after the last',    '2023-01-05', 30),
('shop', 'refund after the last',    '2023-06-05', -30),
('shop', 'refunds only',             '2023-03-03', -12.34),
('shop', 'refunds only',             '2023-03-03', -0.66),
('shop', 'refunds only',             '2023-07-07', -5),
('shop', 'refund and no amount',     '2023-03-03', -5),
('shop', 'refund and no amount',     '2023-03-03', NULL),
('shop', 'refund and no amount',     '2023-05-05', -5),
('shop', 'refund and no amount',     '2023-06-06', NULL),
('shop', 'worth less than nothing',  '2023-01-01', 10),
('shop', 'worth less than nothing',  '2023-02-01', 10),
('shop', 'worth less than nothing',  '2023-02-01', -500.01),
('shop', 'zero amounts',             '2023-01-01', 0),
('shop', 'zero amounts',             '2023-01-01', 0.00),
('shop', 'zero amounts',             '2023-09-01', 0),
('shop', 'no amounts',               '2023-01-01', NULL),
('shop', 'no amounts',               '2023-01-01', NULL),
('shop', 'no amounts',               '2023-03-01', NULL),
('shop', 'an amount after none',     '2023-01-01', NULL),
('shop', 'an amount after none',     '2023-08-01', 3),
('shop', 'none after an amount',     '2023-01-01', 3),
('shop', 'none after an amount',     '2023-08-01', NULL),
('web',  'one visit',                '2023-11-11', 11.11),
('web',  'one visit without amount', '2023-11-11', NULL),
('web',  'one visit today',          '2024-02-29', 1),
('web',  'no days',                  NULL, 1000),
('web',  'no days',                  NULL, NULL),
('web',  'a day among no days',      NULL, 1000000),
('web',  'a day among no days',      '2023-10-01', 1),
('web',  'a day among no days',      NULL, -1000000),
('web',  'in the future',            '2031-01-01', 5),
('web',  'partly in the future',     '2023-12-01', 5),
('web',  'partly in the future',     '2024-02-29', 6),
('web',  'partly in the future',     '2024-03-01', 7),
('web',  'partly in the future',     '2030-01-01', 8),
('web',  'refund in the future',     '2023-12-01', 5),
('web',  'refund in the future',     '2030-01-01', -5),
('old',  'before Christ',            '0044-03-15 BC', 1),
('old',  'before Christ',            '0001-12-31 BC', 2),
('old',  'before Christ',            '0001-01-01', 4),
('old',  'the first day there is',   '4714-11-24 BC', 1),
('old',  'a thousand years between', '1000-02-28', 1),
('old',  'a thousand years between', '2000-02-29', 1),
('rich', '18 digits',                '2023-01-01', 999999999999999.999),
('rich', '18 digits',                '2023-01-02', -0.001),
('rich', '18 digits',                '2023-01-03', 0.001),
('rich', '18 digits whole',          '2023-01-01', 999999999999999998),
('rich', '18 digits whole',          '2023-01-01', 1),
('rich', '18 digits whole',          '2023-02-01', 0.0),
('rich', '18 digits of refunds',     '2023-01-01', 0),
('rich', '18 digits of refunds',     '2023-01-01', -99999999999999.9999),
('rich', '18 decimals',              '2023-01-01', 0.000000000000000001),
('rich', '18 decimals',              '2023-01-02', 0.999999999999999998),
('rich', 'cents in numeric(38,18)',  '2023-01-01', 123456789012.340000000000000000),
('rich', 'cents in numeric(38,18)',  '2023-01-09', 0.660000000000000000),
('rich', 'growing scale',            '2023-01-01', 1),
('rich', 'growing scale',            '2023-01-02', 0.1),
('rich', 'growing scale',            '2023-01-03', 0.01),
('rich', 'growing scale',            '2023-01-04', 0.000001),
('rich', 'growing scale',            '2023-01-05', 1000000),
('one',  'alone in the channel',     '2023-01-01', 1),
('none', 'no days in the channel',   NULL, 1),
(NULL,   NULL,                       '2023-01-01', 1000),
(NULL,   'no channel',               '2023-01-01', 1);

-- Rhythms, by their gaps.
INSERT INTO oracle.transactions (channel, customer_id, ordered_at, amount)
SELECT 'rhythm', customer_id, '2020-01-06'::date + coalesce(sum(gap) OVER w, 0)::integer, gap
FROM (VALUES
    ('the founding example',   '{0,90,60,30,60,90,120,180}'::integer[]),
    ('ever quicker',           '{0,64,32,16,8,4,2,1}'),
    ('ever slower',            '{0,1,2,4,8,16,32,64}'),
    ('like a clock',           '{0,7,7,7,7,7,7}'),
    ('equal, then quicker',    '{0,7,7,7,5,5,5,9,9,5,5,5,5,6}'),
    ('a sawtooth',             '{0,1,9,1,9,1,9,1,9,1,9}'),
    ('quicker, equal, slower', '{0,9,5,5,5,8,8,3}'),
    ('half a day up',          '{0,1,2}'),
    ('half a day up again',    '{0,10,1,6,5}')) rhythm (customer_id, gaps),
    unnest(gaps) WITH ORDINALITY AS g (gap, n)
WINDOW w AS (PARTITION BY customer_id ORDER BY n);

INSERT INTO oracle.transactions (channel, customer_id, ordered_at, amount)
SELECT 'rhythm', 'every day', '2022-06-01'::date + n, n % 7 - 1
FROM generate_series(0, 400) n;

-- Forty who come often, so that later steps stand alone; only some come on.
INSERT INTO oracle.transactions (channel, customer_id, ordered_at, amount)
SELECT 'club', 'member ' || m, '2023-01-01'::date + m + n * (5 + (m * 7 + n * 11) % 13), 10
FROM generate_series(1, 40) m, generate_series(0, 2 + m % 9) n;

-- A third and two thirds of those who come back, exactly: neither faster nor slower.
INSERT INTO oracle.transactions (channel, customer_id, ordered_at, amount)
SELECT 'thirds', 'third ' || m, '2023-01-01'::date + gap, 1
FROM generate_series(1, 3) m, unnest(ARRAY[0, 10 * m]) gap;

-- Gaps of 5,000 days and more: near and beyond the 3,650 days that are told.
INSERT INTO oracle.transactions (channel, customer_id, ordered_at, amount)
SELECT 'decades', 'decade ' || m, '1960-01-01'::date + gap, 1
FROM generate_series(1, 4) m, unnest(ARRAY[0, 5000 * m]) gap
UNION ALL
SELECT 'decades', 'silent for ' || days, '2024-02-29'::date - days, 1
FROM unnest('{1349, 1350, 6350, 11350, 16350}'::integer[]) days;
