-- ---------------------------------------------------------------------------
-- Tally: what all aggregates over histories count in
-- ---------------------------------------------------------------------------

--| Internal: counts over a population, the transition state of all aggregates that learn from many histories.
--| Exact and mergeable, so that every plan gives the same bits. Not for columns.
\base_type(population_state; crm_tally; crm_tally_send; IMMUTABLE; double)

CREATE FUNCTION population_combine(population_state, population_state) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_tally_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
