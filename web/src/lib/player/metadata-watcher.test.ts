import { expect, test, vi } from 'vitest';
import { MetadataWatcher } from '@/lib/player/metadata-watcher';

class FakeTrack extends EventTarget {
  mode = 'disabled';
  cues: object[] = [];

  constructor(readonly kind: string) {
    super();
  }

  add(text: string, startTime: number) {
    this.cues.push({ startTime, value: { key: 'TXXX', info: 'metadata.live-video.net', data: text } });
    this.dispatchEvent(new Event('cuechange'));
  }
}

function setUp() {
  const tracks: FakeTrack[] = [];
  const list = Object.assign(new EventTarget(), { [Symbol.iterator]: () => tracks[Symbol.iterator]() });
  const video = { textTracks: list, currentTime: 10 } as unknown as HTMLVideoElement;
  const onCue = vi.fn();
  const watcher = new MetadataWatcher(video, onCue);
  const addTrack = (kind: string) => {
    const track = new FakeTrack(kind);
    tracks.push(track);
    list.dispatchEvent(Object.assign(new Event('addtrack'), { track }));
    watcher.scan();
    return track;
  };
  const texts = () => onCue.mock.calls.map(([cue]) => (cue as { text: string }).text);
  return { watcher, video, addTrack, texts };
}

test('a cue is handed over when the playhead reaches it, once', () => {
  const { watcher, video, addTrack, texts } = setUp();
  const track = addTrack('metadata');
  expect(track.mode).toBe('hidden');
  track.add('now', 10.1);
  track.add('later', 10.2);
  expect(texts()).toEqual(['now']);
  video.currentTime = 10.15;
  watcher.scan();
  watcher.scan();
  expect(texts()).toEqual(['now', 'later']);
});

test('a cue of a part that came late is not lost', () => {
  const { addTrack, texts } = setUp();
  addTrack('metadata').add('late', 9.4);
  expect(texts()).toEqual(['late']);
});

test('another stream begins anew, and only metadata tracks count', () => {
  const { watcher, addTrack, texts } = setUp();
  const subtitles = addTrack('subtitles');
  subtitles.add('words', 9);
  expect(subtitles.mode).toBe('disabled');
  addTrack('metadata').add('a', 9);
  watcher.reset();
  watcher.scan();
  expect(texts()).toEqual(['a', 'a']);
});

test('destroyed, it hears nothing', () => {
  const { watcher, addTrack, texts } = setUp();
  const track = addTrack('metadata');
  watcher.destroy();
  track.add('x', 9);
  expect(texts()).toEqual([]);
});
