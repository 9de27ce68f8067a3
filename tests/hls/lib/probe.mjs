// One-shot requests that a well-behaved player would not make: the directive table HL-40 … HL-48,
// ranges, conditional requests, methods, and what is not there.

import { checkHeaders } from './headers.mjs';
import { edgeOf } from './playlist.mjs';

const AT_ONCE_MS = 1000;

const withQuery = (url, query) => `${url}${url.includes('?') ? '&' : '?'}${query}`;

// What stands for a request that was cut or took too long.
const noAnswer = (error) => ({
  status: error.message,
  headers: {},
  body: Buffer.alloc(0),
  sentAt: 0,
  receivedAt: Infinity,
});

async function expectStatus(client, report, rule, url, wanted, options) {
  const response = await client.request(url, options).catch(noAnswer);
  report.check(
    rule,
    [wanted].flat().includes(response.status),
    () => `${options?.method ?? 'GET'} ${url}: ${response.status}, not ${wanted}`,
  );
  return response;
}

export async function probeDirectives(client, playlistUrl, playlist, report) {
  const { msn, part } = edgeOf(playlist);
  const last = msn - 1;
  const advance = Math.ceil(3 / playlist.partTarget);
  const far = 30; // the list moves on while these requests are under way
  const bad = [
    ['HL-40', '_HLS_msn='],
    ['HL-40', '_HLS_msn=x1'],
    ['HL-40', '_HLS_msn=-1'],
    ['HL-40', '_HLS_msn=12345678901'],
    ['HL-40', `_HLS_msn=${last}&_HLS_msn=${last}`],
    ['HL-40', '_HLS_part=0'],
    ['HL-40', `_HLS_msn=${last}&_HLS_part=1.5`],
    ['HL-42', `_HLS_msn=${last + 2 + far}`],
    ['HL-42', `_HLS_msn=${last + 1}&_HLS_part=${part + advance + far}`],
    ['HL-42', `_HLS_msn=${last + 2}&_HLS_part=${advance + far}`],
  ];
  await Promise.all(
    bad.map(async ([rule, query]) => {
      const response = await expectStatus(client, report, rule, withQuery(playlistUrl, query), 400);
      checkHeaders('error', response, report, { cacheControl: 'no-store', url: query });
      report.check('2.7', isErrorJson(response), () => `${query}: the error is not JSON with a __type`);
    }),
  );
  const good = [
    ['HL-40', '_HLS_unknown=1&other=2'],
    ['HL-43', `_HLS_msn=${playlist.mediaSequence}`],
    ['HL-43', `_HLS_msn=${last}`],
    ['HL-43', '_HLS_msn=0'],
    ['HL-43', `_HLS_msn=${last}&_HLS_part=0`],
    ['HL-47', '_HLS_skip=maybe'],
  ];
  await Promise.all(
    good.map(async ([rule, query]) => {
      const response = await expectStatus(client, report, rule, withQuery(playlistUrl, query), 200);
      report.check(
        rule,
        response.receivedAt - response.sentAt < AT_ONCE_MS,
        () => `${query}: took ${response.receivedAt - response.sentAt} ms`,
      );
    }),
  );
}

const isErrorJson = ({ body }) => {
  try {
    return typeof JSON.parse(body).__type === 'string';
  } catch {
    return false;
  }
};

export async function probeMedia(client, playlistUrl, playlist, report) {
  const segment = playlist.segments.at(-1);
  const url = new URL(segment.uri, playlistUrl).href;
  const whole = await expectStatus(client, report, '2.7', url, 200);
  const ask = (headers, status) => expectStatus(client, report, '2.7', url, status, { headers });
  const [slice, tail, beyond, unchanged, head] = await Promise.all([
    ask({ Range: 'bytes=10-29' }, 206),
    ask({ Range: 'bytes=-7' }, 206),
    ask({ Range: `bytes=${whole.body.length}-` }, 416),
    ask({ 'If-None-Match': whole.headers.etag ?? '"none"' }, 304),
    expectStatus(client, report, '2.7', url, 200, { method: 'HEAD' }),
  ]);
  const same = (what, a, b) => report.check('2.7', a === b, () => `${what} of ${segment.uri}: ${a}, not ${b}`);
  same('range 10-29', slice.body.toString('hex'), whole.body.subarray(10, 30).toString('hex'));
  same('Content-Range', slice.headers['content-range'], `bytes 10-29/${whole.body.length}`);
  same('the last 7 bytes', tail.body.toString('hex'), whole.body.subarray(-7).toString('hex'));
  same('Content-Range of 416', beyond.headers['content-range'], `bytes */${whole.body.length}`);
  same('body of 304', unchanged.body.length, 0);
  same('Content-Length of HEAD', head.headers['content-length'], String(whole.body.length));
  same('body of HEAD', head.body.length, 0);
}

export async function probeAbsent(client, playlistUrl, playlist, report) {
  const { msn, part } = edgeOf(playlist);
  const absent = [
    ['HL-48', `s${msn}.p${part + 12}.m4s`],
    ['HL-48', `s${msn + 3}.p0.m4s`],
    ['HL-48', `s${msn + 3}.m4s`],
    ['2.1', 'init-99.mp4'],
    ['2.1', 'nothing.mp4'],
    ['2.1', `s${msn - 1}.p99.m4s`],
    ['2.1', `s0${msn - 1}.m4s`],
  ];
  await Promise.all(
    absent.map(async ([rule, name]) => {
      const response = await expectStatus(client, report, rule, new URL(name, playlistUrl).href, 404);
      report.check(
        rule,
        response.receivedAt - response.sentAt < AT_ONCE_MS,
        () => `${name}: 404 took ${response.receivedAt - response.sentAt} ms`,
      );
      checkHeaders('error', response, report, { cacheControl: 'no-store', url: name });
    }),
  );
}

export async function probeMethods(client, playlistUrl, report) {
  const ask = (method, status, headers) =>
    expectStatus(client, report, '2.7', playlistUrl, status, { method, headers });
  const [head, , , ranged] = await Promise.all([
    ask('HEAD', 200),
    ask('OPTIONS', [200, 204]),
    ask('POST', 405),
    ask('GET', 200, { Range: 'bytes=0-3' }),
  ]);
  report.check(
    '2.7',
    head.body.length === 0 && Number(head.headers['content-length']) > 0,
    'HEAD of a playlist has a body or no length',
  );
  report.check('2.7', ranged.body.length > 4, 'a Range of a playlist was honoured');
}
