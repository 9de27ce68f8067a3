import { queryOptions } from '@tanstack/react-query';
import type { Channel } from '@/api/types';
import { apiGet } from '@/lib/api-client/api-client';
import { parseChannel } from '@/lib/api-client/parsers';

export const channelKeys = {
  channel: (username: string) => ['channel', username.toLowerCase()] as const,
};

export function channelQuery(username: string) {
  return queryOptions<Channel>({
    queryKey: channelKeys.channel(username),
    queryFn: ({ signal }) => apiGet(`/channels/${encodeURIComponent(username)}`, parseChannel, signal),
    staleTime: 1000,
    // The page polls; a retry that backs off would only make the answer older.
    retry: false,
  });
}
