-- Segment maps: which segment a customer's R, F and M scores belong to.

-- Every combination of scores, to try the maps on.
CREATE TEMP TABLE cells AS
SELECT r, f, m, (r, f, m)::rfm_score AS score
FROM generate_series(1, 9) r, generate_series(1, 9) f, generate_series(1, 9) m;

-- A score is three numbers, 5 is best; its code is the three digits.
SELECT rfm_code('(5,4,3)'), rfm_segment('(5,4,3)');

-- The default map looks at R and F. Here it is whole: columns are F.
SELECT r,
       max(rfm_segment(score)) FILTER (WHERE f = 1) AS f1,
       max(rfm_segment(score)) FILTER (WHERE f = 2) AS f2,
       max(rfm_segment(score)) FILTER (WHERE f = 3) AS f3,
       max(rfm_segment(score)) FILTER (WHERE f = 4) AS f4,
       max(rfm_segment(score)) FILTER (WHERE f = 5) AS f5
FROM cells
WHERE r <= 5 AND f <= 5 AND m = 1
GROUP BY r
ORDER BY r DESC;

-- A map prints as its rules, the built-in ones too.
\pset format unaligned
\pset tuples_only on
SELECT segment_map 'rf25';
SELECT segment_map 'rfm125';
SELECT segment_map 'rfm27';

-- A map of your own: cells are ranges of scores or codes, in any mixture.
SELECT segment_map 'gold 33 32 23 | silver R2-3 F1, R2 F2, R1 F3 | bronze R1 F1-2';
-- An axis that is not named is open.
SELECT segment_map 'good R4-5 | poor R1-3 F1-5';
-- M takes part as soon as one rule names it.
SELECT segment_map 'spender M2 | other M1';
-- Names may be in any script.
SELECT segment_map '重要客户 R2 | 一般客户 R1';
SELECT rfm_segment('(2,1,1)', '重要客户 R2 | 一般客户 R1');
-- Blanks, line ends and small letters do not matter.
SELECT segment_map '
    good r2   f1-2
  | poor r1 ';
\pset format aligned
\pset tuples_only off


-- The built-in maps against their published tables, cell by cell.
CREATE TEMP TABLE rf25 (segment, r, f) AS VALUES
  ('champions',          '[5,5]'::int4range, '[4,5]'::int4range),
  ('loyal',              '[3,4]', '[4,5]'),
  ('potential_loyalist', '[4,5]', '[2,3]'),
  ('new',                '[5,5]', '[1,1]'),
  ('promising',          '[4,4]', '[1,1]'),
  ('need_attention',     '[3,3]', '[3,3]'),
  ('about_to_sleep',     '[3,3]', '[1,2]'),
  ('at_risk',            '[1,2]', '[3,4]'),
  ('cant_lose',          '[1,2]', '[5,5]'),
  ('hibernating',        '[1,2]', '[1,2]');

CREATE TEMP TABLE coded (name text, segment text, codes integer[]);
INSERT INTO coded VALUES
  ('rfm125', 'champions', '{555,554,544,545,454,455,445}'),
  ('rfm125', 'loyal', '{543,444,435,355,354,345,344,335}'),
  ('rfm125', 'potential_loyalist', '{553,551,552,541,542,533,532,531,452,451,442,441,431,453,433,432,423,353,352,351,342,341,333,323}'),
  ('rfm125', 'new', '{512,511,422,421,412,411,311}'),
  ('rfm125', 'promising', '{525,524,523,522,521,515,514,513,425,424,413,414,415,315,314,313}'),
  ('rfm125', 'need_attention', '{535,534,443,434,343,334,325,324}'),
  ('rfm125', 'about_to_sleep', '{331,321,312,221,213,231,241,251}'),
  ('rfm125', 'at_risk', '{255,254,245,244,253,252,243,242,235,234,225,224,153,152,145,143,142,135,134,133,125,124}'),
  ('rfm125', 'cant_lose', '{155,154,144,214,215,115,114,113}'),
  ('rfm125', 'hibernating', '{332,322,233,232,223,222,132,123,122,212,211}'),
  ('rfm125', 'lost', '{111,112,121,131,141,151}'),
  ('rfm27', 'champions', '{333,332,323}'),
  ('rfm27', 'loyal', '{321,322,331,232,233}'),
  ('rfm27', 'recent', '{312,313,311,222,223}'),
  ('rfm27', 'need_attention', '{213,221,123,132,133}'),
  ('rfm27', 'at_risk', '{231,212,122,131,211}'),
  ('rfm27', 'inactive', '{111,112,113,121}');

