// Reads media and multivariant playlists (draft-pantos-hls-rfc8216bis-22) into values that keep
// enough of the text (raw attributes, order of tags) to judge how they were written.

// Attribute lists: NAME=value,NAME="quoted, value". Null when malformed or a name occurs twice.
export function parseAttributes(text) {
  const attributes = {};
  const pattern = /([A-Z0-9-]+)=("[^"\r\n]*"|[^",\s]+)(?:,|$)/y;
  while (pattern.lastIndex < text.length) {
    const match = pattern.exec(text);
    if (!match || match[1] in attributes) return null;
    attributes[match[1]] = match[2].startsWith('"') ? match[2].slice(1, -1) : match[2];
  }
  return text.endsWith(',') ? null : attributes;
}

const ATTRIBUTE_TAGS = new Set([
  'EXT-X-SERVER-CONTROL',
  'EXT-X-PART-INF',
  'EXT-X-MAP',
  'EXT-X-PART',
  'EXT-X-PRELOAD-HINT',
  'EXT-X-RENDITION-REPORT',
  'EXT-X-SKIP',
  'EXT-X-STREAM-INF',
  'EXT-X-SESSION-DATA',
  'EXT-X-MEDIA',
  'EXT-X-DATERANGE',
  'EXT-X-START',
  'EXT-X-KEY',
]);

// Lines as { tag, value, attributes, line } for tags and { uri, line } for URIs.
export function parseLines(text) {
  return text
    .split('\n')
    .map((raw) => raw.replace(/\r$/, ''))
    .filter((line) => line !== '' && (!line.startsWith('#') || line.startsWith('#EXT')))
    .map((line) => {
      if (!line.startsWith('#')) return { uri: line, line };
      const [, tag, value] = /^#([A-Z0-9-]+):?(.*)$/.exec(line) ?? [null, line.slice(1), ''];
      const attributes = ATTRIBUTE_TAGS.has(tag) ? parseAttributes(value) : undefined;
      return { tag, value, attributes, line };
    });
}

const newSegment = () => ({
  parts: [],
  discontinuity: false,
  gap: false,
  map: null,
  ownMap: null,
  pdt: null,
  tags: [],
});

// A media playlist. `segments` are the complete ones; `open` holds the parts after the last URI, or
// is null. With a SKIP, `skipped` counts the segments that are left out and MSNs account for them.
export function parseMediaPlaylist(text) {
  const playlist = {
    text,
    lines: parseLines(text),
    tags: {},
    segments: [],
    open: null,
    hints: [],
    reports: [],
    skipped: 0,
    ended: false,
    mediaSequence: 0,
    discontinuitySequence: 0,
    malformed: [],
  };
  const header = playlist.tags;
  let segment = newSegment();
  let map = null;
  for (const { tag, value, attributes, uri, line } of playlist.lines) {
    if (attributes === null) playlist.malformed.push(line);
    if (uri !== undefined) {
      playlist.segments.push({ ...segment, uri, map });
      segment = newSegment();
      continue;
    }
    switch (tag) {
      case 'EXTINF':
        segment.extinf = value.replace(/,.*$/, '');
        segment.duration = Number(segment.extinf);
        break;
      case 'EXT-X-PART':
        segment.parts.push({
          uri: attributes?.URI,
          duration: Number(attributes?.DURATION),
          rawDuration: attributes?.DURATION,
          independent: attributes?.INDEPENDENT === 'YES',
          gap: attributes?.GAP === 'YES',
        });
        break;
      case 'EXT-X-DISCONTINUITY':
        segment.discontinuity = true;
        break;
      case 'EXT-X-GAP':
        segment.gap = true;
        break;
      case 'EXT-X-PROGRAM-DATE-TIME':
        segment.pdt = value;
        break;
      case 'EXT-X-MAP':
        map = segment.ownMap = attributes?.URI ?? null;
        break;
      case 'EXT-X-PRELOAD-HINT':
        playlist.hints.push(attributes ?? {});
        continue;
      case 'EXT-X-RENDITION-REPORT':
        playlist.reports.push(attributes ?? {});
        continue;
      case 'EXT-X-SKIP':
        playlist.skipped = Number(attributes?.['SKIPPED-SEGMENTS']);
        continue;
      case 'EXT-X-ENDLIST':
        playlist.ended = true;
        continue;
      default:
        (header[tag] ??= []).push(attributes ?? value);
        continue;
    }
    segment.tags.push(tag);
  }
  playlist.mediaSequence = Number(header['EXT-X-MEDIA-SEQUENCE']?.[0] ?? 0);
  playlist.discontinuitySequence = Number(header['EXT-X-DISCONTINUITY-SEQUENCE']?.[0] ?? 0);
  if (segment.parts.length || segment.pdt || segment.discontinuity) playlist.open = { ...segment, map };
  playlist.segments.forEach((each, index) => {
    each.msn = playlist.mediaSequence + playlist.skipped + index;
  });
  playlist.nextMsn = playlist.mediaSequence + playlist.skipped + playlist.segments.length;
  if (playlist.open) playlist.open.msn = playlist.nextMsn;
  playlist.targetDuration = Number(header['EXT-X-TARGETDURATION']?.[0]);
  playlist.partTarget = Number(header['EXT-X-PART-INF']?.[0]?.['PART-TARGET']);
  playlist.hasParts = 'EXT-X-PART-INF' in header;
  return playlist;
}

