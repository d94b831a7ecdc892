// Serves the built site on this machine only: npm run open, or PORT=… npm run open.
import { createReadStream, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';

const site = join(dirname(fileURLToPath(import.meta.url)), '..', 'build');
const port = Number(process.env.PORT ?? 3000);
const types = {
	'.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json',
	'.wasm': 'application/wasm', '.svg': 'image/svg+xml', '.png': 'image/png', '.ico': 'image/x-icon'
};

// A page may ask this server, and nobody else.
const policy = "default-src 'self' data: blob: 'unsafe-inline' 'unsafe-eval'";

// The file for a path of the site; a page is the index.html of its folder.
function fileFor(path) {
	const file = join(site, normalize(join('/', path)));
	const found = statSync(file, { throwIfNoEntry: false });
	if (found?.isDirectory()) return fileFor(join(path, 'index.html'));
	return found && { file, size: found.size };
}

function answer(request, response) {
	let found;
	try {
		found = fileFor(decodeURIComponent(request.url.split('?')[0]));
	} catch {
		// A path that is no path.
	}
	if (!found) {
		response.writeHead(404).end('There is no such page.');
		return;
	}
	response.writeHead(200, {
		'Content-Type': types[extname(found.file)] ?? 'application/octet-stream',
		'Content-Length': found.size,
		'Content-Security-Policy': policy
	});
	createReadStream(found.file).pipe(response);
}

createServer(answer).listen(port, '127.0.0.1', () => console.log(`http://127.0.0.1:${port}/  (Ctrl-C ends it)`));
