/** Tells the server that this viewer is still watching (media rule 2.12). */

const every = 10_000;

/** 16 random bytes as 22 characters of base64url. */
export function createViewerId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '');
}

export function withViewer(playbackUrl: string, viewerId: string): string {
  const url = new URL(playbackUrl, window.location.href);
  url.searchParams.set('vid', viewerId);
  return url.href;
}

export function beatUrl(playbackUrl: string, viewerId: string): string {
  const url = new URL('beat', new URL(playbackUrl, window.location.href));
  url.searchParams.set('vid', viewerId);
  return url.href;
}

export function startBeat(url: string): () => void {
  const timer = window.setInterval(() => {
    // A beat that is lost is made good by the next one.
    fetch(url, { cache: 'no-store', credentials: 'omit' }).catch(() => undefined);
  }, every);
  return () => {
    window.clearInterval(timer);
  };
}
