-- The extension in a schema of its own, on the search path of whoever connects.
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
SELECT format('ALTER DATABASE %I SET search_path = public, crm', current_database()) \gexec