SELECT count(*) AS cells, count(DISTINCT (c.r, c.f)) AS different,
       count(*) FILTER (WHERE rfm_segment(score) <> segment) AS wrong
FROM cells c JOIN rf25 t ON c.r <@ t.r AND c.f <@ t.f
WHERE c.m = 1;

SELECT name, count(*) AS cells, count(DISTINCT code) AS different,
       count(*) FILTER (WHERE rfm_segment(score, name::segment_map) <> segment) AS wrong
FROM coded, unnest(codes) code JOIN cells ON rfm_code(score) = code
GROUP BY name;

-- The published order of segments is kept: rules rebuilt from the tables are
-- the same map, however they are written.
SELECT string_agg(format('%s R%s-%s F%s-%s', segment, lower(r), upper(r) - 1, lower(f), upper(f) - 1), '|')::segment_map
       = 'rf25' AS same
FROM rf25;


-- NULL. A customer without money has no M and no code, but a segment if the
-- map does without M.
SELECT rfm_code('(5,4,)'), rfm_segment('(5,4,)'), rfm_segment('(5,4,)', 'rfm125') AS by_rfm125;
-- Without R or F, and without a score, nothing is known.
SELECT rfm_code('(,4,3)') AS code, rfm_segment('(,4,3)') AS r, rfm_segment('(5,,3)') AS f,
       rfm_segment(NULL) AS no_score, rfm_segment('(5,4,3)', NULL) AS no_map;

-- A score must be possible at all, and possible in the map.
SELECT rfm_code('(5,10,3)');
SELECT rfm_code('(0,1,3)');
SELECT rfm_segment('(5,4,3)', 'rfm27');
SELECT rfm_segment('(,9,3)');
-- The largest map has nine buckets.
SELECT rfm_segment('(9,1,5)', 'top R9 | middle R2-8 | low R1'), rfm_code('(9,1,5)');


-- A map that is not total and disjoint is refused, and the error says where.
SELECT segment_map 'new R5 F1 | loyal R4-5 F2-5 | lost R1-3';
SELECT segment_map 'good R2-3 | poor R1-2 F1';
-- Both at once, and a segment that could never be given.
SELECT segment_map 'good R3 F2-3 | fair R1-2 | never R2 F2, 13';
-- Long lists are cut short.
SELECT segment_map 'best 999';
-- The errors of writing.
SELECT segment_map '';
SELECT segment_map 'rf26';
SELECT segment_map 'rf25 | more R1';
SELECT segment_map 'good R2 | poor R1 |';
SELECT segment_map '| good R2 | poor R1';
SELECT segment_map 'good R2 | R1';
SELECT segment_map 'good R2 | poor';
SELECT segment_map 'good R2 | good R1';
SELECT segment_map 'good R2 F1 F2 | poor R1';
SELECT segment_map 'good R2-1 | poor R1';
SELECT segment_map 'good R10 | poor R1-9';
SELECT segment_map 'lost R0-2 | good R3-5';
SELECT segment_map 'champions R4-5 FM4-5 | lost R1-3';
SELECT segment_map 'all 1111';
SELECT segment_map 'all 50';
SELECT segment_map 'about to sleep R1-5';
SELECT segment_map 'can''t_lose R1-5';
SELECT segment_map 'everybody R1';
SELECT (repeat('客', 22) || ' R1-5')::segment_map;
SELECT length((repeat('客', 21) || ' R1-5')::segment_map::text);
SELECT (string_agg('s' || i || ' ' || i, '|'))::segment_map FROM generate_series(111, 999) i WHERE i::text !~ '0';


