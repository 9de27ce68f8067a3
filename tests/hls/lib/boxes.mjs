// Reads ISO base media boxes: the init section and the parts, as far as media 2.3 and 3.3 speak of them.

export class BoxError extends Error {}

const need = (holds, message) => {
  if (!holds) throw new BoxError(message);
};

// The boxes that tile `bytes` from `start` to `end`: { type, start, end, body } with absolute offsets.
export function readBoxes(bytes, start = 0, end = bytes.length) {
  const boxes = [];
  let at = start;
  while (at < end) {
    need(end - at >= 8, `${end - at} bytes left over after a box at ${at}`);
    const size = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    need(size !== 1 && size !== 0, `${type} at ${at} has a size that is open or 64 bits wide`);
    need(size >= 8 && at + size <= end, `${type} at ${at} of ${size} bytes does not fit`);
    boxes.push({ type, start: at, end: at + size, body: at + 8 });
    at += size;
  }
  return boxes;
}

// The only child of that type, walking a path such as 'trak/mdia/mdhd'; undefined when absent.
export function findBox(bytes, parent, path) {
  let box = parent;
  for (const type of path.split('/')) {
    const found = readBoxes(bytes, box?.body ?? 0, box?.end ?? bytes.length).filter((each) => each.type === type);
    need(found.length <= 1, `${found.length} ${type} boxes where one is expected`);
    if (!found.length) return undefined;
    [box] = found;
  }
  return box;
}

const fullBox = (bytes, box) => ({
  version: bytes[box.body],
  flags: bytes.readUIntBE(box.body + 1, 3),
  at: box.body + 4,
});

function readDescriptors(bytes, box) {
  // esds: ES_Descriptor 03 { DecoderConfig 04 { object type, stream type, …, 05 AudioSpecificConfig } }
  let at = box.body + 4;
  const open = (tag) => {
    need(bytes[at] === tag, `esds: descriptor ${bytes[at]} where ${tag} is expected`);
    let size = 0;
    do {
      at++;
      size = (size << 7) | (bytes[at] & 0x7f);
    } while (bytes[at] & 0x80);
    at++;
    return size;
  };
  open(3);
  at += 3;
  open(4);
  const objectType = bytes[at];
  const streamType = bytes[at + 1];
  at += 13;
  const size = open(5);
  return { objectType, streamType, config: bytes.subarray(at, at + size) };
}

function readSampleEntry(bytes, stsd) {
  need(bytes.readUInt32BE(stsd.body + 4) === 1, 'stsd does not have one entry');
  const [entry] = readBoxes(bytes, stsd.body + 8, stsd.end);
  if (entry.type === 'avc1') {
    const children = readBoxes(bytes, entry.body + 78, entry.end);
    const avcC = children.find(({ type }) => type === 'avcC');
    need(avcC, 'avc1 has no avcC');
    const hex = bytes.toString('hex', avcC.body + 1, avcC.body + 4).toUpperCase();
    return {
      type: 'avc1',
      codec: `avc1.${hex}`,
      width: bytes.readUInt16BE(entry.body + 24),
      height: bytes.readUInt16BE(entry.body + 26),
      children: children.map(({ type }) => type),
    };
  }
  need(entry.type === 'mp4a', `sample entry ${entry.type}`);
  const children = readBoxes(bytes, entry.body + 28, entry.end);
  const esds = children.find(({ type }) => type === 'esds');
  need(esds, 'mp4a has no esds');
  const descriptors = readDescriptors(bytes, esds);
  return {
    type: 'mp4a',
    codec: `mp4a.40.${descriptors.config[0] >> 3}`,
    ...descriptors,
    rate: bytes.readUInt32BE(entry.body + 24) >>> 16,
  };
}

