-- ---------------------------------------------------------------------------
-- Tally: what all aggregates over histories count in
-- ---------------------------------------------------------------------------

CREATE TYPE population_state;

CREATE FUNCTION population_state_in(cstring) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_tally_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION population_state_out(population_state) RETURNS cstring
	AS 'MODULE_PATHNAME', 'crm_tally_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION population_state_recv(internal) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_tally_recv' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION population_state_send(population_state) RETURNS bytea
	AS 'MODULE_PATHNAME', 'crm_tally_send' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

--| Internal: counts over a population, the transition state of all aggregates that learn from many histories.
--| Exact and mergeable, so that every plan gives the same bits. Not for columns.
CREATE TYPE population_state (
	INPUT = population_state_in,
	OUTPUT = population_state_out,
	RECEIVE = population_state_recv,
	SEND = population_state_send,
	INTERNALLENGTH = variable,
	ALIGNMENT = double,
	STORAGE = extended
);

CREATE FUNCTION population_combine(population_state, population_state) RETURNS population_state
	AS 'MODULE_PATHNAME', 'crm_tally_combine' LANGUAGE C IMMUTABLE PARALLEL SAFE;
