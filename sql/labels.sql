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
  (10, 'value_tier', '{VIP,key,regular,small}')) v (no, classification, words),
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
