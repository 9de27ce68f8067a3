import { useEffect } from 'react';
import { NavigationType, useLocation, useNavigationType } from 'react-router';

const positions = new Map<string, number>();

/** Back and forward return to where the page was; a new page begins at its top. */
export function useScrollMemory(): void {
  const { key } = useLocation();
  const isReturn = useNavigationType() === NavigationType.Pop;
  useEffect(() => {
    window.history.scrollRestoration = 'manual';
    window.scrollTo(0, isReturn ? (positions.get(key) ?? 0) : 0);
    const remember = () => {
      positions.set(key, window.scrollY);
    };
    window.addEventListener('scroll', remember, { passive: true });
    return () => {
      window.removeEventListener('scroll', remember);
    };
  }, [key, isReturn]);
}