function readTrack(bytes, trak) {
  const box = (path) => {
    const found = findBox(bytes, trak, path);
    need(found, `trak without ${path}`);
    return found;
  };
  const tkhd = fullBox(bytes, box('tkhd'));
  const mdhd = fullBox(bytes, box('mdia/mdhd'));
  const hdlr = box('mdia/hdlr');
  return {
    id: bytes.readUInt32BE(tkhd.at + (tkhd.version ? 16 : 8)),
    flags: tkhd.flags,
    timescale: bytes.readUInt32BE(mdhd.at + (mdhd.version ? 16 : 8)),
    handler: bytes.toString('latin1', hdlr.body + 8, hdlr.body + 12),
    handlerName: bytes.toString('latin1', hdlr.body + 24, hdlr.end).replace(/\0.*$/s, ''),
    width: bytes.readUInt32BE(box('tkhd').end - 8) / 65536,
    height: bytes.readUInt32BE(box('tkhd').end - 4) / 65536,
    hasEdits: Boolean(findBox(bytes, trak, 'edts')),
    entry: readSampleEntry(bytes, box('mdia/minf/stbl/stsd')),
    samples: ['stts', 'stsc', 'stco'].map((type) => bytes.readUInt32BE(box(`mdia/minf/stbl/${type}`).body + 4)),
  };
}

export function readInit(bytes) {
  const top = readBoxes(bytes);
  const [ftyp, moov] = top;
  need(top.length === 2 && ftyp.type === 'ftyp' && moov.type === 'moov', `init section is ${top.map((b) => b.type)}`);
  const children = readBoxes(bytes, moov.body, moov.end);
  const mvhd = fullBox(bytes, findBox(bytes, moov, 'mvhd'));
  const brands = [];
  for (let at = ftyp.body + 8; at < ftyp.end; at += 4) brands.push(bytes.toString('latin1', at, at + 4));
  const mvex = findBox(bytes, moov, 'mvex');
  need(mvex, 'moov without mvex');
  return {
    major: bytes.toString('latin1', ftyp.body, ftyp.body + 4),
    brands,
    timescale: bytes.readUInt32BE(mvhd.at + 8),
    tracks: children.filter(({ type }) => type === 'trak').map((trak) => readTrack(bytes, trak)),
    trexIds: readBoxes(bytes, mvex.body, mvex.end)
      .filter(({ type }) => type === 'trex')
      .map((trex) => bytes.readUInt32BE(trex.body + 4)),
  };
}

const text = (bytes, at, end) => {
  const stop = bytes.indexOf(0, at);
  need(stop >= at && stop < end, 'emsg: a text without its end');
  return { value: bytes.toString('utf8', at, stop), next: stop + 1 };
};

function readEvent(bytes, box) {
  const { version, flags, at } = fullBox(bytes, box);
  if (version !== 1) return { version, flags };
  const scheme = text(bytes, at + 20, box.end);
  const value = text(bytes, scheme.next, box.end);
  return {
    version,
    flags,
    timescale: bytes.readUInt32BE(at),
    time: Number(bytes.readBigUInt64BE(at + 4)),
    duration: bytes.readUInt32BE(at + 12),
    id: bytes.readUInt32BE(at + 16),
    scheme: scheme.value,
    value: value.value,
    data: bytes.subarray(value.next, box.end),
  };
}

// One ID3v2.4 tag with one TXXX frame: { description, value }, or null if it is anything else.
export function readTxxx(data) {
  const syncsafe = (at) => (data[at] << 21) | (data[at + 1] << 14) | (data[at + 2] << 7) | data[at + 3];
  if (data.length < 21 || data.toString('latin1', 0, 3) !== 'ID3' || data[3] !== 4) return null;
  if (syncsafe(6) !== data.length - 10 || data.toString('latin1', 10, 14) !== 'TXXX') return null;
  if (syncsafe(14) !== data.length - 20 || data[20] !== 3) return null;
  const [description, value, ...rest] = data.toString('utf8', 21).split('\0');
  return rest.length === 1 && rest[0] === '' ? { description, value } : null;
}

const TFHD = { baseDataOffset: 1, description: 2, duration: 8, size: 0x10, flags: 0x20, baseIsMoof: 0x020000 };
const TRUN = { offset: 1, firstFlags: 4, duration: 0x100, size: 0x200, flags: 0x400, composition: 0x800 };

