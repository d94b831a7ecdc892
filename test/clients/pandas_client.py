"""psycopg2, SQLAlchemy and pandas read the relation and the composites."""
import datetime
import decimal
import sys
import warnings

import pandas
import psycopg2.extras
import sqlalchemy
from psycopg2.extras import DateRange
from sqlalchemy import text

import tap
from tap import check

warnings.simplefilter("error")
engine = sqlalchemy.create_engine("postgresql+psycopg2://", future=True)

# SQLAlchemy names a type for every column, and the meaning of each.
columns = sqlalchemy.inspect(engine).get_columns("guests")
types = {c["name"]: type(c["type"]).__name__ for c in columns}
check(sorted(set(types.values())),
      ["BIGINT", "BOOLEAN", "DATE", "DOUBLE_PRECISION", "INTEGER", "NUMERIC", "SMALLINT", "TEXT"],
      "SQLAlchemy: every column is of a plain type")
check({n: types[n] for n in ("customer_id", "visit_count", "first_visit", "total_spend", "p_alive", "rfm_segment", "beyond_data")},
      {"customer_id": "BIGINT", "visit_count": "INTEGER", "first_visit": "DATE", "total_spend": "NUMERIC",
       "p_alive": "DOUBLE_PRECISION", "rfm_segment": "TEXT", "beyond_data": "BOOLEAN"},
      "SQLAlchemy: types by name")
check([c["name"] for c in columns if not c["comment"]], [], "SQLAlchemy: every column has a comment")

with engine.connect() as connection:
    guests = pandas.read_sql(text("SELECT * FROM guests_as_of(:day)").bindparams(day=datetime.date(2024, 12, 31)), connection,
                             coerce_float=False)
    facts = pandas.read_sql(text("SELECT * FROM facts"), connection, coerce_float=False)

check({n: str(guests[n].dtype) for n in ("customer_id", "visit_count", "p_alive", "beyond_data", "latency")},
      {"customer_id": "int64", "visit_count": "int64", "p_alive": "float64", "beyond_data": "bool", "latency": "float64"},
      "pandas: dtypes of the numbers")
check((type(guests.total_spend[0]), type(guests.first_visit[0]), type(guests.rfm_segment[0])),
      (decimal.Decimal, datetime.date, str), "pandas: money is Decimal, days are dates, labels are str")
both = guests.merge(facts, on="customer_id", suffixes=("", "_fact"))
check((len(guests), len(both)), (len(facts), len(facts)), "pandas: one row per customer")
for name in ("visit_count", "first_visit", "last_visit", "total_spend"):
    check(int((both[name] != both[name + "_fact"]).sum()), 0, f"pandas: {name} equals the server's own aggregate")
check(bool((guests.latency.isna() == (guests.visit_count < 2)).all()), True, "pandas: latency is missing under two visits, and only there")

with engine.connect() as connection:
    cursor = connection.connection.cursor()
    psycopg2.extras.register_composite("crm.rfm_score", cursor)
    cursor.execute("SELECT rfm(h, scheme, %s), rfm_code(rfm(h, scheme, %s)) FROM guest", (datetime.date(2024, 12, 31),) * 2)
    score, code = cursor.fetchone()
    check((type(score).__name__, score.r * 100 + score.f * 10 + score.m), ("rfm_score", code), "psycopg2: rfm_score is a named tuple")

    cursor.execute("SELECT next_visit_range(h, model, '2024-12-31'), m.next_visit_from, m.next_visit_to "
                   "FROM guest, customer_metrics(h, norms, scheme, NULL, NULL, model, spend, '2024-12-31') m")
    found, first, last = cursor.fetchone()
    check(found, DateRange(first, last + datetime.timedelta(1), "[)"), "psycopg2: next_visit_range is a DateRange, both days included")

    cursor.execute("SELECT s.family, s.parameters, s.log_likelihood, s.customers, s.iterations, s.converged, s.warning "
                   "FROM guest, model_summary(model) s")
    check([type(v) for v in cursor.fetchone()], [str, list, float, int, int, bool, type(None)], "psycopg2: the columns of model_summary")

    cursor.execute("SELECT h, h::jsonb, h::json, latencies(h), visit_count(h) FROM guest")
    history, jsonb, json, latencies, visits = cursor.fetchone()
    check((type(history), type(jsonb), jsonb == json, len(latencies)), (str, list, True, visits - 1),
          "psycopg2: a history is text, or as json a list, and latencies is a list")
    cursor.execute("SELECT %s = h, visit_count(%s) FROM guest", (history, history))
    check(cursor.fetchone(), (True, visits), "psycopg2: the text of a history is taken back as a parameter")

sys.exit(tap.failures > 0)
