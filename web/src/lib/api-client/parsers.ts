import type { Category, Channel, ChannelCard, Config } from '@/api/types';
import { isRecord } from '@/lib/storage/storage';
import {
  readCount,
  readList,
  readMediaUrl,
  readOptionalString,
  readRecord,
  readString,
  readText,
  readTime,
  readUrl,
  visitedHost,
} from '@/lib/api-client/read';

function parseCategory(value: unknown): Category | null {
  if (!isRecord(value)) return null;
  const id = readOptionalString(value.id);
  const name = readOptionalString(value.name);
  return id && name ? { id, name } : null;
}

export function parseChannel(value: unknown): Channel {
  const raw = readRecord(value);
  const isLive = raw.isLive === true;
  return {
    username: readString(raw.username),
    channelId: readString(raw.channelId),
    color: readOptionalString(raw.color),
    isLive,
    startTime: isLive ? readTime(raw.startTime) : null,
    lastLiveAt: isLive ? null : readTime(raw.lastLiveAt),
    viewerCount: isLive ? readCount(raw.viewerCount) : null,
    title: readText(raw.title),
    category: parseCategory(raw.category),
    tags: readList(raw.tags, readString),
    bio: readText(raw.bio),
    playbackUrl: readMediaUrl(raw.playbackUrl),
  };
}

function parseChannelCard(value: unknown): ChannelCard {
  const raw = readRecord(value);
  return {
    username: readString(raw.username),
    channelId: readText(raw.channelId),
    color: readOptionalString(raw.color),
    title: readText(raw.title),
    viewerCount: readCount(raw.viewerCount),
    startTime: readTime(raw.startTime),
    thumbnailUrl: readUrl(raw.thumbnailUrl),
  };
}

/** Pages may repeat an item; each name is kept once. */
export function parseChannelList(value: unknown): readonly ChannelCard[] {
  const cards = readList(readRecord(value).channels, parseChannelCard);
  return [...new Map(cards.map((card) => [card.username, card])).values()];
}

/** `rtmp://host:1935/app/` */
function parseIngestUrl(value: unknown): string | null {
  const parts = /^(rtmps?:\/\/)([\w.-]+|\[[\da-f:]+\])((?::\d+)?\/.*)$/.exec(readText(value));
  if (!parts) return null;
  const [, scheme = '', host = '', rest = ''] = parts;
  return `${scheme}${visitedHost(host)}${rest}`;
}

export function parseConfig(value: unknown): Config {
  const raw = readRecord(value);
  return { version: readText(raw.version), ingestServerUrl: parseIngestUrl(raw.ingestServerUrl) };
}
