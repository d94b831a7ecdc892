-- ---------------------------------------------------------------------------
-- Tally: what all aggregates over histories count in
-- ---------------------------------------------------------------------------

--| Internal: counts over a population, the transition state of all aggregates that learn from many histories.
--| Exact and mergeable, so that every plan gives the same bits. Not for columns.
\base_type(population_state; crm_tally; crm_tally_send; IMMUTABLE; double)

CREATE FUNCTION population_combine(population_state, population_state) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_tally_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;

-- An aggregate over histories, that counts in it; room is what a group is
-- expected to take, in bytes.
\define population_aggregate(aggregate; accumulate; final; room = 8192)
<comment>
CREATE AGGREGATE <aggregate> (
	SFUNC = <accumulate>, STYPE = population_state, SSPACE = <room>,
	FINALFUNC = <final>, FINALFUNC_MODIFY = READ_ONLY,
	COMBINEFUNC = population_combine, PARALLEL = SAFE
);
\end
