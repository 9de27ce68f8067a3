// What a single playlist must be by itself, and what may change between two states of one.
// Rule ids are those of the media specification, section 2.

const NEVER = ['EXT-X-START', 'EXT-X-PLAYLIST-TYPE', 'EXT-X-ALLOW-CACHE', 'EXT-X-KEY'];
const HEADER = [
  'EXTM3U',
  'EXT-X-VERSION',
  'EXT-X-TARGETDURATION',
  'EXT-X-SERVER-CONTROL',
  'EXT-X-PART-INF',
  'EXT-X-MEDIA-SEQUENCE',
  'EXT-X-DISCONTINUITY-SEQUENCE',
];
const SEGMENT_ORDER =
  /^(EXT-X-DISCONTINUITY )?(EXT-X-MAP )?EXT-X-PROGRAM-DATE-TIME (EXT-X-PART )*(EXT-X-GAP )?(EXTINF )?$/;
const PDT = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const MICRO = 1e-6;

const ticks = (duration) => Math.round(duration * 1e5);

export function lintPlaylist(playlist, report, { klieg = true } = {}) {
  const { tags } = playlist;
  const single = (tag) => (tags[tag]?.length === 1 ? tags[tag][0] : undefined);
  report.check('syntax', playlist.lines[0]?.tag === 'EXTM3U', 'the first line is not #EXTM3U');
  report.check('syntax', !playlist.malformed.length, () => `malformed attributes: ${playlist.malformed[0]}`);
  report.check('HL-20', single('EXT-X-VERSION') === '9', () => `EXT-X-VERSION is ${tags['EXT-X-VERSION']}`);
  report.check(
    'HL-3',
    Number.isInteger(playlist.targetDuration) && playlist.targetDuration >= 1,
    () => `EXT-X-TARGETDURATION is ${tags['EXT-X-TARGETDURATION']}`,
  );
  report.check(
    'HL-22',
    single('EXT-X-MEDIA-SEQUENCE') !== undefined && single('EXT-X-DISCONTINUITY-SEQUENCE') !== undefined,
    'one of the two sequence tags is missing or doubled',
  );
  report.check('HL-31', !NEVER.some((tag) => tag in tags), () => `has ${NEVER.filter((tag) => tag in tags)}`);
  report.check('HL-30', !('EXT-X-DATERANGE' in tags), 'has a DATERANGE');
  lintServerControl(playlist, report, klieg);
  lintSegments(playlist, report, klieg);
  if (playlist.hasParts) lintParts(playlist, report, klieg);
  lintTail(playlist, report);
  if (klieg) lintKlieg(playlist, report);
}

function lintServerControl({ tags, targetDuration, partTarget, hasParts }, report, klieg) {
  const control = tags['EXT-X-SERVER-CONTROL']?.[0] ?? {};
  const blocks = control['CAN-BLOCK-RELOAD'] === 'YES';
  report.check(
    'HL-p8',
    hasParts === blocks && hasParts === 'PART-HOLD-BACK' in control,
    () => `PART-INF ${hasParts}, CAN-BLOCK-RELOAD ${blocks}, PART-HOLD-BACK ${control['PART-HOLD-BACK']}`,
  );
  if (hasParts)
    report.check(
      'HL-21',
      Number(control['PART-HOLD-BACK']) >= 3 * partTarget - MICRO,
      () => `PART-HOLD-BACK ${control['PART-HOLD-BACK']} for PART-TARGET ${partTarget}`,
    );
  if (!klieg) return;
  const wanted = {
    'CAN-SKIP-UNTIL': (6 * targetDuration).toFixed(1),
    'HOLD-BACK': (3 * targetDuration).toFixed(1),
    ...(hasParts && { 'CAN-BLOCK-RELOAD': 'YES', 'PART-HOLD-BACK': (3 * partTarget).toFixed(3) }),
  };
  const sorted = (object) => JSON.stringify(Object.entries(object).sort());
  report.check(
    'HL-21',
    sorted(control) === sorted(wanted),
    () => `SERVER-CONTROL is ${sorted(control)}, not ${sorted(wanted)}`,
  );
  if (hasParts)
    report.check(
      'HL-5',
      /^\d\.\d{3}$/.test(tags['EXT-X-PART-INF'][0]['PART-TARGET']) && partTarget <= 1.004,
      () => `PART-TARGET is ${tags['EXT-X-PART-INF'][0]['PART-TARGET']}`,
    );
}

