// What init sections and parts must be (media 2.2, 2.3, 3.3), alone and from one part to the next.

import { BoxError, readFragments, readInit, readTxxx } from './boxes.mjs';

const VIDEO = 1;
const AUDIO = 2;
const VIDEO_CLOCK = 90000;
const SYNC = 0x02000000;
const NOT_SYNC = 0x01010000;
const EVENT_SCHEME = 'https://aomedia.org/emsg/ID3';
const MAX_EVENT = 4096;

// Runs a reader and turns what it throws into a broken rule.
function readOr(report, rule, name, read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof BoxError || error instanceof RangeError)) throw error;
    report.check(rule, false, `${name}: ${error.message}`);
    return null;
  }
}

export function checkInit(name, bytes, report, { klieg = true } = {}) {
  const init = readOr(report, 'HL-t3', name, () => readInit(bytes));
  if (!init) return null;
  const check = (holds, message) => report.check('2.3', holds, () => `${name}: ${message()}`);
  report.check(
    'HL-p16',
    init.tracks.every(({ hasEdits }) => !hasEdits),
    `${name} has an edit list`,
  );
  check(
    init.tracks.every(({ samples }) => samples.every((count) => count === 0)),
    () => 'its sample tables are not empty',
  );
  check(init.trexIds.join() === init.tracks.map(({ id }) => id).join(), () => `trex for tracks ${init.trexIds}`);
  if (!klieg) return init;
  check(
    init.major === 'iso6' && init.brands.join() === 'iso6,iso5,mp41,aid3',
    () => `brands ${init.major} ${init.brands}`,
  );
  check(init.timescale === 1000, () => `movie timescale ${init.timescale}`);
  for (const track of init.tracks) {
    const isVideo = track.handler === 'vide';
    check(track.id === (isVideo ? VIDEO : AUDIO), () => `${track.handler} is track ${track.id}`);
    check(track.flags === 3, () => `tkhd flags ${track.flags}`);
    check(
      track.timescale === (isVideo ? VIDEO_CLOCK : track.entry.rate),
      () => `${track.handler} timescale ${track.timescale}`,
    );
    check(track.handlerName === (isVideo ? 'Klieg Video' : 'Klieg Audio'), () => `handler name ${track.handlerName}`);
    if (isVideo) check(track.entry.children.includes('pasp'), () => 'avc1 has no pasp');
    else
      check(
        track.entry.objectType === 0x40 && track.entry.streamType === 0x15,
        () => `esds object type ${track.entry.objectType}`,
      );
  }
  return init;
}

const naluTypes = (sample) => {
  const types = [];
  for (let at = 0; at + 4 < sample.bytes.length; at += 4 + sample.bytes.readUInt32BE(at))
    types.push(sample.bytes[at + 4] & 31);
  return types;
};

const tilesIntoNalus = ({ bytes }) => {
  let at = 0;
  while (at + 4 < bytes.length) at += 4 + bytes.readUInt32BE(at);
  return at === bytes.length;
};

// Follows one rendition part by part. Feed every part in order, with init sections as they change.
export class MediaChecker {
  #report;
  #klieg;
  #init = null;
  #firstInit = null;
  #generations = 0;
  #sequence = null;
  #ends = new Map(); // track -> decode time at which the next part must start
  #epoch = null; // PROGRAM-DATE-TIME minus media time, of this generation, in ms
  #lastEvent = { id: 0, time: -1 };
  #video = { frames: 0, seconds: 0 };

  constructor(report, { klieg = true } = {}) {
    this.#report = report;
    this.#klieg = klieg;
  }

  // Of the first generation seen, as is `fps`: what the multivariant playlist of that time spoke of.
  get init() {
    return this.#firstInit;
  }

  // Frames per second over its parts, 0 while that is under a second.
  get fps() {
    return this.#video.seconds > 1 ? this.#video.frames / this.#video.seconds : 0;
  }

  startGeneration(name, bytes) {
    this.#init = checkInit(name, bytes, this.#report, { klieg: this.#klieg });
    this.#firstInit ??= this.#init;
    this.#generations++;
    this.#epoch = null;
    this.#ends = new Map([...this.#ends].map(([id, time]) => [id, { least: time.at ?? time.least }]));
  }

  // A part that could not be had: what follows cannot be held against what was before.
  skip() {
    this.#sequence = null;
    this.#ends.clear();
  }

