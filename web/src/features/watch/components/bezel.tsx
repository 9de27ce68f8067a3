import { useCallback, useRef, useState } from 'react';

interface Shown {
  readonly id: number;
  readonly text: string;
}

/** A word in the middle of the picture for what a key just did; gone after 700 ms. */
export function useBezel() {
  const [shown, setShown] = useState<Shown | null>(null);
  const count = useRef(0);
  const show = useCallback((text: string) => {
    count.current += 1;
    setShown({ id: count.current, text });
  }, []);
  const hide = useCallback(() => {
    setShown(null);
  }, []);
  const bezel = shown ? (
    <div aria-hidden="true" className="overlay pointer-events-none z-20">
      <p
        key={shown.id}
        onAnimationEnd={hide}
        className="animate-[bezel_700ms_both] rounded-full bg-video-shade px-6 py-3 text-h3 tabular-nums"
      >
        {shown.text}
      </p>
    </div>
  ) : null;
  return { bezel, show };
}
