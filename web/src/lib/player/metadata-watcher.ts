import { readCue, SeenCues, type MetadataCue } from '@/lib/player/model/cues';

/** Parts arrive late, so a cue may already lie before the playhead when it is first seen. */
const lookAhead = 0.1;

/** Watches an element's metadata tracks and hands each cue over once, when the playhead reaches it. */
export class MetadataWatcher {
  readonly #video: HTMLVideoElement;
  readonly #onCue: (cue: MetadataCue) => void;
  #seen = new SeenCues();

  constructor(video: HTMLVideoElement, onCue: (cue: MetadataCue) => void) {
    this.#video = video;
    this.#onCue = onCue;
    video.textTracks.addEventListener('addtrack', this.#onTrack);
  }

  /** Another stream: its times and events have nothing to do with the ones seen. */
  reset(): void {
    this.#seen = new SeenCues();
  }

  readonly scan = (): void => {
    for (const track of this.#video.textTracks) {
      if (track.kind !== 'metadata') continue;
      // "disabled" tracks load no cues, "showing" has nothing to show.
      if (track.mode === 'disabled') track.mode = 'hidden';
      for (const cue of track.cues ?? []) this.#look(cue);
    }
  };

  destroy(): void {
    this.#video.textTracks.removeEventListener('addtrack', this.#onTrack);
    for (const track of this.#video.textTracks) track.removeEventListener('cuechange', this.scan);
  }

  readonly #onTrack = (event: TrackEvent) => {
    if (event.track?.kind === 'metadata') event.track.addEventListener('cuechange', this.scan);
  };

  #look(cue: TextTrackCue): void {
    if (cue.startTime > this.#video.currentTime + lookAhead) return;
    const value: unknown = 'value' in cue ? cue.value : null;
    const read = readCue(value, cue.startTime);
    if (read && this.#seen.add(read)) this.#onCue(read);
  }
}
