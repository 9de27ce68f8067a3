// Writes the init sections and parts of media 2.3 for the checker's own tests, and breaks them on
// request: `faults` names what to do wrong.

const u8 = (...values) => Buffer.from(values);
const u16 = (value) => Buffer.from([value >> 8, value & 255]);
const u32 = (value) => {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
};
const u64 = (value) => {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
};
const box = (type, ...parts) => {
  const body = Buffer.concat(parts);
  return Buffer.concat([u32(body.length + 8), Buffer.from(type, 'latin1'), body]);
};
const full = (type, version, flags, ...parts) => box(type, u32(version * 2 ** 24 + flags), ...parts);
const zeros = (count) => Buffer.alloc(count);

const AVCC = Buffer.from('0142c01effe100196742c01eda0280bfe5c044000003000400000300f03c58ba8001000468ce3c80', 'hex');
const ESDS = Buffer.from('031900020004114015000000000000000000000005021190060102', 'hex');
const MATRIX = Buffer.concat([u32(0x10000), zeros(12), u32(0x10000), zeros(12), u32(0x40000000)]);
const WIDTH = 640;
const HEIGHT = 360;

function track(id, { timescale, handler, name, media, entry, faults }) {
  const isVideo = handler === 'vide';
  const tkhd = full(
    'tkhd',
    0,
    3,
    zeros(8),
    u32(id),
    zeros(8),
    zeros(8),
    zeros(4),
    u16(isVideo ? 0 : 0x100),
    zeros(2),
    MATRIX,
    u32(isVideo ? WIDTH * 65536 : 0),
    u32(isVideo ? HEIGHT * 65536 : 0),
  );
  const stbl = box(
    'stbl',
    full('stsd', 0, 0, u32(1), entry),
    full('stts', 0, 0, u32(0)),
    full('stsc', 0, 0, u32(0)),
    full('stsz', 0, 0, u32(0), u32(0)),
    full('stco', 0, 0, u32(0)),
  );
  const mdia = box(
    'mdia',
    full('mdhd', 0, 0, zeros(8), u32(timescale), zeros(4), u16(0x55c4), zeros(2)),
    full('hdlr', 0, 0, zeros(4), Buffer.from(handler), zeros(12), Buffer.from(`${name}\0`)),
    box('minf', media, box('dinf', full('dref', 0, 0, u32(1), full('url ', 0, 1))), stbl),
  );
  return box('trak', tkhd, ...(faults.edts && isVideo ? [box('edts')] : []), mdia);
}

export function fakeInit({ faults = {} } = {}) {
  const avc1 = box(
    'avc1',
    zeros(6),
    u16(1),
    zeros(16),
    u16(WIDTH),
    u16(HEIGHT),
    u32(0x480000),
    u32(0x480000),
    zeros(4),
    u16(1),
    zeros(32),
    u16(24),
    u16(0xffff),
    box('avcC', AVCC),
    box('pasp', u32(1), u32(1)),
  );
  const mp4a = box(
    'mp4a',
    zeros(6),
    u16(1),
    zeros(8),
    u16(2),
    u16(16),
    zeros(4),
    u32(48000 * 65536),
    full('esds', 0, 0, ESDS),
  );
  const brands = faults.brands ? ['iso6', 'cmfc'] : ['iso6', 'iso5', 'mp41', 'aid3'];
  const trex = (id) => full('trex', 0, 0, u32(id), u32(1), zeros(12));
  return Buffer.concat([
    box('ftyp', Buffer.from('iso6'), u32(1), ...brands.map((brand) => Buffer.from(brand))),
    box(
      'moov',
      full('mvhd', 0, 0, zeros(8), u32(1000), zeros(80), u32(3)),
      track(1, {
        timescale: 90000,
        handler: 'vide',
        name: 'Klieg Video',
        media: full('vmhd', 0, 1, zeros(8)),
        entry: avc1,
        faults,
      }),
      track(2, {
        timescale: 48000,
        handler: 'soun',
        name: 'Klieg Audio',
        media: full('smhd', 0, 0, zeros(4)),
        entry: mp4a,
        faults,
      }),
      box('mvex', trex(1), trex(2)),
    ),
  ]);
}

const IDR = Buffer.from('0000000165', 'hex');
const NOT_IDR = Buffer.from('0000000141', 'hex');

// `video`: [{ duration, idr, composition }] from decode time `time`; `audio`: count of AAC frames from
// sample `audioTime`; `events`: [{ id, time, data }].
export function fakePart({ sequence, time, video, audioTime, audio, events = [], faults = {} }) {
  const videoBytes = video.map(({ idr }) =>
    faults.spsInside && idr ? Buffer.concat([IDR, Buffer.from('0000000167', 'hex')]) : idr ? IDR : NOT_IDR,
  );
  const audioBytes = Array.from({ length: audio }, (_, i) => u8(0x21, i));
  const rows = video.map(({ duration, idr, composition = 0 }, i) =>
    Buffer.concat([
      u32(duration),
      u32(videoBytes[i].length),
      u32(idr && !faults.sampleFlags ? 0x02000000 : 0x01010000),
      u32(composition),
    ]),
  );
  const moof = (videoAt, audioAt) =>
    box(
      'moof',
      full('mfhd', 0, 0, u32(sequence)),
      box(
        'traf',
        full('tfhd', 0, 0x020000, u32(1)),
        full('tfdt', 1, 0, u64(time)),
        full('trun', faults.trunVersion ? 0 : 1, 0xf01, u32(video.length), u32(videoAt), ...rows),
      ),
      box(
        'traf',
        full('tfhd', 0, 0x020028, u32(2), u32(1024), u32(0x02000000)),
        full('tfdt', 1, 0, u64(audioTime)),
        full('trun', 0, 0x201, u32(audio), u32(audioAt), ...audioBytes.map((bytes) => u32(bytes.length))),
      ),
    );
  const videoAt = moof(0, 0).length + 8 + (faults.dataOffset ? 1 : 0);
  const audioAt = videoAt + videoBytes.reduce((sum, { length }) => sum + length, 0);
  return Buffer.concat([
    ...(faults.styp ? [box('styp', Buffer.from('msdh'))] : []),
    ...events.map((event) => fakeEvent(event, faults)),
    moof(videoAt, audioAt),
    box('mdat', ...videoBytes, ...audioBytes),
  ]);
}

const syncsafe = (n) => u8((n >> 21) & 127, (n >> 14) & 127, (n >> 7) & 127, n & 127);

export function fakeTag(payload) {
  const frame = Buffer.concat([u8(3), Buffer.from('metadata.live-video.net\0'), Buffer.from(`${payload}\0`)]);
  return Buffer.concat([
    Buffer.from('ID3'),
    u8(4, 0, 0),
    syncsafe(frame.length + 10),
    Buffer.from('TXXX'),
    syncsafe(frame.length),
    u8(0, 0),
    frame,
  ]);
}

function fakeEvent({ id, time, payload = 'hello' }, faults) {
  const scheme = faults.eventScheme ? 'https://aomedia.org/emsg/id3' : 'https://aomedia.org/emsg/ID3';
  return full(
    'emsg',
    faults.eventVersion ? 0 : 1,
    0,
    u32(90000),
    u64(time),
    u32(0xffffffff),
    u32(id),
    Buffer.from(`${scheme}\0\0`),
    faults.eventTag ? Buffer.from('ID3') : fakeTag(payload),
  );
}
