// Runs after npm install.  The page's DuckDB is held at a version that fetches
// nothing at run time (package.json, overrides), and that version does not know
// two settings which Evidence gives it: their lines are taken out.
import { readFileSync, writeFileSync } from 'node:fs';

for (const side of ['node', 'browser']) {
	const file = `node_modules/@evidence-dev/universal-sql/src/client-duckdb/${side}.js`;
	const lines = readFileSync(file, 'utf8').split('\n');
	const kept = lines.filter((line) => !/ieee_floating_point_ops|old_implicit_casting/.test(line));
	if (kept.length !== lines.length) writeFileSync(file, kept.join('\n'));
}
