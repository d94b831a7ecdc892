-- A number from 0 to 1 that looks random and is the same everywhere.
CREATE FUNCTION draw(what text, who bigint) RETURNS double precision LANGUAGE sql IMMUTABLE
	RETURN ('x' || substr(md5(what || ' ' || who), 1, 8))::bit(32)::bigint / 4294967296.0;
