#!/usr/bin/env node
// Checks a live LL-HLS stream against section 2 of the media specification.
//
// Usage: node tests/hls/check.mjs URL [--seconds N] [--wait N] [--jitter-ms N] [--generic]
//   URL        of a multivariant playlist, or of a media playlist
//   --seconds  how long to follow (20)
//   --wait     how long to wait for the stream to start (0)
//   --jitter-ms how late a part may be (100)
//   --generic  not a Klieg server: only what the HLS draft itself demands
// Prints a line for every rule with how often it was checked; exit status 1 if one was broken.

import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { Client } from './lib/client.mjs';
import { Follower } from './lib/follow.mjs';
import { checkHeaders } from './lib/headers.mjs';
import { checkVariant, lintMaster } from './lib/master.mjs';
import { parseMaster } from './lib/playlist.mjs';
import { probeAbsent, probeDirectives, probeMedia, probeMethods } from './lib/probe.mjs';
import { Report } from './lib/report.mjs';

const STATES_BEFORE_PROBES = 3;

// Follows every rendition for `seconds` or that many states; the report says what was found.
export async function checkStream(
  url,
  { seconds = 20, wait = 0, jitterMs = 100, klieg = true, timeoutMs = 15_000, states = Infinity } = {},
) {
  const report = new Report();
  const client = new Client({ timeoutMs });
  try {
    const first = await untilThere(client, url, wait);
    if (!report.check('2.7', first.status === 200, `${url}: ${first.status}`)) return report;
    const text = first.body.toString();
    const variants = text.includes('#EXT-X-STREAM-INF')
      ? readMaster(url, first, report, klieg)
      : [{ uri: url, attributes: null }];
    const deadline = Date.now() + 1000 * seconds;
    const followers = variants.map(
      ({ uri }) => new Follower(client, report, new URL(uri, url).href, { klieg, jitterMs }),
    );
    await Promise.all(
      followers.map((follower) =>
        follower.follow({ deadline, states }, klieg ? probeOnce(client, follower, report) : undefined),
      ),
    );
    variants.forEach((variant, i) => variant.attributes && checkVariant(variant, followers[i].findings, report));
    checkAligned(followers, report);
    report.check(
      'followed',
      followers.every(({ states }) => states >= STATES_BEFORE_PROBES),
      'too few states were seen to judge',
    );
  } finally {
    client.close();
  }
  return report;
}

async function untilThere(client, url, wait) {
  const deadline = Date.now() + 1000 * wait;
  for (;;) {
    const response = await client.request(url);
    if (response.status === 200 || Date.now() >= deadline) return response;
    await sleep(200);
  }
}

function readMaster(url, response, report, klieg) {
  const master = parseMaster(response.body.toString());
  checkHeaders('master', response, report, { klieg, cacheControl: 'public, max-age=1', url });
  lintMaster(master, report, { klieg });
  return master.variants;
}

function probeOnce(client, follower, report) {
  let seen = 0;
  return async (playlist) => {
    if (++seen !== STATES_BEFORE_PROBES || playlist.ended) return;
    const url = follower.url;
    await probeDirectives(client, url, playlist, report);
    await probeMedia(client, url, playlist, report);
    await probeAbsent(client, url, follower.state, report);
    await probeMethods(client, url, report);
    follower.forgivePace();
  };
}

// The same MSN covers the same stretch of the source in every rendition.
function checkAligned([first, ...others], report) {
  for (const other of others)
    for (const [msn, pdt] of other.pdts)
      if (first.pdts.has(msn))
        report.check(
          'HL-t4',
          Math.abs(pdt - first.pdts.get(msn)) <= 42,
          () => `segment ${msn} starts ${pdt - first.pdts.get(msn)} ms apart in two renditions`,
        );
}

async function main() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '20' },
      wait: { type: 'string', default: '0' },
      'jitter-ms': { type: 'string', default: '100' },
      generic: { type: 'boolean', default: false },
    },
  });
  if (positionals.length !== 1) {
    console.error('usage: node tests/hls/check.mjs URL [--seconds N] [--wait N] [--jitter-ms N] [--generic]');
    return 2;
  }
  const report = await checkStream(positionals[0], {
    seconds: Number(values.seconds),
    wait: Number(values.wait),
    jitterMs: Number(values['jitter-ms']),
    klieg: !values.generic,
  });
  console.log(String(report));
  return report.ok ? 0 : 1;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) process.exitCode = await main();
