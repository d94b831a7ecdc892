-- ---------------------------------------------------------------------------
-- Stages, tiers, segments: the words for them
-- ---------------------------------------------------------------------------

--| The Chinese word of the retail trade for a label of ours.
--| Any other text, and NULL, give NULL, so that
--| `coalesce(label_zh(segment), segment)` serves maps of your own too. Case
--| does not matter. A label of several classifications has one word that fits
--| all of them: new, lost, active, regular (a loyalty level, a member segment
--| and a value tier), and so on.
--| Error: the database's encoding has no Chinese characters.
--| Example: `label_zh('sleeping')`.
CREATE FUNCTION label_zh(label text) RETURNS text
	AS 'MODULE_PATHNAME', 'crm_label_zh' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
