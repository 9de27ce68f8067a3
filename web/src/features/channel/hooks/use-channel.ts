import { useCallback, useEffect, useReducer } from 'react';
import { useQuery } from '@tanstack/react-query';
import { channelQuery } from '@/features/channel/api/channel';
import {
  loadingChannel,
  nextChannelState,
  pollInterval,
  type ChannelState,
} from '@/features/channel/model/channel-state';
import { ApiError } from '@/lib/api-client/api-client';

interface ChannelPage {
  readonly state: ChannelState;
  readonly refetch: () => void;
  readonly onEnded: () => void;
  readonly onDrained: () => void;
}

/** Follows one channel for as long as its page is open. Remount it (by `key`) for another name. */
export function useChannel(username: string): ChannelPage {
  const [state, dispatch] = useReducer(nextChannelState, loadingChannel);
  const query = useQuery({ ...channelQuery(username), refetchInterval: pollInterval(state) });
  const { data, error, dataUpdatedAt, errorUpdatedAt, refetch } = query;

  useEffect(() => {
    if (data && dataUpdatedAt >= errorUpdatedAt) dispatch({ type: 'answer', channel: data });
  }, [data, dataUpdatedAt, errorUpdatedAt]);

  useEffect(() => {
    if (!error) return;
    // 400 is the answer to a name that no channel can have.
    const isMissing = error instanceof ApiError && (error.status === 404 || error.status === 400);
    dispatch({ type: isMissing ? 'missing' : 'failed' });
  }, [error, errorUpdatedAt]);

  const ask = useCallback(() => {
    void refetch();
  }, [refetch]);
  const onEnded = useCallback(() => {
    dispatch({ type: 'ended' });
    // An answer that is on its way may be older than the end.
    void refetch({ cancelRefetch: true });
  }, [refetch]);
  const onDrained = useCallback(() => {
    dispatch({ type: 'drained' });
  }, []);
  return { state, refetch: ask, onEnded, onDrained };
}
