// The headers of media 2.7, by kind of resource.

const IMMUTABLE = 'public, max-age=31536000, immutable';
const EXPOSED = ['age', 'date', 'etag', 'retry-after', 'content-length'];
const COMMON = {
  'access-control-allow-origin': '*',
  'timing-allow-origin': '*',
  'cross-origin-resource-policy': 'cross-origin',
  'x-content-type-options': 'nosniff',
};
const MEDIA_KINDS = ['init', 'segment', 'part'];
const CLOCK_SLACK_MS = 2500; // Date is in whole seconds

// `kind`: master, playlist, init, segment, part. `response`: { status, headers, receivedAt, body }.
// `cacheControl` is what the resource must say; a list when more than one answer is right.
export function checkHeaders(kind, response, report, { klieg = true, cacheControl, url = '' } = {}) {
  const { headers, status } = response;
  const check = (rule, holds, message) => report.check(rule, holds, () => `${status} ${url}: ${message}`);
  const isMedia = MEDIA_KINDS.includes(kind);
  if (status === 200) {
    const type = isMedia ? /^(video|audio)\/mp4$/ : /^application\/vnd\.apple\.mpegurl$/;
    check('2.7', type.test(headers['content-type'] ?? ''), `Content-Type ${headers['content-type']}`);
  }
  check(
    'HL-p9',
    headers.date && Math.abs(Date.parse(headers.date) - response.receivedAt) <= CLOCK_SLACK_MS,
    `Date ${headers.date}`,
  );
  check(
    '2.7',
    headers['access-control-allow-origin'] === '*',
    `Access-Control-Allow-Origin ${headers['access-control-allow-origin']}`,
  );
  if (!klieg) return;
  check('2.7', 'content-length' in headers || status === 304, 'no Content-Length');
  check('2.7', !('transfer-encoding' in headers), `Transfer-Encoding ${headers['transfer-encoding']}`);
  for (const [name, value] of Object.entries(COMMON))
    check('2.7', headers[name] === value, `${name}: ${headers[name]}`);
  const exposed = (headers['access-control-expose-headers'] ?? '').toLowerCase().split(/ *, */);
  check(
    '2.7',
    EXPOSED.every((name) => exposed.includes(name)),
    `Access-Control-Expose-Headers ${exposed}`,
  );
  const allowed = [cacheControl ?? (isMedia ? IMMUTABLE : [])].flat();
  if (allowed.length)
    check(
      'HL-t7',
      allowed.includes(headers['cache-control']),
      `Cache-Control ${headers['cache-control']}, not ${allowed.join(' or ')}`,
    );
  if (status !== 200) return;
  if (isMedia)
    check(
      '2.7',
      /^"[^"]+"$/.test(headers.etag ?? '') && !headers['content-encoding'],
      `ETag ${headers.etag}, Content-Encoding ${headers['content-encoding']}`,
    );
  else {
    check('HL-p15', /\baccept-encoding\b/i.test(headers.vary ?? ''), `Vary ${headers.vary}`);
    check('2.7', headers['accept-ranges'] === 'none', `Accept-Ranges ${headers['accept-ranges']}`);
  }
}
