-- label_zh: the Chinese word of the retail trade for each label.

-- All labels, by the question that they answer.
CREATE TEMP TABLE labels AS
SELECT classification, label, place
FROM (VALUES
  (1, 'latency_status', '{no_visits,on_track,due,overdue,lapsed}'::text[]),
  (2, 'activity_level', '{no_visits,active,silent,sleeping,lost}'),
  (3, 'lifecycle_stage', '{prospect,new,active,loyal,sleeping,lost}'),
  (4, 'loyalty_level', '{no_visits,new,second,regular,fan}'),
  (5, 'growth_state', '{new,retained,resurrected,dormant,inactive}'),
  (6, 'churn_risk', '{no_data,low,medium,high}'),
  (7, 'pace', '{faster,typical,slower}'),
  (8, 'direction', '{slowing,quickening}'),
  (9, 'member_segment', '{prospect,sleeping,slipping,high_value,high_loyalty,high_ticket,frequent_low_ticket,rare_low_ticket,regular}'),
  (10, 'value_tier', '{VIP,key,regular,small}'),
  (11, 'next_visit_source', '{model,norms,rhythm}'),
  (12, 'verdict', '{better,worse,mixed}')) v (no, classification, words),
  unnest(words) WITH ORDINALITY w (label, at), LATERAL (SELECT no * 100 + at AS place) p;

SELECT classification, label, label_zh(label) FROM labels ORDER BY place;

-- The segments of the built-in RFM maps.
SELECT DISTINCT ON (name COLLATE "C") name AS segment, label_zh(name)
FROM (VALUES (segment_map 'rf25'), ('rfm125'), ('rfm27')) v (map),
     jsonb_array_elements(map::jsonb -> 'segments') s, LATERAL (SELECT s ->> 'segment' AS name) n
ORDER BY name COLLATE "C";

-- The sixteen cells of the campaign grid.
SELECT label_zh(activity) || label_zh(loyalty) AS cell
FROM unnest('{active,silent,sleeping,lost}'::text[]) WITH ORDINALITY a (activity, i),
     unnest('{new,second,regular,fan}'::text[]) WITH ORDINALITY l (loyalty, j)
ORDER BY i, j;

-- Case does not matter; what is no label of ours, and NULL, give NULL.
SELECT label_zh('vip'), label_zh('Champions'), label_zh('unheard_of') AS unknown,
       label_zh('') AS empty, label_zh(NULL) AS "null";
-- So a map of your own keeps its words.
SELECT coalesce(label_zh(segment), segment)
FROM (VALUES ('champions'), ('my_best')) v (segment);

-- What the functions give, on days early and late: no label without its word, and none that is not listed above.
CREATE TEMP TABLE labelled AS
WITH histories AS (
  SELECT customer_id, visit_history(ordered_at, amount) AS h FROM simulate_transactions(400, '2023-01-01', '2024-12-31', 9) GROUP BY customer_id
  UNION ALL SELECT 0, visit_history(NULL::date, 1)
), reference AS (
  SELECT day, latency_norms(h, day) AS norms, rfm_scheme(h, day) AS scheme, member_scheme(h, day) AS members, fit_btyd(h, day) AS model
  FROM histories, unnest('{2023-06-30,2024-06-30,2024-12-31}'::date[]) day GROUP BY day
)
SELECT l.function, l.label
FROM histories, reference, customer_metrics(h, norms, scheme, NULL, members, CASE WHEN customer_id % 3 = 1 THEN model END, NULL, day) m,
  LATERAL (VALUES ('latency_status', m.latency_status), ('activity_level', m.activity_level), ('lifecycle_stage', m.lifecycle_stage),
    ('loyalty_level', m.loyalty_level), ('growth_state', m.growth_state), ('churn_risk', m.churn_risk), ('pace', m.pace),
    ('next_visit_source', m.next_visit_source),
    ('next_visit_source', (customer_metrics(h, NULL, NULL, NULL, NULL, NULL, NULL, day)).next_visit_source)) l (function, label)
UNION SELECT 'member_segment', unnest(member_segments(h, members, day)) FROM histories, reference
UNION SELECT 'growth_state', growth_state(h, day - 90, day) FROM histories, reference
UNION SELECT 'direction', direction FROM histories, latency_turns(h)
UNION SELECT 'verdict', (backtest(h, '2024-06-30', '2024-12-31')).verdict FROM histories;

SELECT function, count(label) AS labels, count(label_zh(label)) AS translated, count(l.classification) AS listed
FROM labelled LEFT JOIN labels l (classification, word) ON l.classification = function AND lower(word) = lower(label)
WHERE label IS NOT NULL GROUP BY function ORDER BY function;
