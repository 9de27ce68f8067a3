import { useCallback, useEffect, useRef, useState } from 'react';

const hideAfter = 3000;

/**
 * Controls show for three seconds after the last sign of life, and for as long as `pinned`, hovered or focused by
 * keyboard. A tap shows or hides them.
 */
export function useControlsVisibility(stage: HTMLElement | null, pinned: boolean) {
  const [awake, setAwake] = useState(true);
  const [held, setHeld] = useState(false);
  const timer = useRef<number | undefined>(undefined);

  const wake = useCallback(() => {
    setAwake(true);
    window.clearTimeout(timer.current);
    timer.current = window.setTimeout(() => {
      setAwake(false);
    }, hideAfter);
  }, []);

  const toggle = useCallback(() => {
    if (awake) setAwake(false);
    else wake();
  }, [awake, wake]);

  useEffect(() => {
    if (!stage) return;
    const abort = new AbortController();
    const { signal } = abort;
    const onPointer = (event: PointerEvent) => {
      if (event.pointerType !== 'touch') wake();
    };
    timer.current = window.setTimeout(() => {
      setAwake(false);
    }, hideAfter);
    stage.addEventListener('pointermove', onPointer, { signal });
    document.addEventListener('keydown', wake, { signal });
    return () => {
      abort.abort();
      window.clearTimeout(timer.current);
    };
  }, [stage, wake]);

  const holders = {
    onPointerEnter: (event: React.PointerEvent) => {
      if (event.pointerType === 'mouse') setHeld(true);
    },
    onPointerLeave: () => {
      setHeld(false);
    },
    onFocus: (event: React.FocusEvent) => {
      if (event.target.matches(':focus-visible')) setHeld(true);
    },
    onBlur: () => {
      setHeld(false);
    },
  };
  return { visible: pinned || awake || held, wake, toggle, holders };
}
