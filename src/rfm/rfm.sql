-- ---------------------------------------------------------------------------
-- RFM: scores, and the segments that they fall in
-- ---------------------------------------------------------------------------

--| One customer's recency, frequency and money scores.
--| Each is 1 to the number of buckets of the scheme (2 to 9), and the highest is best.
--| NULL: `m` where the customer's orders have no amounts.
CREATE TYPE rfm_score AS (r smallint, f smallint, m smallint);

--| The scores as one number of three digits, best 555 for five buckets.
--| Unit: a code, its digits R, F and M
--| NULL: if a score is NULL, as `m` is without money.
--| Errors: a score that is not 1 to 9.
--| Example: SELECT rfm_code('(5,4,3)')
CREATE FUNCTION rfm_code(score rfm_score) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_rfm_code' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| A quantile score for any column, a window function: the tie-exact NTILE.
--| Among the N rows of the partition the cut points are rows ceil(jN/k),
--| j = 1 .. k-1, which are the values `percentile_disc(j/k)`; the score is 1 +
--| the number of cut points that come before the row:
--| `1 + #{j : ceil(jN/k) <= rank() - 1}`. So equal values always have equal
--| scores, where NTILE deals them out to neighbouring buckets, and a bucket
--| that would have to split them stays empty. Without ties the buckets differ by one
--| row at most.
--|
--| The lowest in the order gets 1: `ORDER BY spend` makes the top spenders 5
--| of 5, `ORDER BY last_visit` the latest visitors. NULLs take the place that
--| the ORDER BY gives them: last by default in ascending order, that is, the
--| best score; write `NULLS FIRST` to make them the lowest, or exclude them.
--| Without ORDER BY all rows are peers and score 1. The window's frame does
--| not matter. The scores of a scheme are different in that they are frozen: see `rfm_scheme`.
--| Unit: a score, 1 to buckets
--| NULL: when buckets is NULL.
--| Errors: buckets not between 1 and 1,000,000.
--| Example: SELECT spend, ntile(2) OVER w, quantile_score(2) OVER w FROM unnest('{10, 10, 10, 40}'::integer[]) AS spend WINDOW w AS (ORDER BY spend)
CREATE FUNCTION quantile_score(buckets integer) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_quantile_score' LANGUAGE C WINDOW IMMUTABLE PARALLEL SAFE;

--| Which segment each combination of scores belongs to.
--| Its text form is the list of rules, separated by `|`; each is a segment's
--| name and its cells:
--|
--|     good R4-5 F3-5 | fair R4-5 F1-2 | poor R1-3
--|     gold 33 32 23 | silver R2-3 F1, R2 F2, R1 F3 | bronze R1 F1-2
--|
--| A cell is ranges of R, F and M, where an axis that is not named is open,
--| or a code of two digits (R, F) or three (R, F, M). A comma separates cells
--| that are written as ranges. The largest number in the rules is the number
--| of buckets, 2 to 9. If some rule names M, the map decides over R x F x M,
--| else over R x F. Every cell must be in exactly one segment, so there is no
--| precedence, and the order of the rules serves the reader only.
--|
--| A name has letters of any script, digits and underscores, 63 bytes at most,
--| and must not look like a cell; there are at most 255 segments.
--|
--| In place of rules one may write the name of a built-in map:
--|
--| - `rf25`: five buckets, R x F, ten segments; the default everywhere.
--| - `rfm125`: five buckets, R x F x M, eleven segments.
--| - `rfm27`: three buckets, R x F x M, six segments.
--|
--| They are printed as their rules too: `SELECT segment_map 'rf25'` shows the
--| definition, and a dump does not depend on what a name will mean later.
--| Maps are equal if they print the same: the same cells for the same names
--| in the same order, however they were written.
--| Errors: rules that leave a cell out, give one twice, or name a segment that could never be given; the message names the cells.
--| Example: SELECT segment_map 'good R2 | fair R1 F2 | poor R1 F1'
\value_type(segment_map; crm_segment_map; crm_segment_map_send; STABLE)

--| A segment map as JSON: its buckets, its axes, and every segment's cells as codes.
--| `{"buckets": 2, "axes": "RF", "segments": [{"segment": "all", "cells": [22, 21, 12, 11]}]}`.
\json_casts(segment_map; crm_segment_map)