function lintSegments(playlist, report, klieg) {
  const all = [...playlist.segments, ...(playlist.open ? [playlist.open] : [])];
  for (const segment of playlist.segments) {
    report.check(
      'HL-3',
      Math.round(segment.duration) <= playlist.targetDuration,
      () => `EXTINF ${segment.extinf} of ${segment.uri} with TARGETDURATION ${playlist.targetDuration}`,
    );
    report.check(
      'HL-11',
      !klieg || /^\d+\.\d{5}$/.test(segment.extinf),
      () => `EXTINF ${segment.extinf} does not have 5 decimals`,
    );
    if (segment.parts.length) {
      const sum = segment.parts.reduce((total, part) => total + ticks(part.duration), 0);
      const slack = klieg ? 0 : 100 * segment.parts.length;
      report.check(
        'HL-11',
        Math.abs(sum - ticks(segment.duration)) <= slack ||
          segment.parts.some((part) => part.duration === playlist.partTarget),
        () => `parts of ${segment.uri} sum to ${sum / 1e5}, EXTINF says ${segment.extinf}`,
      );
    }
  }
  if (!klieg) return;
  for (const segment of all) {
    report.check(
      'HL-23',
      SEGMENT_ORDER.test(segment.tags.map((tag) => `${tag} `).join('')),
      () => `tags of segment ${segment.msn}: ${segment.tags.join(' ')}`,
    );
    report.check(
      'HL-23',
      PDT.test(segment.pdt ?? ''),
      () => `PROGRAM-DATE-TIME of segment ${segment.msn}: ${segment.pdt}`,
    );
  }
  lintClock(all, report);
}

// Within a generation a segment starts when the one before it ends; PDT is in whole milliseconds.
function lintClock(all, report) {
  for (let i = 1; i < all.length; i++) {
    const step = Date.parse(all[i].pdt) - Date.parse(all[i - 1].pdt);
    const where = () => `PROGRAM-DATE-TIME moves ${step} ms from segment ${all[i - 1].msn} of ${all[i - 1].extinf} s`;
    if (all[i].discontinuity) report.check('HL-t1', step > 0, where);
    else report.check('HL-t1', Math.abs(step - 1000 * all[i - 1].duration) <= 7, where);
  }
}

function lintParts(playlist, report, klieg) {
  const { partTarget, segments, open } = playlist;
  const listing = [...segments, ...(open ? [open] : [])];
  for (const segment of listing) {
    segment.parts.forEach((part, index) => {
      report.check(
        'HL-7',
        part.duration <= partTarget + MICRO,
        () => `part ${part.uri} of ${part.duration} s is over ${partTarget}`,
      );
      const isLast = index === segment.parts.length - 1;
      if (!isLast)
        report.check(
          'HL-p3',
          part.duration >= 0.85 * partTarget - MICRO,
          () => `part ${part.uri} of ${part.duration} s is under 85 % of ${partTarget}`,
        );
      report.check(
        'HL-11',
        !klieg || /^\d+\.\d{5}$/.test(part.rawDuration),
        () => `part DURATION ${part.rawDuration} does not have 5 decimals`,
      );
    });
  }
  if (playlist.ended || !klieg) return;
  let end = open ? open.parts.reduce((sum, part) => sum + part.duration, 0) : 0;
  for (const segment of [...segments].reverse()) {
    end += segment.duration;
    const near = end <= 3 * playlist.targetDuration + MICRO;
    // Sums of rounded durations may miss the edge by a hair: neither answer is wrong there.
    if (Math.abs(end - 3 * playlist.targetDuration) < 1e-3) continue;
    report.check(
      'HL-24',
      near === segment.parts.length > 0,
      () => `segment ${segment.msn} starts ${end.toFixed(3)} s before the end and lists ${segment.parts.length} parts`,
    );
  }
}

function lintTail(playlist, report) {
  const { ended, hints, hasParts, lines, segments, open } = playlist;
  if (ended) {
    report.check('HL-27', lines.at(-1).tag === 'EXT-X-ENDLIST', 'ENDLIST is not the last line');
    report.check(
      'HL-27',
      !hints.length && !playlist.reports.length && !open && segments.every(({ parts }) => !parts.length),
      'an ended playlist has a hint, a report or parts',
    );
    return;
  }
  report.check('HL-25', hints.length === (hasParts ? 1 : 0), () => `${hints.length} PRELOAD-HINT lines`);
  for (const hint of hints)
    report.check('HL-25', hint.TYPE === 'PART' && hint.URI, () => `PRELOAD-HINT ${JSON.stringify(hint)}`);
  for (const each of playlist.reports)
    report.check(
      'HL-26',
      each.URI && /^\d+$/.test(each['LAST-MSN'] ?? '') && (!hasParts || /^\d+$/.test(each['LAST-PART'] ?? '')),
      () => `RENDITION-REPORT ${JSON.stringify(each)}`,
    );
}