-- Maps are values: they can be stored, compared and grouped.
CREATE TEMP TABLE maps (name text, map segment_map);
INSERT INTO maps VALUES
  ('rf25', 'rf25'), ('rfm125', 'rfm125'), ('rfm27', 'rfm27'),
  ('ranges', 'good R2 | poor R1'), ('codes', 'good 21 22 | poor 11,12'),
  ('money', 'good R2 | poor R1 M1-2'), ('other order', 'poor R1 | good R2');
SELECT a.name, b.name
FROM maps a JOIN maps b ON a.map = b.map AND a.name < b.name;
SELECT count(*) AS different FROM (SELECT DISTINCT map FROM maps) m;
SELECT bool_and((a.map = b.map) = (a.map::text = b.map::text)
                AND (a.map <> b.map) = (a.map::text <> b.map::text)) AS as_printed
FROM maps a, maps b;
SET enable_nestloop = off;
SET enable_mergejoin = off;
SELECT count(*) AS pairs FROM maps a JOIN maps b USING (map);
RESET enable_nestloop;
RESET enable_mergejoin;

-- What is printed can be read again.
SELECT bool_and(map::text::segment_map = map) AS by_text FROM maps;

-- As JSON: cells are codes, as rfm_code gives them where the map uses M.
SELECT map::json FROM maps WHERE name IN ('ranges', 'money');
SELECT name, count(*) AS cells,
       count(*) FILTER (WHERE rfm_segment(score, map) <> s ->> 'segment') AS wrong
FROM maps, jsonb_array_elements(map::jsonb -> 'segments') s,
     jsonb_array_elements_text(s -> 'cells') code,
     LATERAL (SELECT rpad(code, 3, '1') AS digits) d JOIN cells ON rfm_code(score)::text = digits
GROUP BY name
ORDER BY name COLLATE "C";

-- The binary form, there and back.
CREATE TEMP TABLE returned (LIKE maps);
\copy maps TO 'results/segment_map.copy' (FORMAT binary)
\copy returned FROM 'results/segment_map.copy' (FORMAT binary)
SELECT count(*), bool_and(a.map = b.map) AS by_binary FROM maps a JOIN returned b USING (name);
-- It is a version byte and the rules, and read as critically as these.
SELECT substr(segment_map_send('good R2 | poor R1'), 1, 1),
       convert_from(substr(segment_map_send('good R2 | poor R1'), 2), 'UTF8');
\copy (SELECT 'forged', '\x02'::bytea || 'good R2 | poor R1') TO 'results/segment_map.copy' (FORMAT binary)
\copy returned FROM 'results/segment_map.copy' (FORMAT binary)
\copy (SELECT 'forged', '\x01'::bytea || 'good R2') TO 'results/segment_map.copy' (FORMAT binary)
\copy returned FROM 'results/segment_map.copy' (FORMAT binary)
\copy (SELECT 'forged', '\x01'::bytea || 'good R2 | poor R1' || '\x00'::bytea) TO 'results/segment_map.copy' (FORMAT binary)
\copy returned FROM 'results/segment_map.copy' (FORMAT binary)
\copy (SELECT 'forged', '\x01'::bytea) TO 'results/segment_map.copy' (FORMAT binary)
\copy returned FROM 'results/segment_map.copy' (FORMAT binary)
\copy (SELECT 'forged', ''::bytea) TO 'results/segment_map.copy' (FORMAT binary)
\copy returned FROM 'results/segment_map.copy' (FORMAT binary)
