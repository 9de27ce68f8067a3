export type Urgency = 'polite' | 'assertive';
type Listener = (text: string, urgency: Urgency) => void;

const listeners = new Set<Listener>();

/** Has a screen reader say a text; the shell owns the two live regions that do it. */
export function announce(text: string, urgency: Urgency = 'polite'): void {
  for (const listener of listeners) listener(text, urgency);
}

export function onAnnounce(listener: Listener): () => void {
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
  };
}
