-- What all value types have in common.
--
-- First, a type of variable length with text and binary input and output. The comment
-- before its use is the type's. <c> begins the names of its C functions.
\define base_type(type; c; send; transfer = IMMUTABLE; alignment = int4)
CREATE TYPE <type>;

CREATE FUNCTION <type>_in(cstring) RETURNS <type>
	AS 'MODULE_PATHNAME', '<c>_in' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_out(<type>) RETURNS cstring
	AS 'MODULE_PATHNAME', '<c>_out' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_recv(internal) RETURNS <type>
	AS 'MODULE_PATHNAME', '<c>_recv' LANGUAGE C <transfer> STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_send(<type>) RETURNS bytea
	AS 'MODULE_PATHNAME', '<send>' LANGUAGE C <transfer> STRICT PARALLEL SAFE;

<comment>
CREATE TYPE <type> (
	INPUT = <type>_in,
	OUTPUT = <type>_out,
	RECEIVE = <type>_recv,
	SEND = <type>_send,
	INTERNALLENGTH = variable,
	ALIGNMENT = <alignment>,
	STORAGE = extended
);
\end

-- A type whose values are in canonical form (packed.c): compared and hashed as
-- bytes, and sent as they are where no names in them must be transcoded.
\define value_type(type; c; send = crm_packed_send; transfer = IMMUTABLE)
<comment>
\base_type(<type>; <c>; <send>; <transfer>)

CREATE FUNCTION <type>_eq(<type>, <type>) RETURNS boolean
	AS 'MODULE_PATHNAME', 'crm_packed_eq' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_ne(<type>, <type>) RETURNS boolean
	AS 'MODULE_PATHNAME', 'crm_packed_ne' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_hash(<type>) RETURNS integer
	AS 'MODULE_PATHNAME', 'crm_packed_hash' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_hash_extended(<type>, bigint) RETURNS bigint
	AS 'MODULE_PATHNAME', 'crm_packed_hash_extended' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;

CREATE OPERATOR = (
	LEFTARG = <type>, RIGHTARG = <type>, FUNCTION = <type>_eq,
	COMMUTATOR = =, NEGATOR = <>, RESTRICT = eqsel, JOIN = eqjoinsel, HASHES
);
CREATE OPERATOR <> (
	LEFTARG = <type>, RIGHTARG = <type>, FUNCTION = <type>_ne,
	COMMUTATOR = <>, NEGATOR = =, RESTRICT = neqsel, JOIN = neqjoinsel
);
CREATE OPERATOR CLASS <type>_ops DEFAULT FOR TYPE <type> USING hash AS
	OPERATOR 1 =,
	FUNCTION 1 <type>_hash(<type>),
	FUNCTION 2 <type>_hash_extended(<type>, bigint);
\end

-- Its casts to json and jsonb. The comment before the use is that of the first.
\define json_casts(type; c)
CREATE FUNCTION <type>_to_json(<type>) RETURNS json
	AS 'MODULE_PATHNAME', '<c>_to_json' LANGUAGE C IMMUTABLE STRICT PARALLEL SAFE;
CREATE FUNCTION <type>_to_jsonb(<type>) RETURNS jsonb
	LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
	RETURN <type>_to_json($1)::jsonb;

<comment>
CREATE CAST (<type> AS json) WITH FUNCTION <type>_to_json(<type>);
CREATE CAST (<type> AS jsonb) WITH FUNCTION <type>_to_jsonb(<type>);
\end
