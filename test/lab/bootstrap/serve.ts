/** Serves the files of a folder by HTTP, inside a node. Arguments: folder, port (8000 unless told). */
import { createReadStream } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';

const [folder = '.', port = '8000'] = process.argv.slice(2);
createServer((request, response) => {
  const file = createReadStream(join(folder, basename(request.url ?? '')));
  file.once('error', () => response.writeHead(404).end());
  file.once('open', () => file.pipe(response));
}).listen(Number(port), '0.0.0.0');
