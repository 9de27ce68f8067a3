/**
 * hls.js makes its metadata track with the first event. That track loads an empty file, and as it does,
 * Chromium drops the cues it has by then: the first event of a visit would be lost. This puts them back.
 */
export class FirstCues {
  readonly #video: HTMLVideoElement;
  readonly #waiting = new Map<HTMLTrackElement, Set<TextTrackCue>>();

  constructor(video: HTMLVideoElement) {
    this.#video = video;
  }

  /** To be called right after cues were added. */
  readonly keep = (): void => {
    for (const element of this.#video.querySelectorAll<HTMLTrackElement>('track[kind="metadata"]')) {
      if (element.readyState >= HTMLTrackElement.LOADED) continue;
      const kept = this.#waiting.get(element) ?? this.#await(element);
      for (const cue of element.track.cues ?? []) kept.add(cue);
    }
  };

  #await(element: HTMLTrackElement): Set<TextTrackCue> {
    const kept = new Set<TextTrackCue>();
    this.#waiting.set(element, kept);
    const restore = () => {
      if (!this.#waiting.delete(element)) return;
      const present = new Set(element.track.cues ?? []);
      for (const cue of kept) if (!present.has(cue)) element.track.addCue(cue);
    };
    // A policy that forbids data: URLs makes it an error; either way the track is then left alone.
    element.addEventListener('load', restore, { once: true });
    element.addEventListener('error', restore, { once: true });
    return kept;
  }
}