function readTfhd(bytes, box) {
  const { flags, at } = fullBox(bytes, box);
  const track = { id: bytes.readUInt32BE(at), flags };
  let next = at + 4;
  const take = (flag) => {
    if (!(flags & flag)) return undefined;
    next += 4;
    return bytes.readUInt32BE(next - 4);
  };
  need(!(flags & TFHD.baseDataOffset), 'tfhd with a base data offset');
  take(TFHD.description);
  track.defaultDuration = take(TFHD.duration);
  track.defaultSize = take(TFHD.size);
  track.defaultFlags = take(TFHD.flags);
  return track;
}

function readTrun(bytes, box, track) {
  const { version, flags, at } = fullBox(bytes, box);
  const count = bytes.readUInt32BE(at);
  let next = at + 4;
  const take = (flag, read = 'readUInt32BE') => {
    if (!(flags & flag)) return undefined;
    next += 4;
    need(next <= box.end, 'trun is shorter than its samples');
    return bytes[read](next - 4);
  };
  const offset = take(TRUN.offset);
  take(TRUN.firstFlags);
  const samples = [];
  for (let i = 0; i < count; i++)
    samples.push({
      duration: take(TRUN.duration) ?? track.defaultDuration,
      size: take(TRUN.size) ?? track.defaultSize,
      flags: take(TRUN.flags) ?? track.defaultFlags,
      composition: take(TRUN.composition, version ? 'readInt32BE' : 'readUInt32BE') ?? 0,
    });
  need(next === box.end, 'trun is longer than its samples');
  return { version, flags, offset, samples };
}

function readTraf(bytes, traf) {
  const types = readBoxes(bytes, traf.body, traf.end).map(({ type }) => type);
  need(types.join() === 'tfhd,tfdt,trun', `traf is ${types}`);
  const track = readTfhd(bytes, findBox(bytes, traf, 'tfhd'));
  const tfdt = fullBox(bytes, findBox(bytes, traf, 'tfdt'));
  const time = tfdt.version ? Number(bytes.readBigUInt64BE(tfdt.at)) : bytes.readUInt32BE(tfdt.at);
  const run = readTrun(bytes, findBox(bytes, traf, 'trun'), track);
  return {
    ...track,
    tfdtVersion: tfdt.version,
    time,
    trunVersion: run.version,
    trunFlags: run.flags,
    offset: run.offset,
    samples: run.samples,
    duration: run.samples.reduce((sum, sample) => sum + sample.duration, 0),
    bytes: run.samples.reduce((sum, sample) => sum + sample.size, 0),
  };
}

// A part or a whole segment: its fragments in order, each { sequence, tracks, events, … }, and the
// types of its top-level boxes. Sample bytes are sliced from mdat by the data offsets.
export function readFragments(bytes) {
  const top = readBoxes(bytes);
  const fragments = [];
  let events = [];
  let moof = null;
  for (const box of top) {
    if (box.type === 'emsg') events.push(readEvent(bytes, box));
    else if (box.type === 'moof') {
      need(!moof, 'two moof without a mdat between');
      moof = box;
    } else if (box.type === 'mdat') {
      need(moof, 'mdat without a moof before it');
      fragments.push({ ...readFragment(bytes, moof, box), events });
      events = [];
      moof = null;
    }
  }
  need(!moof && !events.length, 'boxes after the last mdat');
  return { types: top.map(({ type }) => type), fragments };
}

function readFragment(bytes, moof, mdat) {
  const boxes = readBoxes(bytes, moof.body, moof.end);
  need(
    boxes[0]?.type === 'mfhd' && boxes.slice(1).every(({ type }) => type === 'traf'),
    `moof is ${boxes.map((b) => b.type)}`,
  );
  const tracks = boxes.slice(1).map((traf) => readTraf(bytes, traf));
  let expected = mdat.body - moof.start;
  for (const track of tracks) {
    need(track.offset === expected, `data offset ${track.offset} of track ${track.id}, not ${expected}`);
    let at = moof.start + track.offset;
    for (const sample of track.samples) {
      sample.bytes = bytes.subarray(at, at + sample.size);
      at += sample.size;
    }
    expected += track.bytes;
  }
  need(
    expected === mdat.end - moof.start,
    `mdat holds ${mdat.end - mdat.body} bytes, its samples end at ${expected - (mdat.body - moof.start)}`,
  );
  return { sequence: bytes.readUInt32BE(boxes[0].body + 4), tracks };
}
