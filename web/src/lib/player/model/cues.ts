/** Timed metadata as the players hand it over, made into one kind of value, each event once. */
import { isRecord } from '@/lib/storage/storage';

export interface MetadataCue {
  /** Which of the server's two descriptions it came under. */
  readonly origin: 'server' | 'encoder';
  readonly text: string;
  /** Media time in seconds. */
  readonly time: number;
}

const origins = new Map<string, MetadataCue['origin']>([
  ['metadata.live-video.net', 'server'],
  ['inband.metadata.live-video.net', 'encoder'],
]);

/** Reads the `value` of a metadata cue: an ID3 frame as hls.js and Safari show it. */
export function readCue(value: unknown, time: number): MetadataCue | null {
  if (!isRecord(value) || value.key !== 'TXXX') return null;
  const { info, data } = value;
  const origin = typeof info === 'string' ? origins.get(info) : undefined;
  if (!origin || typeof data !== 'string' || data === '') return null;
  return { origin, text: data.replace(/\0+$/, ''), time };
}

const remembered = 200;

/** A segment that is parsed again (after a change of rendition, say) brings its cues again. */
export class SeenCues {
  readonly #seen = new Set<string>();

  /** True the first time a cue comes. */
  add(cue: MetadataCue): boolean {
    // Times of one event differ by rounding between renditions; a hundredth of a second is far below one part.
    const key = `${String(Math.round(cue.time * 100))} ${cue.text}`;
    if (this.#seen.has(key)) return false;
    this.#seen.add(key);
    const [oldest] = this.#seen;
    if (this.#seen.size > remembered && oldest !== undefined) this.#seen.delete(oldest);
    return true;
  }
}
