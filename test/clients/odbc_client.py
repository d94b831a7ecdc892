"""ODBC (psqlODBC through unixODBC) reads the relation and the composites."""
import datetime
import decimal
import os
import sys

import pyodbc

import tap
from tap import check

connection = pyodbc.connect(f"DRIVER={sys.argv[1]};SERVER={os.environ['PGHOST']};PORT={os.environ['PGPORT']};"
                            f"DATABASE={os.environ['PGDATABASE']};UID={os.environ['PGUSER']}")
cursor = connection.cursor()

columns = {c.column_name: c for c in cursor.columns(table="guests", schema="public")}
check({n: columns[n].type_name for n in ("customer_id", "visit_count", "first_visit", "total_spend", "p_alive", "rfm_segment")},
      {"customer_id": "int8", "visit_count": "int4", "first_visit": "date", "total_spend": "numeric", "p_alive": "float8",
       "rfm_segment": "text"}, "ODBC: SQLColumns names the types")

row = cursor.execute("SELECT g.customer_id, g.visit_count, g.first_visit, g.total_spend, g.p_alive, g.rfm_r, g.rfm_segment, g.latency, g.beyond_data "
                     "FROM guests_as_of(?) g, facts f WHERE g.customer_id = f.customer_id AND f.visit_count = 1 ORDER BY 1 LIMIT 1",
                     datetime.date(2024, 12, 31)).fetchone()
check([type(v) for v in row[:7]], [int, int, datetime.date, decimal.Decimal, float, int, str], "ODBC: types of the values")
check(row.latency, None, "ODBC: an unknown latency is None")

check(cursor.execute("SELECT count(*), count(*) FILTER (WHERE g.total_spend = f.total_spend) FROM guests g FULL JOIN facts f USING (customer_id)")
      .fetchone()[:], cursor.execute("SELECT count(DISTINCT customer_id), count(DISTINCT customer_id) FROM orders").fetchone()[:],
      "ODBC: one row per customer, money to the last digit")
total = cursor.execute("SELECT sum(total_spend) FROM guests").fetchone()[0]
check(total, cursor.execute("SELECT sum(amount) FROM orders").fetchone()[0], "ODBC: total_spend is a Decimal with every cent")

native = cursor.execute("SELECT rfm(h, scheme, '2024-12-31') AS score, next_visit_range(h, model, '2024-12-31') AS range, h, h::jsonb AS json, "
                        "latencies(h) AS latencies FROM guest").fetchone()
as_text = cursor.execute("SELECT rfm(h, scheme, '2024-12-31')::text, next_visit_range(h, model, '2024-12-31')::text, h::text, h::jsonb::text, "
                         "latencies(h)::text FROM guest").fetchone()
check(native[:], as_text[:], "ODBC: composites, ranges, histories and arrays are their text")
family, parameters, aic, converged = cursor.execute("SELECT s.family, s.parameters::text, s.aic, s.converged FROM guest, model_summary(model) s").fetchone()
check((type(family), parameters[0], type(aic)), (str, "{", float), "ODBC: the columns of model_summary")
check(cursor.execute("SELECT visit_count(CAST(? AS visit_history)) - visit_count(h) FROM guest", native.h).fetchone()[0], 0,
      "ODBC: the text of a history is taken back as a parameter")

sys.exit(tap.failures > 0)
