-- ---- the columns of the relation in the reader's language ----

--| The Chinese retail trade's words for the columns of a relation made by create_customer_metrics, and what they mean, in order.
--| The first, customer, stands for the source's own column. The words of labels are those of label_zh.
--| Error: the database's encoding has no Chinese characters.
--| Example: `SELECT term FROM customer_metrics_columns_zh() WHERE name = 'latency'`
CREATE FUNCTION customer_metrics_columns_zh(OUT name name, OUT term text, OUT meaning text) RETURNS SETOF record
	AS 'MODULE_PATHNAME', 'crm_metrics_columns_zh' LANGUAGE C IMMUTABLE PARALLEL SAFE ROWS 50;

--| What comment_customer_metrics does. Support for comment_customer_metrics.
CREATE FUNCTION customer_metrics_comment(name text, settings regclass, language text) RETURNS void
	LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
AS $$
DECLARE
	home name := @extschema@.customer_metrics_schema(name, settings);
	s @extschema@.customer_metrics_settings_row;
	comments text := CASE language
		WHEN 'en' THEN 'SELECT c.name, c.meaning AS text FROM @extschema@.customer_metrics_columns() c '
			'UNION ALL SELECT $1, pg_catalog.format(''The customer: %s of %s'', $1, $2)'
		WHEN 'zh' THEN 'SELECT CASE z.name WHEN ''customer'' THEN $1 ELSE z.name END AS name, z.term || '': '' || z.meaning AS text '
			'FROM @extschema@.customer_metrics_columns_zh() z' END;
	col record;
BEGIN
	IF comments IS NULL THEN
		RAISE EXCEPTION 'there are no comments in the language "%"', language
			USING ERRCODE = 'invalid_parameter_value', HINT = 'Say en or zh: CALL comment_customer_metrics(''guests'', ''zh'').';
	END IF;
	EXECUTE pg_catalog.format('SELECT * FROM %s', settings) INTO s;
	FOR col IN EXECUTE comments USING s.customer, s.source LOOP
		EXECUTE pg_catalog.format('COMMENT ON COLUMN %I.%I.%I IS %L', home, name, col.name, col.text);
	END LOOP;
END $$;

--| Comments the columns of a relation of customer metrics, which BI tools show, in English (en) or with the Chinese words of the trade (zh).
--| create_customer_metrics does it in English.
--| Errors: another language; no such customer metrics in the search_path, or another role's; zh where the database's encoding has no Chinese characters.
--| Example: `CALL comment_customer_metrics('guests', 'zh')`
CREATE PROCEDURE comment_customer_metrics(name text, language text DEFAULT 'en')
	LANGUAGE sql
BEGIN ATOMIC
	SELECT @extschema@.customer_metrics_comment(name, to_regclass(quote_ident(name || '_settings')), language);
END;
