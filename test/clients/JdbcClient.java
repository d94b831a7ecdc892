import java.math.BigDecimal;
import java.sql.*;
import java.util.*;

/** The JDBC driver reads the relation and the composites. */
public class JdbcClient
{
	static boolean failed;

	static void check(Object found, Object expected, String name)
	{
		boolean ok = Objects.equals(found, expected);
		System.out.println((ok ? "ok" : "not ok") + " - JDBC: " + name);
		if (!ok)
			System.out.println("# found " + found + ", expected " + expected);
		failed |= !ok;
	}

	/** The values of the first row, as the driver gives them. */
	static List<Object> row(PreparedStatement statement) throws SQLException
	{
		List<Object> values = new ArrayList<>();
		try (ResultSet result = statement.executeQuery())
		{
			result.next();
			for (int i = 1; i <= result.getMetaData().getColumnCount(); i++)
				values.add(result.getObject(i));
		}
		return values;
	}

	static List<Object> row(Connection connection, String query) throws SQLException
	{
		try (PreparedStatement statement = connection.prepareStatement(query))
		{
			return row(statement);
		}
	}

	static String classes(List<Object> values)
	{
		StringJoiner names = new StringJoiner(" ");
		for (Object value : values)
			names.add(value == null ? "null" : value.getClass().getSimpleName());
		return names.toString();
	}

	/** What Metabase and its kin read first: tables, columns, remarks. */
	static void catalogue(Connection connection) throws SQLException
	{
		Map<String, Integer> types = new TreeMap<>();
		List<String> silent = new ArrayList<>();
		DatabaseMetaData metadata = connection.getMetaData();

		try (ResultSet columns = metadata.getColumns(null, "public", "guests", "%"))
		{
			while (columns.next())
			{
				types.merge(JDBCType.valueOf(columns.getInt("DATA_TYPE")).getName(), 1, Integer::sum);
				if (columns.getString("REMARKS") == null)
					silent.add(columns.getString("COLUMN_NAME"));
			}
		}
		check(types.keySet().toString(), "[BIGINT, BIT, DATE, DOUBLE, INTEGER, NUMERIC, SMALLINT, VARCHAR]", "every column is of a plain type");
		check(silent, List.of(), "every column has remarks");
		try (ResultSet tables = metadata.getTables(null, "public", "guests", null))
		{
			check(tables.next() ? tables.getString("TABLE_TYPE") : "none", "VIEW", "the relation is a view");
		}
	}

	static void values(Connection connection) throws SQLException
	{
		try (PreparedStatement statement = connection.prepareStatement(
			"SELECT g.customer_id, g.visit_count, g.first_visit, g.total_spend, g.p_alive, g.rfm_r, g.rfm_segment, g.beyond_data, g.latency"
			+ " FROM guests_as_of(?) g JOIN facts f USING (customer_id) WHERE f.visit_count = 1 ORDER BY 1 LIMIT 1"))
		{
			statement.setDate(1, java.sql.Date.valueOf("2024-12-31"));
			List<Object> text = row(statement), last = text;

			check(classes(text), "Long Integer Date BigDecimal Double Integer String Boolean null", "types of the values");
			/* From the fifth execution on the driver prepares on the server and reads binary. */
			for (int i = 0; i < 8; i++)
				last = row(statement);
			check(last, text, "the same values in text and in binary");
		}
		check(row(connection, "SELECT count(*), sum(total_spend) FROM guests"),
			row(connection, "SELECT count(DISTINCT customer_id), sum(amount) FROM orders"), "one row per customer, money to the last digit");
	}

	static void composites(Connection connection) throws SQLException
	{
		String query = "SELECT rfm(h, scheme, '2024-12-31')%1$s, next_visit_range(h, model, '2024-12-31')%1$s, h%1$s, h::jsonb%1$s FROM guest";
		List<Object> objects = row(connection, String.format(query, "")), texts = row(connection, String.format(query, "::text"));
		List<Object> values = new ArrayList<>();

		for (Object object : objects)
			values.add(object.toString());
		check(values, texts, "composites, ranges, histories and jsonb are objects with their text");
		check(classes(row(connection, "SELECT s.* FROM guest, model_summary(model) s")),
			"String PgArray PgArray Double Double Long Integer Boolean null", "the columns of model_summary");
		check(((Double[]) ((Array) row(connection, "SELECT parameters FROM guest, model_summary(model)").get(0)).getArray()).length, 5,
			"the parameters are an array of Double");
		try (PreparedStatement statement = connection.prepareStatement("SELECT h = ?::visit_history FROM guest"))
		{
			statement.setString(1, (String) texts.get(2));
			check(row(statement).get(0), true, "the text of a history is taken back as a parameter");
		}
	}

	public static void main(String[] arguments) throws Exception
	{
		Map<String, String> env = System.getenv();
		String url = String.format("jdbc:postgresql://127.0.0.1:%s/%s?user=%s", env.get("PGPORT"), env.get("PGDATABASE"), env.get("PGUSER"));

		try (Connection connection = DriverManager.getConnection(url))
		{
			catalogue(connection);
			values(connection);
			composites(connection);
		}
		System.exit(failed ? 1 : 0);
	}
}
