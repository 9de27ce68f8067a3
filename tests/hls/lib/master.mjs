// What the multivariant playlist must say (media 2.5), by itself and about the media behind it.

const STREAM_ATTRIBUTES = 'BANDWIDTH,AVERAGE-BANDWIDTH,CODECS,RESOLUTION,FRAME-RATE,STABLE-VARIANT-ID';

export function lintMaster(master, report, { klieg = true } = {}) {
  const check = (holds, message) => report.check('2.5', holds, message);
  check(
    master.lines[0]?.tag === 'EXTM3U' && !master.malformed.length,
    () => `malformed: ${master.malformed[0] ?? master.lines[0]?.line}`,
  );
  check(master.variants.length > 0, 'no variants');
  for (const { uri, attributes } of master.variants) {
    check(Number(attributes.BANDWIDTH) > 0, () => `${uri}: BANDWIDTH ${attributes.BANDWIDTH}`);
    report.check('2.1', !klieg || /^(?!\/|[a-z]+:)/.test(uri), () => `${uri} is not relative`);
    if (klieg) lintVariant(uri, attributes, report);
  }
  if (!klieg) return;
  check(master.tags['EXT-X-VERSION']?.[0] === '9', () => `EXT-X-VERSION ${master.tags['EXT-X-VERSION']}`);
  for (const id of ['org.klieg.stream-id', 'org.klieg.channel-id'])
    check(master.session[id], () => `no SESSION-DATA ${id}`);
  const bandwidths = master.variants.slice(1).map(({ attributes }) => Number(attributes.BANDWIDTH));
  check(
    bandwidths.every((value, i) => !i || value <= bandwidths[i - 1]),
    'transcoded renditions are not in falling order',
  );
}

function lintVariant(uri, attributes, report) {
  const check = (holds, message) => report.check('2.5', holds, () => `${uri}: ${message}`);
  const id = attributes['STABLE-VARIANT-ID'];
  const isAudio = id === 'audio_only';
  if (!isAudio) {
    check(Object.keys(attributes).join() === STREAM_ATTRIBUTES, `attributes ${Object.keys(attributes)}`);
    check(/^\d+x\d+$/.test(attributes.RESOLUTION ?? ''), `RESOLUTION ${attributes.RESOLUTION}`);
    check(/^\d+\.\d{3}$/.test(attributes['FRAME-RATE'] ?? ''), `FRAME-RATE ${attributes['FRAME-RATE']}`);
    check(/^\d+p(30|60)(-src)?$/.test(id ?? ''), `STABLE-VARIANT-ID ${id}`);
    report.check(
      '2.1',
      rendition(attributes) === id?.replace('-src', ''),
      `${uri}: ${id} for ${attributes.RESOLUTION} at ${attributes['FRAME-RATE']}`,
    );
  }
  check(
    /^avc1\.[0-9A-F]{6}(,mp4a\.40\.\d+)?$|^mp4a\.40\.\d+$/.test(attributes.CODECS ?? ''),
    `CODECS ${attributes.CODECS}`,
  );
  for (const name of ['BANDWIDTH', 'AVERAGE-BANDWIDTH'])
    check(Number(attributes[name]) % 10000 === 0, `${name} ${attributes[name]} is not in whole 10000`);
  check(Number(attributes.BANDWIDTH) >= Number(attributes['AVERAGE-BANDWIDTH']), 'BANDWIDTH below AVERAGE-BANDWIDTH');
  report.check(
    '2.1',
    /^st-[^/]+\/[^/]+\/index\.m3u8$/.test(uri) && uri.split('/')[1] === id,
    `${uri} does not name its stream and ${id}`,
  );
}

function rendition({ RESOLUTION, 'FRAME-RATE': rate }) {
  const edge = Math.min(...(RESOLUTION ?? '0x0').split('x').map(Number));
  return `${edge}p${Number(rate) > 31 ? 60 : 30}`;
}

// The variant against what its media turned out to be: { init, fps, peakBps }, each if known.
export function checkVariant({ uri, attributes }, { init, fps, peakBps }, report) {
  const check = (rule, holds, message) => report.check(rule, holds, () => `${uri}: ${message}`);
  const codecs = init?.tracks.map(({ entry }) => entry.codec).join();
  if (codecs) check('2.5', attributes.CODECS === codecs, `CODECS ${attributes.CODECS}, the init section has ${codecs}`);
  const video = init?.tracks.find(({ handler }) => handler === 'vide');
  if (video)
    check(
      '2.5',
      attributes.RESOLUTION === `${video.width}x${video.height}`,
      `RESOLUTION ${attributes.RESOLUTION}, the track is ${video.width}x${video.height}`,
    );
  if (fps)
    check(
      '2.5',
      Math.abs(Number(attributes['FRAME-RATE']) - fps) <= 0.02 * fps,
      `FRAME-RATE ${attributes['FRAME-RATE']}, measured ${fps.toFixed(3)}`,
    );
  if (peakBps)
    check(
      'HL-p10',
      peakBps < 1.25 * Number(attributes.BANDWIDTH),
      `BANDWIDTH ${attributes.BANDWIDTH}, a segment has ${Math.round(peakBps)} bit/s`,
    );
}
