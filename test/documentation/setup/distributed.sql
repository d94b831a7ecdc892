-- What doc/distributed.md speaks of, with three databases in the place of three servers.
SET client_min_messages = warning;
SELECT format('DROP DATABASE IF EXISTS shard_%s', i), format('CREATE DATABASE shard_%s', i) FROM generate_series(0, 2) AS i \gexec
SELECT current_database() AS asking, current_setting('unix_socket_directories') AS host \gset
\connect shard_0
\ir ../../distributed/shard.sql
\connect shard_1
\ir ../../distributed/shard.sql
\connect shard_2
\ir ../../distributed/shard.sql
\connect :asking
SELECT concat_ws(' ', :'host', :'host', :'host') AS hosts, 'shard_0 shard_1 shard_2' AS databases \gset
\ir ../../distributed/data.sql
SELECT format('ALTER DATABASE %I SET search_path = there, public, crm', current_database()) \gexec