function lintKlieg(playlist, report) {
  const { segments, open, hints, hasParts, lines } = playlist;
  const header = HEADER.filter((tag) => hasParts || tag !== 'EXT-X-PART-INF');
  const start = lines.slice(0, header.length).map(({ tag }) => tag);
  report.check('2.4', start.join() === header.join(), () => `the header is ${start}`);
  report.check('HL-1', playlist.mediaSequence >= 1, () => `EXT-X-MEDIA-SEQUENCE ${playlist.mediaSequence}`);
  report.check(
    '2.4',
    playlist.skipped > 0 || !segments.length || segments[0].ownMap !== null,
    'the first segment has no EXT-X-MAP',
  );
  for (const segment of [...segments, ...(open ? [open] : [])]) {
    if (segment.uri)
      report.check('2.1', segment.uri === `s${segment.msn}.m4s`, () => `segment ${segment.msn} is ${segment.uri}`);
    segment.parts.forEach(({ uri }, k) =>
      report.check('2.1', uri === `s${segment.msn}.p${k}.m4s`, () => `part ${k} of segment ${segment.msn} is ${uri}`),
    );
    report.check(
      '2.1',
      segment.ownMap === null || /^init-\d+\.mp4$/.test(segment.ownMap),
      () => `init section ${segment.ownMap}`,
    );
    report.check(
      'HL-12',
      !segment.discontinuity || segment.ownMap !== null,
      () => `segment ${segment.msn} has a DISCONTINUITY without a MAP`,
    );
  }
  if (!playlist.ended && hasParts) {
    const next = `s${playlist.nextMsn}.p${open?.parts.length ?? 0}.m4s`;
    report.check('HL-25', hints[0]?.URI === next, () => `the hint is ${hints[0]?.URI}, the next part ${next}`);
  }
}

// Only these edits are allowed: append, drop whole segments from the front, drop PART lines,
// replace hint and reports, append ENDLIST. `next` may be any later state.
export function lintEdit(previous, next, report) {
  const same = (rule, what, a, b) =>
    report.check(
      rule,
      JSON.stringify(a) === JSON.stringify(b),
      () => `${what} changed from ${JSON.stringify(a)} to ${JSON.stringify(b)}`,
    );
  for (const tag of ['EXT-X-VERSION', 'EXT-X-TARGETDURATION', 'EXT-X-PART-INF', 'EXT-X-SERVER-CONTROL'])
    same('HL-p1', tag, previous.tags[tag], next.tags[tag]);
  report.check(
    '2.4',
    next.mediaSequence >= previous.mediaSequence,
    () => `EXT-X-MEDIA-SEQUENCE fell from ${previous.mediaSequence} to ${next.mediaSequence}`,
  );
  report.check(
    '2.4',
    next.nextMsn >= previous.nextMsn,
    () => `the list fell back from segment ${previous.nextMsn} to ${next.nextMsn}`,
  );
  report.check('HL-27', !previous.ended || next.ended, 'ENDLIST went away');
  const after = new Map([...next.segments, ...(next.open ? [next.open] : [])].map((each) => [each.msn, each]));
  for (const segment of [...previous.segments, ...(previous.open ? [previous.open] : [])])
    if (after.has(segment.msn)) lintKept(segment, after.get(segment.msn), previous, next, report);
    else
      report.check(
        '2.4',
        segment.msn < next.mediaSequence,
        () => `segment ${segment.msn} vanished from the middle of the list`,
      );
  const dropped = previous.segments.filter(({ msn }) => msn < next.mediaSequence);
  if (dropped.length === next.mediaSequence - previous.mediaSequence)
    report.check(
      'HL-22',
      next.discontinuitySequence ===
        previous.discontinuitySequence + dropped.filter(({ discontinuity }) => discontinuity).length,
      () => `EXT-X-DISCONTINUITY-SEQUENCE ${previous.discontinuitySequence} became ${next.discontinuitySequence}`,
    );
  // A segment that is older may have lost its PART lines already.
  if (next.nextMsn - previous.nextMsn <= 2) lintHintKept(previous, after, report);
}

function lintKept(before, after, previous, next, report) {
  for (const field of ['uri', 'extinf', 'pdt', 'discontinuity', 'map'])
    if (before[field] !== undefined)
      report.check(
        '2.4',
        before[field] === after[field],
        () => `${field} of segment ${before.msn} changed from ${before[field]} to ${after[field]}`,
      );
  if (!after.parts.length) {
    report.check(
      'HL-24',
      before.msn < previous.nextMsn || next.ended || next.nextMsn > before.msn,
      () => `parts of the open segment ${before.msn} vanished`,
    );
    return;
  }
  before.parts.forEach((part, k) =>
    report.check(
      '2.4',
      JSON.stringify(part) === JSON.stringify(after.parts[k]),
      () => `part ${part.uri} changed to ${JSON.stringify(after.parts[k])}`,
    ),
  );
}

// The hint of one state names a part that the later states list (unless the session ended before).
function lintHintKept(previous, after, report) {
  const hint = previous.hints[0]?.URI;
  const uris = [...after.values()].flatMap(({ parts }) => parts.map(({ uri }) => uri));
  const known = new Set(
    previous.segments.concat(previous.open ?? []).flatMap(({ parts }) => parts.map(({ uri }) => uri)),
  );
  const fresh = uris.filter((uri) => !known.has(uri));
  if (hint && fresh.length)
    report.check('HL-25', fresh[0] === hint, () => `the hint was ${hint}, the next part ${fresh[0]}`);
}
