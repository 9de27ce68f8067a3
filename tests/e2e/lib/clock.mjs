// A picture that tells the time to a machine: 24 columns, white for a 1 bit of the milliseconds since
// the epoch (mod 2^24), black for 0, in the upper half; the same inverted in the lower half, so that
// a picture that is not this clock is recognised.

export const CLOCK_FPS = 30;
export const CLOCK_WIDTH = 384;
export const CLOCK_HEIGHT = 128;
export const CLOCK_BITS = 24;
const COLUMN = CLOCK_WIDTH / CLOCK_BITS;
const BLACK = 16;
const WHITE = 235;

export function drawClock(frame, now) {
  const value = now % 2 ** CLOCK_BITS;
  const upper = frame.subarray(0, CLOCK_WIDTH);
  const lower = frame.subarray(CLOCK_WIDTH * (CLOCK_HEIGHT / 2), CLOCK_WIDTH * (CLOCK_HEIGHT / 2 + 1));
  for (let bit = 0; bit < CLOCK_BITS; bit++) {
    const isSet = (value >> (CLOCK_BITS - 1 - bit)) & 1;
    upper.fill(isSet ? WHITE : BLACK, bit * COLUMN, (bit + 1) * COLUMN);
    lower.fill(isSet ? BLACK : WHITE, bit * COLUMN, (bit + 1) * COLUMN);
  }
  for (let row = 1; row < CLOCK_HEIGHT / 2; row++) {
    upper.copy(frame, row * CLOCK_WIDTH);
    lower.copy(frame, (CLOCK_HEIGHT / 2 + row) * CLOCK_WIDTH);
  }
}

// Runs in the page: installs window.readClock(), which gives how old the shown picture is in ms, or
// null when the picture is not the clock, and window.clockValue().
export function installClockReader({ bits, width, height }) {
  const canvas = document.createElement('canvas');
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext('2d', { willReadFrequently: true });
  window.clockValue = () => {
    const video = document.querySelector('video');
    if (!video || video.readyState < 2) return null;
    context.drawImage(video, 0, 0, width, height);
    const column = width / bits;
    const bit = (index, y) => context.getImageData(Math.floor((index + 0.5) * column), y, 1, 1).data[1] > 128;
    let value = 0;
    for (let index = 0; index < bits; index++) {
      const upper = bit(index, Math.floor(height / 4));
      if (upper === bit(index, Math.floor((height * 3) / 4))) return null;
      value = value * 2 + (upper ? 1 : 0);
    }
    return value;
  };
  window.readClock = () => {
    const value = window.clockValue();
    if (value === null) return null;
    const span = 2 ** bits;
    return ((Date.now() % span) - value + span) % span;
  };
}
