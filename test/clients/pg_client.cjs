// node's pg reads the relation and the composites.
const { Client } = require('pg');

let failed = false;
function check(found, expected, name) {
	const ok = JSON.stringify(found) === JSON.stringify(expected);
	console.log(`${ok ? 'ok' : 'not ok'} - node: ${name}`);
	if (!ok) console.log(`# found ${JSON.stringify(found)}, expected ${JSON.stringify(expected)}`);
	failed ||= !ok;
}

async function main() {
	const client = new Client();
	await client.connect();
	const row = async (query, values) => (await client.query(query, values)).rows[0];

	const guest = await row('SELECT g.* FROM guests_as_of($1) g JOIN guest USING (customer_id)', ['2024-12-31']);
	check([guest.visit_count, guest.rfm_r, guest.p_alive, guest.beyond_data].map((v) => typeof v), ['number', 'number', 'number', 'boolean'],
		'numbers are numbers');
	check([typeof guest.total_spend, guest.first_visit instanceof Date, typeof guest.rfm_segment], ['string', true, 'string'],
		'money keeps its digits as text, days are dates');
	check(await row('SELECT count(*), sum(total_spend) AS money FROM guests'),
		await row('SELECT count(DISTINCT customer_id), sum(amount) AS money FROM orders'), 'one row per customer, money to the last digit');

	const found = await row("SELECT rfm(h, scheme, '2024-12-31') AS score, h, h::jsonb AS json, latencies(h) AS latencies, visit_count(h) AS visits FROM guest");
	const text = await row("SELECT rfm(h, scheme, '2024-12-31')::text AS score, h::text AS h FROM guest");
	check([found.score, found.h], [text.score, text.h], 'composites and histories are their text');
	check([typeof found.json, found.latencies.length], ['object', found.visits - 1], 'a history as json is an object, latencies an array');
	const summary = await row('SELECT s.* FROM guest, model_summary(model) s');
	check([typeof summary.family, summary.parameters.length, typeof summary.aic, typeof summary.converged], ['string', 5, 'number', 'boolean'],
		'the columns of model_summary');
	await client.end();
}

main().then(() => process.exit(failed ? 1 : 0));
