// Follows one rendition of a live stream as a player would, and checks every state on the way.

import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

import { checkHeaders } from './headers.mjs';
import { lintEdit, lintPlaylist } from './lint.mjs';
import { MediaChecker } from './media.mjs';
import { differences, edgeOf, mergeDelta, parseMediaPlaylist, satisfies } from './playlist.mjs';

const BUDGET = { plain: 4096, gzip: 800, delta: 500 }; // bytes, at the default window
const DEFAULT_WINDOW = 14;
const ONE_PIECE_MS = 150;
const RETRY_MS = 1000;
const MAX_FAILURES = 5;
const MAX_REFETCHED = 60;
const EDGE_SLACK = 1e-3; // s; sums of rounded durations may miss a limit by this

const digest = (bytes) => createHash('sha256').update(bytes).digest('hex');
const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Follower {
  #client;
  #report;
  #url;
  #klieg;
  #jitterMs;
  #media;
  #state = null;
  #fetched = new Map(); // URL -> digest of every init section, part and segment
  #segmentHashes = new Map(); // msn -> { hash, parts } while its parts come in
  #currentMap = null;
  #stateAt = 0;
  #peakBps = 0;
  states = 0;
  pdts = new Map(); // msn -> PROGRAM-DATE-TIME in ms

  constructor(client, report, url, { klieg = true, jitterMs = 100 } = {}) {
    this.#client = client;
    this.#report = report;
    this.#url = url;
    this.#klieg = klieg;
    this.#jitterMs = jitterMs;
    this.#media = new MediaChecker(report, { klieg });
  }

  get state() {
    return this.#state;
  }

  get url() {
    return this.#url;
  }

  // Says that the time up to the next state was spent elsewhere.
  forgivePace() {
    this.#stateAt = 0;
  }

  get findings() {
    return { init: this.#media.init, fps: this.#media.fps, peakBps: this.#peakBps };
  }

  // Until the stream ends, `deadline` (ms since the epoch), or that many states; `onState` after each.
  async follow({ deadline, states }, onState = () => {}) {
    await this.#start();
    let failures = 0;
    while (
      this.#state &&
      !this.#state.ended &&
      Date.now() < deadline &&
      this.states < states &&
      failures < MAX_FAILURES
    ) {
      const moved = this.#state.hasParts ? await this.#blockForNext() : await this.#poll();
      failures = moved ? 0 : failures + 1;
      if (moved) await onState(this.#state);
    }
    this.#report.check('HL-44', failures < MAX_FAILURES, `${this.#url}: ${failures} reloads in a row brought nothing`);
    await this.#refetch();
  }

  async #start() {
    const response = await this.#client.request(this.#url);
    if (!this.#report.check('2.7', response.status === 200, () => `${this.#url}: ${response.status}`)) return;
    const playlist = parseMediaPlaylist(response.body.toString());
    this.#checkPlaylistHeaders(response, ['public, max-age=1'], 'undirected');
    lintPlaylist(playlist, this.#report, { klieg: this.#klieg });
    this.#state = playlist;
    this.#stateAt = Date.now();
    this.#notePdts(playlist);
    for (const segment of playlist.segments) if (!segment.parts.length) await this.#fetchSegment(segment);
    await this.#takeParts(playlist, new Set());
  }

  #checkPlaylistHeaders(response, cacheControl, url) {
    checkHeaders('playlist', response, this.#report, { klieg: this.#klieg, cacheControl, url });
  }

  // One turn: the next state whole, as a delta and compressed, and the hinted part, all at once.
  async #blockForNext() {
    const { msn, part } = edgeOf(this.#state);
    const query = `_HLS_msn=${msn}&_HLS_part=${part + 1}`;
    const url = `${this.#url}?${query}`;
    const hint = this.#state.hints[0]?.URI;
    const [full, delta, packed, hinted] = await Promise.all([
      this.#client.request(url),
      this.#client.request(`${url}&_HLS_skip=YES`, { headers: { 'Accept-Encoding': 'gzip' } }),
      this.#client.request(url, { headers: { 'Accept-Encoding': 'gzip' } }),
      hint && this.#klieg ? this.#client.request(new URL(hint, this.#url).href) : null,
    ]);
    if (full.status === 503) return this.#checkHold(full);
    if (full.status === 404) return this.#vanished();
    if (!this.#report.check('HL-44', full.status === 200, () => `${query}: ${full.status}`)) return sleep(RETRY_MS);
    const next = parseMediaPlaylist(full.body.toString());
    this.#report.check(
      'HL-p7',
      satisfies(next, msn, part + 1),
      () => `${query} was answered with edge ${JSON.stringify(edgeOf(next))}`,
    );
    this.#checkPlaylistHeaders(
      full,
      next.ended ? [] : [`public, max-age=${6 * next.targetDuration}`, 'public, max-age=1'],
      query,
    );
    this.#checkDelta(delta, packed, next, full);
    this.#checkHint(hint, hinted, next);
    const known = new Set(partUris(this.#state));
    this.#checkPace(next, known, full.firstByteAt);
    this.#advance(next);
    await this.#takeParts(next, known, hint, hinted);
    return true;
  }

  async #poll() {
    await sleep(500 * this.#state.targetDuration);
    const response = await this.#client.request(this.#url);
    if (response.status !== 200) return false;
    const next = parseMediaPlaylist(response.body.toString());
    const before = this.#state;
    this.#advance(next);
    for (const segment of next.segments) if (segment.msn >= before.nextMsn) await this.#fetchSegment(segment);
    return true;
  }

  #advance(next) {
    lintPlaylist(next, this.#report, { klieg: this.#klieg });
    lintEdit(this.#state, next, this.#report);
    this.#state = next;
    this.#notePdts(next);
    this.states++;
  }

  #notePdts(playlist) {
    for (const { msn, pdt } of playlist.segments) this.pdts.set(msn, Date.parse(pdt));
  }

  async #checkHold(response) {
    const held = response.receivedAt - response.sentAt;
    const limit = Math.min(3 * this.#state.targetDuration, 9) * 1000;
    this.#report.check(
      'HL-45',
      held >= limit - 1000 && held <= 10_000,
      () => `503 after ${held} ms, the hold is ${limit} ms`,
    );
    this.#report.check(
      'HL-45',
      response.headers['retry-after'] === '1',
      () => `503 with Retry-After ${response.headers['retry-after']}`,
    );
    checkHeaders('error', response, this.#report, { klieg: this.#klieg, cacheControl: 'no-store', url: '503' });
    this.#stateAt = 0; // the source starved: its pace says nothing
    await sleep(RETRY_MS);
    return true; // a hold that ran out is an answer; the stream ends by ENDLIST
  }

  #vanished() {
    this.#report.check('HL-27', false, `${this.#url}: gone without an ENDLIST before`);
    this.#state = null;
    return false;
  }

  // Both came from the same state unless a part was published between the two answers.
  #checkDelta(delta, packed, next, full) {
    if (delta.status !== 200 || packed.status !== 200) return;
    const unpack = ({ headers, body }) => (headers['content-encoding'] === 'gzip' ? gunzipSync(body) : body).toString();
    const update = parseMediaPlaylist(unpack(delta));
    if (this.#klieg) {
      for (const each of [delta, packed])
        this.#report.check('HL-p14', each.headers['content-encoding'] === 'gzip', 'a playlist was not compressed');
      if (next.segments.length <= DEFAULT_WINDOW) this.#checkBudget(full, packed, delta);
    }
    const edge = (playlist) => JSON.stringify([edgeOf(playlist), playlist.ended]);
    if (edge(update) !== edge(next)) return;
    this.#checkSkipped(update, next);
    const merged = mergeDelta(this.#state, update);
    const found =
      merged.complete === false ? ['it skips segments that the state before did not have'] : differences(merged, next);
    this.#report.check('HL-p6', !found.length, () => `delta update of edge ${edge(next)}: ${found[0]}`);
    const again = differences(parseMediaPlaylist(unpack(packed)), next);
    if (edge(parseMediaPlaylist(unpack(packed))) === edge(next))
      this.#report.check('HL-44', !again.length, () => `two answers for one state: ${again[0]}`);
  }

  #checkBudget(full, packed, delta) {
    const within = (what, size, limit) =>
      this.#report.check('HL-p14', size <= limit, () => `${what} playlist of ${size} bytes, at most ${limit}`);
    within('plain', full.body.length, BUDGET.plain);
    within('gzip', packed.body.length, BUDGET.gzip);
    within('delta', delta.body.length, BUDGET.delta);
  }

  #checkSkipped(update, next) {
    const limit = Number(next.tags['EXT-X-SERVER-CONTROL']?.[0]?.['CAN-SKIP-UNTIL']);
    if (!limit) return;
    if (this.#klieg && next.ended) {
      const found = update.skipped;
      this.#report.check('HL-41', found === 0, () => `SKIPPED-SEGMENTS ${found} after the end`);
      return;
    }
    let after = 0; // in units of the last decimal, so that sums are exact
    let wanted = 0;
    let isClose = false;
    for (const { duration } of [...next.segments].reverse()) {
      const over = after / 1e5 - limit;
      if (over >= 0) wanted++;
      isClose ||= over !== 0 && Math.abs(over) < EDGE_SLACK;
      after += Math.round(duration * 1e5);
    }
    if (this.#klieg)
      this.#report.check(
        'HL-47',
        update.skipped === wanted || (isClose && Math.abs(update.skipped - wanted) === 1),
        () => `SKIPPED-SEGMENTS ${update.skipped}, not ${wanted}`,
      );
    else
      this.#report.check(
        'HL-47',
        update.skipped <= wanted,
        () => `SKIPPED-SEGMENTS ${update.skipped}, at most ${wanted}`,
      );
  }

  #checkHint(hint, response, next) {
    if (!hint || !response) return;
    // An ended playlist lists no parts: whether the hinted one still came cannot be seen there.
    if (next.ended) {
      this.#report.check(
        'HL-48',
        [200, 404].includes(response.status),
        () => `${response.status} for ${hint} at the end`,
      );
    } else if (partUris(next).includes(hint)) {
      this.#report.check('HL-48', response.status === 200, () => `${response.status} for ${hint}, which came`);
      if (response.status === 200)
        this.#report.check(
          'HL-p10',
          response.receivedAt - response.firstByteAt <= ONE_PIECE_MS + this.#jitterMs,
          () => `${hint} took ${response.receivedAt - response.firstByteAt} ms from its first byte to its last`,
        );
    } else {
      this.#report.check(
        'HL-48',
        response.status === 404 || response.status === 503,
        () => `${response.status} for ${hint}, which never came`,
      );
    }
  }

  #checkPace(next, known, at) {
    const gap = at - this.#stateAt;
    const fresh = partUris(next).filter((uri) => !known.has(uri)).length;
    const isNewStretch = next.open?.discontinuity || next.segments.at(-1)?.discontinuity || next.ended;
    if (this.#stateAt && !isNewStretch)
      this.#report.check(
        'HL-10',
        gap <= 1000 * fresh * next.partTarget + this.#jitterMs,
        () => `${gap} ms for ${fresh} parts, PART-TARGET ${next.partTarget}`,
      );
    this.#stateAt = at;
  }

  // Fetches what `next` lists and `known` does not have; whole segments when their last part is in.
  async #takeParts(next, known, hint, hinted) {
    for (const segment of [...next.segments, ...(next.open ? [next.open] : [])]) {
      if (!segment.parts.length && segment.msn >= next.nextMsn - 1 && !known.has(segment.uri)) this.#media.skip();
      for (const [index, part] of segment.parts.entries()) {
        if (known.has(part.uri)) continue;
        if (segment.map !== this.#currentMap) await this.#startGeneration(segment.map);
        const response = part.uri === hint && hinted?.status === 200 ? hinted : await this.#fetch('part', part.uri);
        if (response === hinted && hinted) this.#checkFetched('part', part.uri, hinted);
        if (response?.status !== 200) this.#media.skip();
        else this.#takePart(segment, index, part, response.body);
      }
      if (segment.uri && this.#segmentHashes.has(segment.msn)) await this.#closeSegment(segment);
    }
  }

  #takePart(segment, index, part, bytes) {
    this.#media.checkPart(part, bytes, index === 0 ? segment.pdt : null);
    if (index === 0) this.#segmentHashes.set(segment.msn, { hash: createHash('sha256'), size: 0, seconds: 0 });
    const whole = this.#segmentHashes.get(segment.msn);
    whole?.hash.update(bytes);
    if (!whole) return;
    whole.size += bytes.length;
    whole.seconds += part.duration;
  }

  async #closeSegment(segment) {
    const { hash, size, seconds } = this.#segmentHashes.get(segment.msn);
    this.#segmentHashes.delete(segment.msn);
    if (segment.duration - seconds > EDGE_SLACK) return; // it ended with parts that were never listed
    this.#peakBps = Math.max(this.#peakBps, (8 * size) / segment.duration);
    const response = await this.#fetchSegment(segment);
    if (response?.status === 200)
      this.#report.check(
        'HL-10',
        digest(response.body) === hash.digest('hex'),
        () => `${segment.uri} is not its parts one after the other`,
      );
  }

  async #startGeneration(map) {
    this.#currentMap = map;
    const response = map ? await this.#fetch('init', map) : null;
    if (response?.status === 200) this.#media.startGeneration(map, response.body);
  }

  async #fetchSegment(segment) {
    if (segment.gap) return null;
    return this.#fetch('segment', segment.uri);
  }

  async #fetch(kind, uri) {
    const response = await this.#client.request(new URL(uri, this.#url).href);
    this.#checkFetched(kind, uri, response);
    return response;
  }

  #checkFetched(kind, uri, response) {
    if (!this.#report.check('HL-10', response.status === 200, () => `${uri} is listed and answers ${response.status}`))
      return;
    checkHeaders(kind, response, this.#report, { klieg: this.#klieg, url: uri });
    this.#fetched.set(new URL(uri, this.#url).href, digest(response.body));
  }

  // A URL never answers with other bytes than before: the oldest, which may be gone, and the newest.
  async #refetch() {
    const all = [...this.#fetched];
    const half = MAX_REFETCHED / 2;
    for (const [url, before] of all.length > MAX_REFETCHED ? [...all.slice(0, half), ...all.slice(-half)] : all) {
      const response = await this.#client.request(url);
      this.#report.check(
        'HL-p5',
        response.status === 404 || (response.status === 200 && digest(response.body) === before),
        () => `${url} answers ${response.status} with other bytes than before`,
      );
    }
  }
}

const partUris = (playlist) =>
  [...playlist.segments, ...(playlist.open ? [playlist.open] : [])].flatMap(({ parts }) => parts.map(({ uri }) => uri));
