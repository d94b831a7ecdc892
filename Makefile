# crm_retention: a PostgreSQL extension (PGXS).
#
#   make demo        the main job on simulated data, or DATA=file.csv for your own
#   make dashboard   the same as a site to look at (examples/dashboard)
#   make test        everything
#   make bench       the benchmark; make benchmark-page puts what it found into doc/fast.md
#   make reference   what is made for the documentation, after a comment in the SQL changed
#
#   make fuzz, coverage, lint, test-asan, test-valgrind, test-sqlsmith,
#   test-all-versions, test-assert, test-memory, test-interrupts, test-pg-upgrade,
#   test-maths
#                the long checks; each is a script of tools/check
#
#   make deb     Debian packages into build/; make test-deb tries them out,
#                make test-dockerfile the Dockerfile
#   make dist    the archive for PGXN into build/
#
# All of them bring or name what they need and use a throw-away cluster.  For
# an installation: make, make install, both with PG_CONFIG=… where more than
# one PostgreSQL is installed.  The version stands in crm_retention.control
# and nowhere else.

srcdir := $(patsubst %/,%,$(dir $(firstword $(MAKEFILE_LIST))))

EXTENSION  = crm_retention
EXTVERSION := $(shell sed -n "s/^default_version *= *'\(.*\)'.*/\1/p" $(srcdir)/crm_retention.control)
MODULE_big = crm_retention

# The concepts, in dependency order. Each is a folder of src/ with its C, its
# headers and, where it has a face in SQL, its <concept>.sql.
CONCEPTS = server tally history latency simulate rfm segments retention maths btyd value bi terms

C_HEADERS := $(wildcard $(srcdir)/src/*/*.h)
SOURCES     := $(foreach c,$(CONCEPTS),$(sort $(wildcard $(srcdir)/src/$(c)/*.c)))
SQL_PARTS   := $(foreach c,$(CONCEPTS),$(wildcard $(srcdir)/src/$(c)/$(c).sql))
OBJS        := $(patsubst $(srcdir)/%.c,%.o,$(SOURCES))

DATA_built  = $(EXTENSION)--$(EXTVERSION).sql
DATA        = $(filter-out %/$(DATA_built),$(wildcard $(srcdir)/src/upgrade/*.sql))
PG_CPPFLAGS = -I$(srcdir)/src -DCRM_VERSION='"$(EXTVERSION)"'
PG_CFLAGS   = -Wall -Wextra -Wno-unused-parameter -Wno-sign-compare -Wno-missing-field-initializers -fvisibility=hidden
SHLIB_LINK  = -lm
EXTRA_CLEAN = .built-for

REGRESS        := $(sort $(notdir $(basename $(wildcard $(srcdir)/sql/*.sql))))
REGRESS_OPTS    = --load-extension=$(EXTENSION)
ISOLATION      := $(sort $(notdir $(basename $(wildcard $(srcdir)/test/isolation/specs/*.spec))))
ISOLATION_OPTS  = --load-extension=$(EXTENSION) --inputdir=$(srcdir)/test/isolation

PG_CONFIG ?= pg_config
PGXS := $(wildcard $(shell $(PG_CONFIG) --pgxs 2>/dev/null))

ifneq ($(PGXS),)

include $(PGXS)

ifneq ($(filter 9.% 10 11 12 13 14,$(MAJORVERSION)),)
$(error $(EXTENSION) needs PostgreSQL 15 or later, and $(PG_CONFIG) is of $(VERSION))
endif

# The parts one after the other, their templates filled in, then their comments for psql to show.
$(DATA_built): $(SQL_PARTS) $(srcdir)/crm_retention.control $(srcdir)/Makefile $(srcdir)/tools/reference.pl
	{ printf '%s\n' '\echo Use "CREATE EXTENSION $(EXTENSION)" to load this file. \quit' && \
		$(srcdir)/tools/reference.pl script $(SQL_PARTS); } > $@ || { rm -f $@; false; }

# What was built for another server, with other flags or from other files is
# built anew.
BUILD := $(strip $(VERSION) $(CFLAGS) $(SOURCES) $(SQL_PARTS))
ifneq ($(strip $(file <.built-for)),$(BUILD))
$(file >.built-for,$(BUILD))
endif
$(OBJS) $(OBJS:.o=.bc): .built-for $(C_HEADERS)
$(DATA_built): .built-for

# A build outside the source tree starts without folders.
$(shell mkdir -p $(dir $(OBJS)))

else

all install installcheck clean:
	@echo 'No development files of a PostgreSQL server found. Name them with PG_CONFIG=…/bin/pg_config,' >&2
	@echo 'or install them; on Debian: apt-get install gcc libc6-dev postgresql-server-dev-all' >&2
	@false

endif

demo:
	@$(srcdir)/tools/cluster.sh run $(srcdir)/tools/demo/run

dashboard:
	@$(srcdir)/tools/cluster.sh run $(srcdir)/tools/dashboard/run

test:
	@$(srcdir)/tools/cluster.sh run $(srcdir)/tools/test.sh $(ONLY)

# The reference page, from the comments of the SQL parts; then its examples
# run, and the charts are drawn.
reference:
	$(srcdir)/tools/reference.pl page $(SQL_PARTS) > $(srcdir)/doc/reference.md
	@$(srcdir)/tools/cluster.sh run sh -c '$(srcdir)/test/documentation/run --update doc/reference.md && $(srcdir)/tools/charts.pl'

bench:
	@CLUSTER_SETTINGS=$(srcdir)/tools/bench/server.conf $(srcdir)/tools/cluster.sh run $(srcdir)/tools/bench/run

# The tables and charts of doc/fast.md, from doc/benchmark/*.csv.
benchmark-page:
	@$(srcdir)/tools/bench/page.py $(srcdir)/doc

# The long checks; each says at its beginning what it takes.
CHECKS = fuzz coverage lint test-asan test-valgrind test-sqlsmith test-all-versions test-assert \
	test-memory test-interrupts test-pg-upgrade test-maths
$(CHECKS):
	@$(srcdir)/tools/check/$(@:test-%=%)

# At a release: its install script, and values as it stores them (src/upgrade/README.md).
keep-release: $(DATA_built)
	cp $(DATA_built) $(srcdir)/src/upgrade/
	@$(srcdir)/tools/cluster.sh run $(srcdir)/test/upgrade/run --keep

# Packages; packaging/ has what makes and tests them.
deb test-deb test-dockerfile:
	@$(srcdir)/packaging/$@

dist:
	@mkdir -p $(srcdir)/build
	git -C $(srcdir) archive --prefix=$(EXTENSION)-$(EXTVERSION)/ --output=build/$(EXTENSION)-$(EXTVERSION).zip HEAD

.PHONY: all install installcheck clean demo dashboard test bench benchmark-page reference deb test-deb test-dockerfile dist keep-release $(CHECKS)
