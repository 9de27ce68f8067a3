import { queryOptions } from '@tanstack/react-query';
import { apiGet } from '@/lib/api-client/api-client';
import { parseChannelList, parseConfig } from '@/lib/api-client/parsers';

export const discoverKeys = {
  config: ['config'] as const,
  live: ['channels', 'live'] as const,
};

export const configQuery = queryOptions({
  queryKey: discoverKeys.config,
  queryFn: ({ signal }) => apiGet('/config', parseConfig, signal),
  staleTime: Infinity,
});

export const liveChannelsQuery = queryOptions({
  queryKey: discoverKeys.live,
  queryFn: ({ signal }) => apiGet('/channels?isLive=true', parseChannelList, signal),
  refetchInterval: 5000,
});
