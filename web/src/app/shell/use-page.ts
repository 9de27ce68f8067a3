import { useEffect } from 'react';
import { useLocation } from 'react-router';
import { announce } from '@/lib/announcer/announcer';
import { t } from '@/lib/i18n/t';

/** The first page is read by the browser itself; only those after it are ours to announce. */
let visited: string | null = null;

/**
 * Names the page. After a change of route the focus goes to its heading and the title is announced, once; pass
 * null while the page does not know its name yet.
 */
export function usePage(title: string | null): void {
  const { key } = useLocation();
  useEffect(() => {
    if (title !== null) document.title = t('app.title', { page: title });
  }, [title]);
  const isNamed = title !== null;
  useEffect(() => {
    if (!isNamed || visited === key) return;
    const isFirst = visited === null;
    visited = key;
    if (isFirst) return;
    document.querySelector<HTMLElement>('h1')?.focus({ preventScroll: true });
    announce(document.title);
  }, [key, isNamed]);
}
