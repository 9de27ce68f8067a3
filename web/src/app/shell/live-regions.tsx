import { useEffect, useState } from 'react';
import { onAnnounce } from '@/lib/announcer/announcer';

/** The two places that screen readers listen to. A text that repeats is read again, as its key differs. */
export function LiveRegions() {
  const [polite, setPolite] = useState({ id: 0, text: '' });
  const [assertive, setAssertive] = useState({ id: 0, text: '' });
  useEffect(
    () =>
      onAnnounce((text, urgency) => {
        const set = urgency === 'polite' ? setPolite : setAssertive;
        set(({ id }) => ({ id: id + 1, text }));
      }),
    [],
  );
  return (
    <div className="sr-only">
      <div aria-live="polite">
        <p key={polite.id}>{polite.text}</p>
      </div>
      <div aria-live="assertive">
        <p key={assertive.id}>{assertive.text}</p>
      </div>
    </div>
  );
}
