// A small LL-HLS origin that keeps the rules, and breaks them one at a time on request. It exists to
// see every check of the checker pass and fire. It makes a part as soon as somebody waits for it, so
// it is much faster than a clock and never faster than who follows it.

import { once } from 'node:events';
import http from 'node:http';
import { gzipSync } from 'node:zlib';

import { fakeInit, fakePart } from './fake-media.mjs';

const FPS = 30;
const TICKS = 3000; // a frame at 30 fps on the 90 kHz clock
const PARTS = 6;
const FRAMES = 10; // in a part
const WINDOW = 14;
const TD = 2;
const EPOCH = Date.parse('2026-02-03T10:00:00.035Z') - 10_000; // PROGRAM-DATE-TIME(t) = EPOCH + t
const STREAM = 'st-0123456789abcdefghijklm';
const CHANNEL = '4WpFQIDqX0pV';
const RENDITION = '360p30';
const GATHER_MS = 15; // requests for one part come together
const IDLE_MS = 150; // a part is made though nobody waits
const IMMUTABLE = 'public, max-age=31536000, immutable';

const seconds = (ticks) => (ticks / 90000).toFixed(5);
const cumulative = (from, to) => (Number(seconds(to)) - Number(seconds(from))).toFixed(5);

export class FakeOrigin {
  #server = http.createServer((request, response) => this.#answer(request, response));
  #waiters = new Set();
  #timer;
  #files = new Map();
  #part = 0; // parts made so far
  #discontinuities = new Set();
  #generation = 0;
  segments = []; // { msn, parts: [{ uri, duration, independent }], start, closed, map, discontinuity }
  dropped = 0; // segments that left the list
  ended = false;

  // `faults`: what to do wrong, by name; `resumeAt`: the MSN that starts a generation; `endAt`: the
  // one in whose middle the stream ends.
  constructor({ faults = {}, resumeAt = 0, endAt = 0 } = {}) {
    this.faults = faults;
    this.resumeAt = resumeAt;
    this.endAt = endAt;
  }

  async start() {
    this.#files.set('init-0.mp4', fakeInit(this));
    this.#files.set('init-1.mp4', fakeInit(this));
    while (this.#part < (this.faults.msnZero ? 5 : 16) * PARTS) this.#step();
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
    this.#schedule(IDLE_MS);
    this.base = `http://127.0.0.1:${this.#server.address().port}`;
    return `${this.base}/live/${CHANNEL}/master.m3u8`;
  }

  get playlistUrl() {
    return `${this.base}/live/${CHANNEL}/${STREAM}/${RENDITION}/index.m3u8`;
  }

  #schedule(ms) {
    clearTimeout(this.#timer);
    if (!this.ended) this.#timer = setTimeout(() => this.#step(), ms);
  }

  #end() {
    const segment = this.segments.at(-1);
    if (!segment.closed) this.#close(segment, segment.start + segment.parts.length * FRAMES * TICKS);
    this.ended = true;
    this.#wake();
  }

