/** What the API answers, as far as the UI uses it. Written by hand until an OpenAPI description exists. */

export interface Category {
  readonly id: string;
  readonly name: string;
}

export interface Channel {
  readonly username: string;
  readonly channelId: string;
  readonly color: string | null;
  readonly isLive: boolean;
  /** Milliseconds since 1970; only while live. */
  readonly startTime: number | null;
  /** End of the newest stream; only while offline. */
  readonly lastLiveAt: number | null;
  readonly viewerCount: number | null;
  readonly title: string;
  readonly category: Category | null;
  readonly tags: readonly string[];
  readonly bio: string;
  readonly playbackUrl: string | null;
}

export interface ChannelCard {
  readonly username: string;
  readonly channelId: string;
  readonly color: string | null;
  readonly title: string;
  readonly viewerCount: number | null;
  readonly startTime: number | null;
  readonly thumbnailUrl: string | null;
}

export interface Config {
  readonly version: string;
  /** Where encoders publish to, if the server tells. */
  readonly ingestServerUrl: string | null;
}
