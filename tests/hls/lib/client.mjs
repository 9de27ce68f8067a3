// A small HTTP client that shows what players see: raw headers, undecoded bodies, and when bytes came.

import http from 'node:http';
import https from 'node:https';

export class Client {
  #agents;
  #timeoutMs;

  constructor({ timeoutMs = 15_000 } = {}) {
    const options = { keepAlive: true, maxSockets: 64 };
    this.#agents = {
      'http:': new http.Agent(options),
      'https:': new https.Agent({ ...options, rejectUnauthorized: false }),
    };
    this.#timeoutMs = timeoutMs;
  }

  // { status, headers, body, sentAt, firstByteAt, receivedAt }; times in ms since the epoch.
  request(url, { method = 'GET', headers = {}, signal } = {}) {
    const target = new URL(url);
    const { request } = target.protocol === 'https:' ? https : http;
    return new Promise((resolve, reject) => {
      const sentAt = Date.now();
      const outgoing = request(
        target,
        { method, headers, signal, agent: this.#agents[target.protocol], timeout: this.#timeoutMs },
        (incoming) => {
          const firstByteAt = Date.now();
          const chunks = [];
          incoming.on('data', (chunk) => chunks.push(chunk));
          incoming.on('error', reject);
          incoming.on('end', () =>
            resolve({
              status: incoming.statusCode,
              headers: incoming.headers,
              body: Buffer.concat(chunks),
              sentAt,
              firstByteAt,
              receivedAt: Date.now(),
            }),
          );
        },
      );
      outgoing.on('timeout', () => outgoing.destroy(new Error(`no answer within ${this.#timeoutMs} ms: ${url}`)));
      outgoing.on('error', reject);
      outgoing.end();
    });
  }

  close() {
    for (const agent of Object.values(this.#agents)) agent.destroy();
  }
}
