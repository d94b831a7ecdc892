-- Everything into the one table of results, so that it can be written to a file.
SET search_path = public, crm;
INSERT INTO result (part, what, contender, round, ms) SELECT 'forecasts of 100,000 customers', what, 'ours', 0, ms FROM forecast;
INSERT INTO result (part, what, contender, round, ms) SELECT 'relation', what, 'ours', 0, ms FROM relation_speed;
