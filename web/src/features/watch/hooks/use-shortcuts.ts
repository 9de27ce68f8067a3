import { useEffect, useEffectEvent } from 'react';
import { commandFor, focusOf, type Command } from '@/features/watch/model/shortcuts';
import { uiSettings } from '@/lib/ui-settings/ui-settings';

function pageScrolls(): boolean {
  const { scrollHeight, clientHeight } = document.documentElement;
  return scrollHeight > clientHeight;
}

/** Listens on the whole page. `run` tells whether it used the command; only then the key does nothing else. */
export function useShortcuts(stage: HTMLElement | null, run: (command: Command) => boolean): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (event.defaultPrevented) return;
    const focused = document.activeElement;
    const modified = event.ctrlKey || event.altKey || event.metaKey;
    const arrowsFree = !pageScrolls() || (stage?.contains(focused) ?? false);
    const command = commandFor({ key: event.key, modified }, { focus: focusOf(focused), arrowsFree });
    if (!command || (command !== 'close' && !uiSettings.get().shortcuts)) return;
    if (run(command)) event.preventDefault();
  });
  useEffect(() => {
    document.addEventListener('keydown', onKey);
    return () => {
      document.removeEventListener('keydown', onKey);
    };
  }, []);
}