// The position of the newest media: { msn, part } of the last listed part, or of the segment that
// opens next with part -1 when none of its parts is listed yet.
export function edgeOf(playlist) {
  return { msn: playlist.nextMsn, part: (playlist.open?.parts.length ?? 0) - 1 };
}

// Whether a playlist answers a blocking request (media rule HL-43).
export function satisfies(playlist, msn, part) {
  const last = playlist.nextMsn - 1;
  const edge = edgeOf(playlist).part;
  if (playlist.ended || last > msn) return true;
  if (part === undefined) return last >= msn;
  if (last === msn) {
    const segment = playlist.segments.at(-1);
    return part < (segment?.parts.length ?? 0) || edge >= 0;
  }
  return msn === last + 1 && edge >= part;
}

// All segments of a delta update laid over the full playlist that the client had before.
export function mergeDelta(previous, delta) {
  if (!delta.skipped) return delta;
  const first = delta.mediaSequence;
  const known = previous.segments.filter(({ msn }) => msn >= first && msn < first + delta.skipped);
  let map = known.at(-1)?.map ?? null;
  const carry = (segment) => {
    map = segment.ownMap ?? map;
    return { ...segment, map };
  };
  const merged = {
    ...delta,
    skipped: 0,
    segments: [...known.map((segment) => ({ ...segment, parts: [] })), ...delta.segments.map(carry)],
  };
  merged.open = delta.open && carry(delta.open);
  merged.complete = known.length === delta.skipped;
  return merged;
}

const partText = ({ uri, rawDuration, independent, gap }) => `${uri} ${rawDuration} ${independent} ${gap}`;
const segmentText = (segment) =>
  segment &&
  [
    segment.msn,
    segment.uri,
    segment.extinf,
    segment.pdt,
    segment.discontinuity,
    segment.gap,
    segment.map,
    ...segment.parts.map(partText),
  ].join(' ');

// What two playlists say differently, as sentences; empty when they mean the same state.
export function differences(a, b) {
  const found = [];
  const compare = (what, left, right) => {
    if (left !== right) found.push(`${what}: "${left}" against "${right}"`);
  };
  for (const tag of new Set([...Object.keys(a.tags), ...Object.keys(b.tags)]))
    compare(tag, JSON.stringify(a.tags[tag]), JSON.stringify(b.tags[tag]));
  compare('number of segments', a.segments.length, b.segments.length);
  for (let i = 0; i < Math.min(a.segments.length, b.segments.length); i++)
    compare(`segment ${i}`, segmentText(a.segments[i]), segmentText(b.segments[i]));
  compare('open segment', segmentText(a.open), segmentText(b.open));
  compare('hints', JSON.stringify(a.hints), JSON.stringify(b.hints));
  compare('reports', JSON.stringify(a.reports), JSON.stringify(b.reports));
  compare('ended', a.ended, b.ended);
  return found;
}

// A multivariant playlist: variants with their attributes and URIs, and its session data.
export function parseMaster(text) {
  const master = { text, lines: parseLines(text), variants: [], session: {}, tags: {}, malformed: [] };
  let pending = null;
  for (const { tag, value, attributes, uri, line } of master.lines) {
    if (attributes === null) master.malformed.push(line);
    if (uri !== undefined) {
      if (pending) master.variants.push({ uri, attributes: pending });
      pending = null;
    } else if (tag === 'EXT-X-STREAM-INF') {
      pending = attributes ?? {};
    } else if (tag === 'EXT-X-SESSION-DATA') {
      master.session[attributes?.['DATA-ID']] = attributes?.VALUE;
    } else {
      (master.tags[tag] ??= []).push(attributes ?? value);
    }
  }
  return master;
}
