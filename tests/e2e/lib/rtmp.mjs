// An RTMP client that can be wrong on purpose: handshake, commands, raw bytes.

import net from 'node:net';

const CHUNK = 128;

const str = (text) => {
  const bytes = Buffer.from(text);
  return Buffer.concat([Buffer.from([2, bytes.length >> 8, bytes.length & 255]), bytes]);
};
const num = (value) => {
  const bytes = Buffer.alloc(9);
  bytes.writeDoubleBE(value, 1);
  return bytes;
};
const nul = Buffer.from([5]);
const obj = (members) =>
  Buffer.concat([
    Buffer.from([3]),
    ...Object.entries(members).map(([key, value]) =>
      Buffer.concat([str(key).subarray(1), typeof value === 'number' ? num(value) : str(value)]),
    ),
    Buffer.from([0, 0, 9]),
  ]);

export class RtmpClient {
  #socket;
  received = Buffer.alloc(0);
  isClosed = false;

  static async connect(port) {
    const client = new RtmpClient();
    client.#socket = net.connect({ port, host: '127.0.0.1' });
    client.#socket.on('data', (chunk) => (client.received = Buffer.concat([client.received, chunk])));
    client.#socket.on('error', () => {});
    client.closed = new Promise((resolve) =>
      client.#socket.on('close', () => {
        client.isClosed = true;
        resolve();
      }),
    );
    await new Promise((resolve, reject) => client.#socket.once('connect', resolve).once('error', reject));
    return client;
  }

  send(bytes) {
    if (!this.isClosed) this.#socket.write(bytes);
  }

  async #until(probe, timeoutMs = 8000) {
    const deadline = Date.now() + timeoutMs;
    while (!probe()) {
      if (this.isClosed || Date.now() > deadline) throw new Error(`RTMP: ${this.isClosed ? 'closed' : 'no answer'}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async handshake() {
    const c1 = Buffer.alloc(1536, 7);
    c1.fill(0, 0, 8);
    this.send(Buffer.concat([Buffer.from([3]), c1]));
    await this.#until(() => this.received.length >= 3073);
    this.send(this.received.subarray(1, 1537));
    this.received = this.received.subarray(3073);
  }

  // One message in chunks of 128 bytes, on chunk stream 3 (commands) or 6.
  message(type, body, { stream = 0, time = 0, csid = type === 20 ? 3 : 6, length = body.length } = {}) {
    const header = Buffer.alloc(12);
    header[0] = csid;
    header.writeUIntBE(time, 1, 3);
    header.writeUIntBE(length, 4, 3);
    header[7] = type;
    header.writeUInt32LE(stream, 8);
    const parts = [header, body.subarray(0, CHUNK)];
    for (let at = CHUNK; at < body.length; at += CHUNK)
      parts.push(Buffer.from([0xc0 | csid]), body.subarray(at, at + CHUNK));
    this.send(Buffer.concat(parts));
  }

  async connectApp(app = 'app') {
    this.message(20, Buffer.concat([str('connect'), num(1), obj({ app, tcUrl: `rtmp://127.0.0.1/${app}` })]));
    await this.#until(() => this.received.includes('NetConnection.Connect.'));
  }

  // Sends publish; resolves to what came back: the status code and its description.
  async publish(key) {
    this.message(20, Buffer.concat([str('createStream'), num(2), nul]));
    await this.#until(() => (this.received.toString('latin1').match(/_result/g) ?? []).length >= 2);
    const before = this.received.length;
    this.message(20, Buffer.concat([str('publish'), num(3), nul, str(key), str('live')]), { stream: 1 });
    await this.#until(() => this.received.includes('NetStream.Publish.', before));
    await new Promise((resolve) => setTimeout(resolve, 50));
    const text = this.received.toString('latin1', before);
    return { code: /NetStream\.Publish\.\w+/.exec(text)[0], text };
  }

  // Handshake, connect and publish in one.
  static async publishing(port, key) {
    const client = await RtmpClient.connect(port);
    await client.handshake();
    await client.connectApp();
    return { client, answer: await client.publish(key) };
  }

  end() {
    this.#socket.destroy();
  }
}
