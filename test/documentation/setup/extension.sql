-- The extension, installed as the README recommends.
CREATE SCHEMA crm;
CREATE EXTENSION crm_retention SCHEMA crm;
SELECT format('ALTER DATABASE %I SET search_path = public, crm', current_database()) \gexec
