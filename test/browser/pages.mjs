// Serves a directory of a page of one's own on a port of its choice, as any static host does.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { once } from "node:events";

const types = { ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8", ".svg": "image/svg+xml" };

/**
 * servePages listens on loopback. Returns its origin; serve(directory, change), which sets what it serves, each text as change(text)
 * gives it; and stop(). A path without a file is the page itself, as single-page applications need it. headers are sent with each.
 */
export async function servePages(headers = {}) {
  let directory;
  let change = (text) => text;
  const server = createServer(async (request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
    const name = extname(path) ? path : "/index.html";
    const body = await readFile(join(directory, name), "utf8").catch(() => undefined);
    response.writeHead(body === undefined ? 404 : 200, { ...headers, "Content-Type": types[extname(name)] ?? "application/octet-stream" });
    response.end(body === undefined ? "" : change(body));
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    origin: `http://127.0.0.1:${server.address().port}`,
    serve(from, with_ = (text) => text) {
      [directory, change] = [from, with_];
    },
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}
