// Computes in DuckDB, with one thread as in the database, what orders.csv says, and
// prints rows of the table result: ROUND and MICROSECONDS OF THE EXPORT are the arguments.
import { DuckDBInstance } from '@duckdb/node-api';

const [round, exported] = process.argv.slice(2).map(Number);
const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
const connection = await instance.connect();

async function timed(sql) {
	const start = process.hrtime.bigint();
	await connection.run(sql);
	return Number(process.hrtime.bigint() - start) / 1e6;
}

const loaded = await timed(`CREATE TABLE orders AS SELECT * FROM read_csv('orders.csv', header = false,
	columns = {customer_id: 'BIGINT', day: 'DATE', amount: 'DECIMAL(18,2)'})`);
const computed = await timed(`CREATE TABLE facts AS
	WITH visits AS (SELECT customer_id, day, sum(amount) AS amount FROM orders GROUP BY ALL),
	gaps AS (SELECT *, day - lag(day) OVER (PARTITION BY customer_id ORDER BY day) AS gap FROM visits)
	SELECT customer_id, count(*) AS visits, max(day) AS last_day, sum(amount) AS money, avg(gap) AS mean, quantile_cont(gap, 0.5) AS median
	FROM gaps GROUP BY customer_id`);

for (const [contender, ms] of [
	['DuckDB: export, load, compute', exported / 1000 + loaded + computed],
	['DuckDB: the computation alone', computed],
]) {
	console.log(`rivals,facts of every customer,"${contender}",${round},${ms.toFixed(1)}`);
}
