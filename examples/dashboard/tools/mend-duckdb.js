// Runs after npm install, and mends two things in Evidence's use of DuckDB.
//
// The page's DuckDB is held at a version that fetches nothing at run time
// (package.json, overrides), and that version does not know two settings which
// Evidence gives it: their lines are taken out.
//
// For a source without rows Evidence writes no file but lists one, and then no
// source can be read at all: it writes an empty file instead.
import { readFileSync, writeFileSync } from 'node:fs';

function mend(name, change) {
	const file = `node_modules/@evidence-dev/universal-sql/src/${name}`;
	const text = readFileSync(file, 'utf8');
	const changed = change(text);
	if (changed !== text) writeFileSync(file, changed);
}

for (const side of ['node', 'browser']) {
	mend(`client-duckdb/${side}.js`, (text) => text.replace(/^.*(ieee_floating_point_ops|old_implicit_casting).*\n/gm, ''));
}
mend('build-parquet.js', (text) =>
	text.replace('if (currentBatch.length) await flush', 'if (currentBatch.length || !tmpFilenames.length) await flush'));