  async stop() {
    clearTimeout(this.#timer);
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #step() {
    const { faults } = this;
    const k = this.#part % PARTS;
    const msn = Math.floor(this.#part / PARTS) + (faults.msnZero ? 0 : 1);
    const time = 900000 + this.#part * FRAMES * TICKS + (faults.timeGap && this.#part % 20 === 19 ? 1 : 0);
    if (k === 0) this.#open(msn, time);
    const segment = this.segments.at(-1);
    const uri = `s${msn}.p${k}.m4s`;
    const isIdr = k === 0;
    const bytes = fakePart({
      sequence: this.#part + 1 + (faults.sequence && this.#part % 20 === 19 ? 1 : 0),
      time,
      video: Array.from({ length: FRAMES }, (_, i) => ({ duration: TICKS, idr: isIdr && i === 0 })),
      audioTime: 480000 + this.#part * 16000 - ((this.#part * 16000) % 1024),
      audio: Math.floor(((this.#part + 1) * 16000) / 1024) - Math.floor((this.#part * 16000) / 1024),
      events:
        this.#part % 10 === 3
          ? [{ id: this.#part, time: time + (faults.eventTime ? 10 * FRAMES * TICKS : TICKS) }]
          : [],
      faults,
    });
    this.#files.set(uri, bytes);
    const end = time + FRAMES * TICKS;
    segment.parts.push({
      uri,
      duration: faults.partDuration && k === 2 ? '0.33000' : cumulative(time, end),
      independent: faults.independent ? true : isIdr,
    });
    this.#part++;
    if (k === PARTS - 1) this.#close(segment, end);
    if (msn === this.endAt && k === 2) this.#end();
    this.#wake();
    this.#schedule(IDLE_MS);
  }

  #open(msn, time) {
    const discontinuity = msn === this.resumeAt || (this.faults.flapping && msn === 17);
    if (discontinuity) this.#generation = 1;
    if (this.faults.partReused && msn > 17) this.#files.set('s16.p0.m4s', this.#files.get('s16.p1.m4s'));
    this.segments.push({
      msn,
      parts: [],
      start: time,
      closed: false,
      map: `init-${this.#generation}.mp4`,
      discontinuity,
    });
  }

  #close(segment, end) {
    const parts = segment.parts.map(({ uri }) => this.#files.get(uri));
    if (this.faults.segmentBytes) parts.reverse();
    segment.uri = `s${segment.msn}.m4s`;
    segment.extinf = this.faults.extinf ? cumulative(segment.start, end - 3000) : cumulative(segment.start, end);
    segment.closed = true;
    segment.end = end;
    this.#files.set(segment.uri, Buffer.concat(parts));
    while (this.segments.filter(({ closed }) => closed).length > WINDOW) {
      const gone = this.segments.shift();
      this.dropped += gone.discontinuity && !this.faults.discontinuitySequence ? 1 : 0;
    }
  }

  #wake() {
    for (const waiter of [...this.#waiters]) if (waiter.ready()) this.#release(waiter);
  }

  #release(waiter) {
    this.#waiters.delete(waiter);
    waiter.answer();
  }

  // --- playlists -----------------------------------------------------------------------------

  #edge() {
    const open = this.segments.at(-1).closed ? null : this.segments.at(-1);
    const last = this.segments.filter(({ closed }) => closed).at(-1);
    return { msn: last.msn + 1, part: open ? open.parts.length - 1 : -1, last };
  }

  render(skip) {
    const { faults, ended } = this;
    const target = faults.partTarget && this.#part % 13 === 0 ? '0.340' : '0.338';
    const { msn, part } = this.#edge();
    const control = [
      ...(faults.noBlock ? [] : ['CAN-BLOCK-RELOAD=YES']),
      'CAN-SKIP-UNTIL=12.0',
      'HOLD-BACK=6.0',
      `PART-HOLD-BACK=${faults.partHoldBack ? '0.600' : '1.014'}`,
    ];
    const skips = skip && (!ended || faults.skipsEnded);
    const skipped = skips ? this.#skippable() + (faults.skipTooMuch ? 1 : 0) : 0;
    const lines = [
      '#EXTM3U',
      `#EXT-X-VERSION:${faults.version ? 7 : 9}`,
      `#EXT-X-TARGETDURATION:${faults.targetDuration ? 1 : TD}`,
      `#EXT-X-SERVER-CONTROL:${control.join()}`,
      `#EXT-X-PART-INF:PART-TARGET=${target}`,
      `#EXT-X-MEDIA-SEQUENCE:${this.segments[0].msn + (faults.mediaSequence && this.#part % 11 === 0 ? 1 : 0)}`,
      ...(faults.noDiscontinuitySequence ? [] : [`#EXT-X-DISCONTINUITY-SEQUENCE:${this.dropped}`]),
      ...(faults.dateRange ? ['#EXT-X-DATERANGE:ID="x",START-DATE="2026-02-03T10:00:00Z"'] : []),
      ...(faults.start ? ['#EXT-X-START:TIME-OFFSET=0'] : []),
      ...(skipped > 0 ? [`#EXT-X-SKIP:SKIPPED-SEGMENTS=${skipped}`] : []),
    ];
    this.segments
      .slice(skipped)
      .forEach((segment, i) => lines.push(...this.#segmentLines(segment, i === 0 && !skipped, msn, part)));
    if (ended) lines.push('#EXT-X-ENDLIST');
    if (!ended || faults.hintAtEnd) lines.push(...this.#tail(msn, part));
    return `${lines.join('\n')}\n`;
  }

  // How many segments end 12 s or more before the end of the last complete one.
  #skippable() {
    const closed = this.segments.filter((segment) => segment.closed);
    return closed.filter(({ end }) => closed.at(-1).end - end >= 6 * TD * 90000).length;
  }

  #segmentLines(segment, isFirst, msn, part) {
    const { faults, ended } = this;
    const pdt = new Date(EPOCH + segment.start / 90 + (faults.pdt && segment.msn % 3 === 0 ? 300 : 0)).toISOString();
    const pdtLine = `#EXT-X-PROGRAM-DATE-TIME:${pdt}`;
    // 3 TD before the end of the list: two complete segments, three while nothing is open.
    const oldest = msn - (part < 0 ? 3 : 2) - (faults.partsTooLong ? 2 : 0) + (faults.partsTooShort ? 1 : 0);
    const partLines =
      ended || segment.msn < oldest
        ? []
        : segment.parts.map(
            ({ uri, duration, independent }) =>
              `#EXT-X-PART:DURATION=${duration},URI="${uri}"${independent ? ',INDEPENDENT=YES' : ''}`,
          );
    const mapLines = isFirst || (segment.discontinuity && !faults.noMap) ? [`#EXT-X-MAP:URI="${segment.map}"`] : [];
    return [
      ...(segment.discontinuity && !faults.flapping
        ? ['#EXT-X-DISCONTINUITY']
        : faults.flapping && segment.discontinuity && this.#part % 2
          ? ['#EXT-X-DISCONTINUITY']
          : []),
      ...(faults.order ? [pdtLine, ...mapLines] : [...mapLines, pdtLine]),
      ...partLines,
      ...(segment.closed ? [`#EXTINF:${segment.extinf},`, segment.uri] : []),
    ];
  }

  #tail(msn, part) {
    const { faults } = this;
    if (faults.noHint) return [];
    const hint = faults.wrongHint ? `s${msn}.p${part + 2}.m4s` : `s${msn}.p${part + 1}.m4s`;
    return [
      `#EXT-X-PRELOAD-HINT:TYPE=PART,URI="${hint}"`,
      ...(faults.badReport ? ['#EXT-X-RENDITION-REPORT:URI="../480p30/index.m3u8"'] : []),
    ];
  }

  #master() {
    const codecs = this.faults.codecs ? 'avc1.640028,mp4a.40.2' : 'avc1.42C01E,mp4a.40.2';
    const bandwidth = this.faults.bandwidth ? 'BANDWIDTH=1000' : 'BANDWIDTH=1920000';
    return [
      '#EXTM3U',
      '#EXT-X-VERSION:9',
      `#EXT-X-SESSION-DATA:DATA-ID="org.klieg.stream-id",VALUE="${STREAM}"`,
      ...(this.faults.noChannelId ? [] : [`#EXT-X-SESSION-DATA:DATA-ID="org.klieg.channel-id",VALUE="${CHANNEL}"`]),
      `#EXT-X-STREAM-INF:${bandwidth},AVERAGE-BANDWIDTH=1600000,CODECS="${codecs}",RESOLUTION=${this.faults.resolution ? '1280x720' : '640x360'},FRAME-RATE=${this.faults.frameRate ? '25.000' : `${FPS}.000`},STABLE-VARIANT-ID="${RENDITION}"`,
      `${STREAM}/${RENDITION}/index.m3u8`,
      '',
    ].join('\n');
  }

  // --- HTTP ----------------------------------------------------------------------------------

  #send(request, response, status, headers, body, { compressible = false } = {}) {
    const { faults } = this;
    const packed = compressible && !faults.noGzip && /gzip/.test(request.headers['accept-encoding'] ?? '');
    const bytes = packed ? gzipSync(body, { level: 9 }) : Buffer.from(body);
    const all = {
      'Content-Length': bytes.length,
      ...(faults.noCors ? {} : { 'Access-Control-Allow-Origin': '*' }),
      'Access-Control-Expose-Headers': faults.noExpose ? 'Date' : 'Age, Date, ETag, Retry-After, Content-Length',
      'Timing-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      ...(faults.noNosniff ? {} : { 'X-Content-Type-Options': 'nosniff' }),
      ...(compressible && !faults.noVary && { Vary: 'Accept-Encoding' }),
      ...(packed && { 'Content-Encoding': 'gzip' }),
      ...(faults.date && { Date: 'Mon, 02 Feb 2026 10:00:00 GMT' }),
      ...headers,
    };
    if (faults.chunked && compressible) delete all['Content-Length'];
    response.writeHead(status, all);
    if (request.method === 'HEAD') return response.end();
    if (faults.chunked && compressible) response.write(bytes.subarray(0, 10));
    if (!faults.dribble || !/s(1[89]|2\d)\.p3/.test(headers.ETag))
      return response.end(faults.chunked && compressible ? bytes.subarray(10) : bytes);
    response.write(bytes.subarray(0, 20));
    setTimeout(() => response.end(bytes.subarray(20)), 600);
  }

  #error(request, response, status, cache = 'no-store') {
    this.#send(
      request,
      response,
      status,
      {
        'Content-Type': 'application/json',
        'Cache-Control': this.faults.cacheErrors ? 'public, max-age=1' : cache,
        ...(status === 503 && { 'Retry-After': '1' }),
      },
      this.faults.plainErrors ? 'no' : JSON.stringify({ __type: 'AnyException', message: 'no' }),
    );
  }

  #answer(request, response) {
    const url = new URL(request.url, this.base);
    if (request.method === 'OPTIONS') return this.#send(request, response, 204, {}, '');
    if (!['GET', 'HEAD'].includes(request.method) && !this.faults.allMethods)
      return this.#error(request, response, 405);
    const type = {
      'Content-Type': this.faults.type ? 'text/plain' : 'application/vnd.apple.mpegurl',
      'Accept-Ranges': 'none',
    };
    if (url.pathname.endsWith('/master.m3u8'))
      return this.#send(request, response, 200, { ...type, 'Cache-Control': 'public, max-age=1' }, this.#master(), {
        compressible: true,
      });
    if (url.pathname.endsWith('/index.m3u8')) return this.#playlist(request, response, url.searchParams, type);
    return this.#media(request, response, url.pathname.split('/').at(-1));
  }

  #playlist(request, response, query, type) {
    const { faults } = this;
    const skip = ['YES', 'v2'].includes(query.get('_HLS_skip'));
    const answer = (cache) =>
      this.#send(
        request,
        response,
        200,
        { ...type, 'Cache-Control': faults.playlistCache ? 'no-store' : cache },
        this.render(skip),
        { compressible: true },
      );
    if (!query.has('_HLS_msn') && !query.has('_HLS_part')) return answer('public, max-age=1');
    const values = ['_HLS_msn', '_HLS_part'].map((name) => query.getAll(name));
    const wellFormed =
      values.every((list) => list.length <= 1 && list.every((text) => /^\d{1,10}$/.test(text))) && values[0].length;
    if (!wellFormed && !faults.acceptsAnything) return this.#error(request, response, 400);
    const msn = Number(values[0][0]);
    const part = values[1].length ? Number(values[1][0]) : undefined;
    const edge = this.#edge();
    const isTooFar =
      msn > edge.msn + 1 ||
      (part !== undefined && ((msn === edge.msn && part > edge.part + 9) || (msn === edge.msn + 1 && part > 9)));
    if (isTooFar && !faults.acceptsAnything) return this.#error(request, response, 400);
    const ready = () => {
      const { msn: next, part: at, last } = this.#edge();
      if (this.ended || last.msn > msn || (part === undefined && last.msn >= msn)) return true;
      if (last.msn === msn) return part < PARTS || at >= 0;
      return part !== undefined && msn === next && at >= part;
    };
    if (faults.hold && this.#part % 10 === 0) return this.#error(request, response, 503);
    this.#wait(request, ready, () => answer(`public, max-age=${6 * TD}`));
  }

  #wait(request, ready, answer) {
    if (ready() || this.faults.neverBlocks) return answer();
    const waiter = { ready, answer };
    this.#waiters.add(waiter);
    this.#schedule(GATHER_MS);
    request.on('close', () => this.#waiters.delete(waiter));
  }

  #media(request, response, name) {
    const { faults } = this;
    const part = /^s(\d+)\.p(\d+)\.m4s$/.exec(name);
    const { msn, part: at } = this.#edge();
    if (part && Number(part[1]) === msn && Number(part[2]) === at + 1 && !faults.hintNotBlocking)
      return this.#wait(
        request,
        () => this.#files.has(name) || this.ended,
        () => this.#file(request, response, name),
      );
    return this.#file(request, response, name);
  }

  #file(request, response, name) {
    const { faults } = this;
    const bytes = this.#files.get(name);
    if (!bytes || (faults.missingSegments && /^s\d+\.m4s$/.test(name))) return this.#error(request, response, 404);
    const headers = {
      'Content-Type': 'video/mp4',
      ETag: `"${STREAM}-${name}"`,
      'Cache-Control': faults.mediaCache ? 'no-store' : IMMUTABLE,
      'Accept-Ranges': 'bytes',
    };
    if (request.headers['if-none-match'] === headers.ETag && !faults.noConditional)
      return this.#send(request, response, 304, headers, '');
    const range = /^bytes=(\d*)-(\d*)$/.exec(request.headers.range ?? '');
    if (!range || faults.noRange) return this.#send(request, response, 200, headers, bytes);
    const from = range[1] ? Number(range[1]) : bytes.length - Number(range[2]);
    const to = range[1] && range[2] ? Number(range[2]) : bytes.length - 1;
    if (from >= bytes.length)
      return this.#send(request, response, 416, { ...headers, 'Content-Range': `bytes */${bytes.length}` }, '');
    this.#send(
      request,
      response,
      206,
      { ...headers, 'Content-Range': `bytes ${from}-${to}/${bytes.length}` },
      bytes.subarray(from, to + 1),
    );
  }
}
