import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Plugin } from 'vite';

/**
 * Puts a small classic script into the head, before anything is painted. It has to be a file of its own
 * (the CSP allows no inline script) and classic (a module would run after the first paint).
 */
export function bootScript(path: string): Plugin {
  const devUrl = '/static/boot.js';
  const source = readFileSync(path, 'utf8');
  const hash = createHash('sha256').update(source).digest('base64url').slice(0, 8);
  let url = devUrl;
  return {
    name: 'klieg:boot-script',
    configResolved(config) {
      if (config.command === 'build') url = `/static/boot-${hash}.js`;
    },
    configureServer(server) {
      server.middlewares.use(devUrl, (_request, response) => {
        response.setHeader('Content-Type', 'text/javascript');
        response.end(readFileSync(path));
      });
    },
    generateBundle() {
      this.emitFile({ type: 'asset', fileName: url.slice(1), source });
    },
    transformIndexHtml: () => [{ tag: 'script', attrs: { src: url }, injectTo: 'head-prepend' }],
  };
}