--| The segment that a score falls in, by a segment map.
--| NULL: if a score that the map uses is NULL: without money only maps that use M give NULL.
--| Errors: a score outside the buckets of the map, as a 5 in a map of three. The reverse cannot be noticed: a 3 of a three-bucket
--| scheme is the best there, but an average score in a map of five, so use a map with as many buckets as the scheme.
--| Example: SELECT rfm_segment('(5,4,3)')
CREATE FUNCTION rfm_segment(score rfm_score, map segment_map DEFAULT 'rf25') RETURNS text
	AS 'MODULE_PATHNAME', 'crm_rfm_segment' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;


-- ---- the scheme: cut points, frozen ----

--| The cut points between the scores, frozen: what `rfm` scores by, today and next month.
--| A scheme of k buckets has k - 1 cut points an axis, the values `percentile_disc(j/k)` of days since the last visit,
--| of visits and of total spend. Frequency and money score 1 + the number of cut points below the value, recency k - that number:
--| the highest score is best, and equal values always have equal scores.
--| Where cut points are equal, a score between them cannot occur; text and JSON name it:
--| `{5 buckets, recency 12 30 61 144, frequency 1 1 1 3 (no score 2, 3), money 9.5 20 41.25 80}`.
--| Learned without money it has no money part, and `m` is NULL. Text input may leave out what is in parentheses.
--| Errors: text that is not of this form.
\value_type(rfm_scheme; crm_rfm_scheme)

--| A scheme as JSON: `{"buckets": 3, "recency": {"cuts": [30, 90], "collapsed": []}, ...}`; money is null without money.
\json_casts(rfm_scheme; crm_rfm_scheme)

CREATE FUNCTION rfm_scheme_accum(population_state, visit_history, date) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_rfm_scheme_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION rfm_scheme_accum(population_state, visit_history, date, integer) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_rfm_scheme_accum' LANGUAGE C IMMUTABLE PARALLEL SAFE;

CREATE FUNCTION rfm_scheme_final(population_state) RETURNS rfm_scheme
	AS 'MODULE_PATHNAME', 'crm_rfm_scheme_final' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| Learns the cut points of five buckets from a population of histories as they were on as_of.
--| A window, such as the last year, is `rfm_scheme(between_days(h, from_day, as_of), as_of)`.
--| Events after as_of are ignored; histories without a visit by then are no customers and left out.
--| NULL: when no customer is left.
--| Errors: as_of NULL, infinite or not the same for all rows; buckets NULL, not 2 to 9, or not the same for all rows.
--| Example: SELECT channel, rfm_scheme(h, '2024-12-31') FROM customers GROUP BY channel ORDER BY channel
\population_aggregate(rfm_scheme(h visit_history, as_of date); rfm_scheme_accum; rfm_scheme_final)

--| Learns the cut points of 2 to 9 buckets; three go with the segment map rfm27.
--| Example: SELECT rfm_scheme(h, '2024-12-31', 3) FROM customers
\population_aggregate(rfm_scheme(h visit_history, as_of date, buckets integer); rfm_scheme_accum; rfm_scheme_final)

--| A scheme of cut points by hand: days, visits and money, each ascending, one less than there are buckets.
--| A value on a cut point belongs to the bucket below it (for recency, to the better score). money NULL makes a scheme without money.
--| In the example R is 3 within 30 days, F is 3 above 4 visits, M is 3 above 99.50.
--| NULL: when recency or frequency is NULL.
--| Errors: lists of different or wrong length, NULL elements, descending or negative cut points of days and visits.
--| Example: SELECT rfm('{2024-01-05: 12.5, 2024-01-19: 40}', rfm_scheme_from('{30, 90}', '{1, 4}', '{20, 99.50}'), '2024-03-01')
CREATE FUNCTION rfm_scheme_from(recency integer[], frequency integer[], money numeric[]) RETURNS rfm_scheme
	AS 'MODULE_PATHNAME', 'crm_rfm_scheme_from' LANGUAGE C IMMUTABLE PARALLEL SAFE;

--| The recency, frequency and money scores of a customer as of as_of, by a scheme; the number of its buckets is best.
--| NULL: without a visit by as_of; `m` where the history up to as_of or the scheme has no money.
--| Errors: an infinite as_of.
--| Example: SELECT customer_id, rfm(h, scheme, '2024-12-31'), rfm_segment(rfm(h, scheme, '2024-12-31')) FROM customers, learned ORDER BY customer_id LIMIT 3
CREATE FUNCTION rfm(h visit_history, scheme rfm_scheme, as_of date DEFAULT current_date) RETURNS rfm_score
	AS 'MODULE_PATHNAME', 'crm_rfm' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
