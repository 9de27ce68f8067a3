import { describe, expect, it } from 'vitest';
import { FirstCues } from '@/lib/player/first-cues';

/** jsdom knows no text tracks: an element with just what is asked of it. */
function trackElement() {
  const element = document.createElement('track');
  element.kind = 'metadata';
  const cues = new Set<object>();
  const state = { readyState: 1 };
  Object.defineProperty(element, 'readyState', { get: () => state.readyState });
  Object.defineProperty(element, 'track', { value: { cues, addCue: (cue: object) => cues.add(cue) } });
  return { element, cues, state };
}

function videoWith(element: HTMLElement) {
  const video = document.createElement('video');
  video.append(element);
  return video;
}

describe('first cues', () => {
  for (const end of ['load', 'error'])
    it(`puts back what the track lost until its ${end}`, () => {
      const { element, cues } = trackElement();
      const first = new FirstCues(videoWith(element));
      const [one, two] = [{ id: 'one' }, { id: 'two' }];
      cues.add(one);
      first.keep();
      cues.clear();
      cues.add(two);
      first.keep();
      element.dispatchEvent(new Event(end));
      expect([...cues]).toEqual([two, one]);
    });

  it('leaves a track that has loaded alone', () => {
    const { element, cues, state } = trackElement();
    const first = new FirstCues(videoWith(element));
    state.readyState = 2;
    cues.add({ id: 'one' });
    first.keep();
    cues.clear();
    element.dispatchEvent(new Event('load'));
    expect([...cues]).toEqual([]);
  });
});