  // `part` as listed ({ uri, duration, independent }); `pdt` is its segment's when it is the first.
  checkPart(part, bytes, pdt = null) {
    const read = readOr(this.#report, 'HL-t3', part.uri, () => readFragments(bytes));
    if (!read) return this.skip();
    if (this.#klieg)
      this.#report.check('2.3', /^(emsg,)*moof,mdat$/.test(read.types.join()), () => `${part.uri} is ${read.types}`);
    this.#report.check('2.3', bytes.length < 1 << 24, () => `${part.uri} has ${bytes.length} bytes`);
    let duration = 0;
    for (const fragment of read.fragments) {
      this.#checkSequence(part, fragment);
      for (const track of fragment.tracks) this.#checkTrack(part, track);
      const video = fragment.tracks.find(({ id }) => this.#timescale(id, 'vide'));
      if (video) duration += video.duration / this.#timescale(video.id);
      this.#checkEvents(part, fragment, video);
    }
    const first = read.fragments[0]?.tracks[0];
    const video = read.fragments[0]?.tracks.find(({ id }) => this.#timescale(id, 'vide'));
    if (video) {
      if (this.#generations === 1) {
        this.#video.frames += video.samples.length;
        this.#video.seconds += video.duration / this.#timescale(video.id);
      }
      this.#checkVideo(part, video, duration);
    }
    if (first && pdt) this.#checkClock(part, video ?? first, pdt);
  }

  #timescale(id, handler) {
    const track = this.#init?.tracks.find((each) => each.id === id && (!handler || each.handler === handler));
    return track?.timescale;
  }

  #checkSequence(part, { sequence, tracks }) {
    const next = (this.#sequence ?? sequence - 1) + 1;
    this.#report.check('2.3', sequence === next, () => `${part.uri}: sequence number ${sequence}, not ${next}`);
    this.#sequence = sequence;
    this.#report.check(
      '2.3',
      tracks.length >= 1 && tracks.every(({ id }, i) => !i || id > tracks[i - 1].id),
      () => `${part.uri}: tracks ${tracks.map(({ id }) => id)}`,
    );
  }

  #checkTrack(part, track) {
    const report = this.#report;
    report.check(
      'HL-t3',
      this.#timescale(track.id) !== undefined,
      () => `${part.uri}: track ${track.id} is not in the init section`,
    );
    const end = this.#ends.get(track.id);
    if (end?.at !== undefined)
      report.check(
        'HL-t3',
        track.time === end.at,
        () => `${part.uri}: track ${track.id} starts at ${track.time}, the last part ended at ${end.at}`,
      );
    else if (end)
      report.check(
        '0.3',
        track.time >= end.least,
        () => `${part.uri}: track ${track.id} went back from ${end.least} to ${track.time}`,
      );
    this.#ends.set(track.id, { at: track.time + track.duration });
    report.check('2.3', track.tfdtVersion === 1, () => `${part.uri}: tfdt version ${track.tfdtVersion}`);
    if (!this.#klieg) return;
    const isVideo = track.id === VIDEO;
    const shape = [track.flags, track.trunVersion, track.trunFlags].map((n) => n.toString(16)).join('/');
    report.check(
      'HL-p16',
      shape === (isVideo ? '20000/1/f01' : '20028/0/201'),
      () => `${part.uri}: tfhd/trun shape ${shape} of track ${track.id}`,
    );
    if (!isVideo)
      report.check(
        '2.3',
        [1024, 960].includes(track.defaultDuration) && track.defaultFlags === SYNC,
        () => `${part.uri}: audio defaults ${track.defaultDuration} ${track.defaultFlags?.toString(16)}`,
      );
  }

  #checkVideo(part, video, duration) {
    const report = this.#report;
    const [first] = video.samples;
    const isIdr = naluTypes(first).includes(5);
    report.check(
      'HL-9',
      isIdr === part.independent,
      () => `${part.uri}: INDEPENDENT ${part.independent}, its first sample ${isIdr ? 'is' : 'is not'} an IDR`,
    );
    const isOvershot = Math.abs(part.duration - duration) > 1e-3 && video.samples.length === 1;
    if (part.duration !== undefined && !isOvershot)
      report.check(
        'HL-11',
        Math.abs(part.duration - duration) <= 1.5e-5,
        () => `${part.uri}: DURATION ${part.duration}, its samples last ${duration.toFixed(6)}`,
      );
    for (const sample of video.samples) {
      report.check('2.3', tilesIntoNalus(sample), () => `${part.uri}: a sample is not tiled by its NAL units`);
      const types = naluTypes(sample);
      if (!this.#klieg) continue;
      report.check(
        '2.3',
        sample.flags === (types.includes(5) ? SYNC : NOT_SYNC),
        () => `${part.uri}: sample flags ${sample.flags.toString(16)} for NAL types ${types}`,
      );
      report.check(
        '2.3',
        types.every((type) => [1, 5, 6].includes(type)),
        () => `${part.uri}: NAL types ${types}`,
      );
    }
  }

  #checkClock(part, track, pdt) {
    const epoch = Date.parse(pdt) - (1000 * track.time) / this.#timescale(track.id);
    if (!Number.isFinite(epoch)) return;
    this.#epoch ??= epoch;
    // PDT is cut to ms; the epoch itself may slew by 5 ms a segment (media 0.3).
    this.#report.check(
      'HL-t1',
      Math.abs(epoch - this.#epoch) <= 7,
      () => `${part.uri}: PROGRAM-DATE-TIME minus media time moved by ${(epoch - this.#epoch).toFixed(1)} ms`,
    );
    this.#epoch = epoch;
  }

  #checkEvents(part, { events, tracks }, video) {
    const report = this.#report;
    const track = video ?? tracks[0];
    const start = track.time;
    const end = start + track.duration;
    for (const event of events) {
      const name = `${part.uri}: event ${event.id}`;
      report.check(
        '3.3',
        event.version === 1 && event.flags === 0 && event.timescale === VIDEO_CLOCK && event.duration === 0xffffffff,
        () => `${name}: ${JSON.stringify({ ...event, data: undefined })}`,
      );
      report.check(
        '3.3',
        event.scheme === EVENT_SCHEME && event.value === '',
        () => `${name}: scheme ${event.scheme}, value ${event.value}`,
      );
      const scale = this.#timescale(track.id) / VIDEO_CLOCK;
      report.check(
        'MD-t3',
        event.time * scale >= start && event.time * scale < end,
        () => `${name} at ${event.time} is not in ${start}…${end}`,
      );
      report.check(
        '3.3',
        event.id > this.#lastEvent.id || event.time !== this.#lastEvent.time,
        () => `${name} after event ${this.#lastEvent.id}`,
      );
      this.#lastEvent = event;
      const tag = event.data && readTxxx(event.data);
      report.check(
        '3.2',
        tag && Buffer.byteLength(tag.value) >= 1 && Buffer.byteLength(tag.value) <= MAX_EVENT,
        () => `${name} does not hold one ID3 TXXX frame`,
      );
    }
  }
}
