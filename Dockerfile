# The official PostgreSQL image with crm_retention installed:
#
#   docker build -t postgres-crm --build-arg PG_MAJOR=17 .
#
# It is used like the official one; then, in a database, CREATE EXTENSION crm_retention.
ARG PG_MAJOR=17
FROM postgres:${PG_MAJOR}

# The image sets PG_MAJOR itself. The build happens outside the source tree; what it needs is gone in the same layer.
RUN --mount=type=bind,target=/src \
	set -eux; \
	savedAptMark="$(apt-mark showmanual)"; \
	apt-get update; \
	apt-get install -y --no-install-recommends gcc libc6-dev make "postgresql-server-dev-$PG_MAJOR"; \
	mkdir /tmp/crm_retention; \
	cd /tmp/crm_retention; \
	make -f /src/Makefile VPATH=/src PG_CONFIG="/usr/lib/postgresql/$PG_MAJOR/bin/pg_config" with_llvm=no install; \
	cd /; \
	rm -r /tmp/crm_retention; \
	apt-mark auto '.*' > /dev/null; \
	apt-mark manual $savedAptMark > /dev/null; \
	apt-get purge -y --auto-remove -o APT::AutoRemove::RecommendsImportant=false -o APT::AutoRemove::SuggestsImportant=false; \
	rm -rf /var/lib/apt/lists/*
