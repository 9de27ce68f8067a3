import { describe, expect, test } from 'vitest';
import {
  idleModel,
  rebuildDelay,
  step,
  type PlayerEffect,
  type PlayerEvent,
  type PlayerModel,
  type Tick,
} from '@/lib/player/model/machine';

/** Drives the reducer with a clock of its own and keeps what it asked for. */
class Rig {
  now = 1000;
  model: PlayerModel = idleModel;
  effects: PlayerEffect[] = [];

  send(event: PlayerEvent): this {
    const next = step(this.model, event);
    this.model = next.model;
    this.effects.push(...next.effects);
    return this;
  }

  at(type: 'load' | 'manifest-missing' | 'pause' | 'play' | 'seek-back' | 'go-live' | 'retry-now'): this {
    return this.send({ type, now: this.now });
  }

  /** Ticks four times a second. */
  run(milliseconds: number, tick: Partial<Tick> = {}): this {
    const end = this.now + milliseconds;
    while (this.now < end) {
      this.now += 250;
      this.send({
        type: 'tick',
        now: this.now,
        progressed: false,
        bufferAhead: 1,
        playlistAge: 100,
        random: 0.5,
        ...tick,
      });
    }
    return this;
  }

  play(milliseconds = 1000): this {
    return this.run(milliseconds, { progressed: true });
  }

  fatal(more: { gone?: boolean; playlistAge?: number | null } = {}): this {
    return this.send({ type: 'fatal', now: this.now, gone: false, playlistAge: 100, random: 0.5, ...more });
  }

  take(): PlayerEffect[] {
    const taken = this.effects;
    this.effects = [];
    return taken;
  }

  get status() {
    return this.model.state.status;
  }
}

const playing = () => {
  const rig = new Rig().at('load').play();
  rig.take();
  return rig;
};

describe('loading', () => {
  test('load opens the stream, and the first frame makes it playing', () => {
    const rig = new Rig().at('load');
    expect(rig.model.state).toEqual({ status: 'loading', since: 1000, starting: false, retryAt: null });
    expect(rig.take()).toEqual(['open']);
    expect(rig.play(250).status).toBe('playing');
  });

  test('idle takes no notice of anything but load', () => {
    const rig = new Rig().run(500, { progressed: true }).at('play').at('go-live').fatal();
    rig.send({ type: 'ended' }).send({ type: 'denied' }).send({ type: 'drain' });
    expect(rig.model).toBe(idleModel);
    expect(rig.take()).toEqual([]);
  });

  test('a playlist that is not there yet is asked for every second, for a minute', () => {
    const rig = new Rig().at('load');
    rig.take();
    rig.at('manifest-missing');
    expect(rig.model.state).toMatchObject({ status: 'loading', starting: true, retryAt: 2000 });
    expect(rig.run(750).take()).toEqual([]);
    expect(rig.run(250).take()).toEqual(['open']);
    expect(rig.at('manifest-missing').run(1000).take()).toEqual(['open']);
    rig.now = 60_999;
    expect(rig.at('manifest-missing').status).toBe('loading');
    rig.now = 61_000;
    expect(rig.at('manifest-missing').status).toBe('recovering');
  });

  test('a stream that has just started may take its minute, but no longer', () => {
    const rig = new Rig().at('load').at('manifest-missing').run(20_000);
    expect(rig.status).toBe('loading');
    expect(rig.run(39_750).status).toBe('loading');
    expect(rig.run(250).status).toBe('recovering');
  });

  test('a first load that never shows a frame starts over after 15 s', () => {
    const rig = new Rig().at('load').run(14_750);
    expect(rig.status).toBe('loading');
    expect(rig.run(250).status).toBe('recovering');
  });

  test('a new load forgets everything', () => {
    const rig = playing().fatal().at('load');
    expect(rig.model).toEqual({
      ...idleModel,
      state: { status: 'loading', since: rig.now, starting: false, retryAt: null },
      progressAt: rig.now,
    });
  });
});

describe('stalls', () => {
  test('300 ms without progress is a stall, since the last frame', () => {
    const rig = playing();
    const last = rig.now;
    expect(rig.run(250).status).toBe('playing');
    expect(rig.run(250).model.state).toEqual({ status: 'stalled', since: last, cause: 'network' });
    expect(rig.play(250).status).toBe('playing');
  });

  test('the state keeps its identity while nothing changes', () => {
    const rig = playing();
    const before = rig.model.state;
    expect(rig.play(2000).model.state).toBe(before);
  });

  test('the ladder: live position at 4 s, media recovery at 8 s, rebuild at 15 s', () => {
    const rig = playing();
    expect(rig.run(3750).take()).toEqual([]);
    expect(rig.run(250).take()).toEqual(['seek-live']);
    expect(rig.run(3750).take()).toEqual([]);
    expect(rig.run(250).take()).toEqual(['recover-media']);
    expect(rig.run(6750).take()).toEqual([]);
    rig.run(250);
    expect(rig.model.state).toMatchObject({ status: 'recovering', attempt: 1, retryAt: rig.now + 1000 });
    expect(rig.run(1000).take()).toEqual(['open']);
    expect(rig.model.state).toMatchObject({ status: 'recovering', retryAt: null });
    expect(rig.play(250).status).toBe('playing');
  });

  test('nothing buffered: there is no use in seeking', () => {
    expect(playing().run(7000, { bufferAhead: 0 }).take()).toEqual([]);
  });

  test('each stall begins the ladder at its foot', () => {
    const rig = playing().run(4000);
    expect(rig.take()).toEqual(['seek-live']);
    expect(rig.play(250).run(4000).take()).toEqual(['seek-live']);
  });

  test('an encoder that stopped sending is waited for, without climbing', () => {
    const rig = playing().run(30_000, { playlistAge: 4000 });
    expect(rig.model.state).toMatchObject({ status: 'stalled', cause: 'source' });
    expect(rig.take()).toEqual([]);
    // It sends again: the ladder's clock starts now.
    rig.run(250);
    expect(rig.model.state).toEqual({ status: 'stalled', since: rig.now, cause: 'network' });
    expect(rig.run(3750).take()).toEqual([]);
    expect(rig.run(250).take()).toEqual(['seek-live']);
  });

  test('a stall turns into waiting for the encoder when the playlist grows old', () => {
    const rig = playing().run(1000, { playlistAge: 3999 });
    expect(rig.model.state).toMatchObject({ status: 'stalled', cause: 'network' });
    expect(rig.run(250, { playlistAge: 4000 }).model.state).toMatchObject({ cause: 'source' });
  });
});

describe('fatal errors', () => {
  test('rebuilds back off 1, 2, 4, 8, 15, 30, 30 s', () => {
    const rig = playing();
    const waits = Array.from({ length: 7 }, () => {
      rig.fatal();
      const { state } = rig.model;
      const wait = state.status === 'recovering' && state.retryAt !== null ? state.retryAt - rig.now : -1;
      rig.run(wait);
      return wait;
    });
    expect(waits).toEqual([1000, 2000, 4000, 8000, 15_000, 30_000, 30_000]);
  });

  test('jitter spreads the wait by a quarter to both sides', () => {
    expect([rebuildDelay(3, 0), rebuildDelay(3, 0.5), rebuildDelay(3, 1)]).toEqual([3000, 4000, 5000]);
  });

  test('half a minute of good playback makes the next rebuild the first again', () => {
    const rig = playing().fatal().run(1000).play(29_000).fatal();
    expect(rig.model.state).toMatchObject({ attempt: 2 });
    rig.run(2000).play(31_000).fatal();
    expect(rig.model.state).toMatchObject({ attempt: 1 });
  });

  test('a stall in between is not good playback', () => {
    const rig = playing().fatal().run(1000).play(20_000).run(1000).play(20_000).fatal();
    expect(rig.model.state).toMatchObject({ attempt: 2 });
  });

  test('a rebuild that shows nothing for 15 s is the next attempt', () => {
    const rig = playing().fatal().run(1000).run(15_000);
    expect(rig.model.state).toMatchObject({ status: 'recovering', attempt: 2 });
  });

  test('"retry now" does not wait', () => {
    const rig = playing().fatal();
    rig.take();
    rig.run(500);
    expect(rig.at('retry-now').take()).toEqual(['open']);
    expect(rig.model.state).toMatchObject({ since: rig.now, retryAt: null });
    expect(rig.at('retry-now').take()).toEqual([]);
  });

  test('while the encoder is away the same playlist is asked for, not opened anew', () => {
    const rig = playing().run(5000, { playlistAge: 5000 }).fatal({ playlistAge: 5000 });
    expect(rig.take()).toEqual(['resume-loading']);
    expect(rig.status).toBe('stalled');
  });

  test('… unless its address is gone, or it was tried ten times', () => {
    const gone = playing().run(5000, { playlistAge: 5000 }).fatal({ playlistAge: 5000, gone: true });
    expect(gone.status).toBe('recovering');
    const tried = playing().run(5000, { playlistAge: 5000 });
    for (let i = 0; i < 10; i += 1) tried.fatal({ playlistAge: 5000 });
    expect(tried.status).toBe('stalled');
    expect(tried.fatal({ playlistAge: 5000 }).status).toBe('recovering');
  });

  test('the same while the buffer still plays, but not before anything played', () => {
    const rig = playing().fatal({ playlistAge: 5000 });
    expect(rig.take()).toEqual(['resume-loading']);
    expect(new Rig().at('load').fatal({ playlistAge: 5000 }).status).toBe('recovering');
  });

  test('a picture in between makes for ten more tries', () => {
    const rig = playing().run(5000, { playlistAge: 5000 });
    for (let i = 0; i < 10; i += 1) rig.fatal({ playlistAge: 5000 });
    rig.play(250).run(5000, { playlistAge: 5000 });
    expect(rig.fatal({ playlistAge: 5000 }).status).toBe('stalled');
  });

  test('what breaks during a pause is opened again when the viewer goes on', () => {
    for (const goOn of ['play', 'go-live'] as const) {
      const rig = playing().at('seek-back').at('pause').fatal();
      expect(rig.status).toBe('paused');
      rig.run(60_000);
      rig.take();
      expect(rig.at(goOn).take()).toEqual(['open']);
      expect(rig.model.state).toMatchObject({ status: 'loading', since: rig.now });
      expect(rig.play(250).status).toBe('playing');
    }
  });

  test('refused and unsupported end it', () => {
    const denied = playing().send({ type: 'denied' });
    expect(denied.model.state).toEqual({ status: 'failed', reason: 'denied' });
    expect(denied.take()).toEqual(['close', 'report-denied']);
    expect(denied.run(1000, { progressed: true }).status).toBe('failed');
    const unsupported = new Rig().at('load').send({ type: 'unsupported' });
    expect(unsupported.model.state).toEqual({ status: 'failed', reason: 'unsupported' });
    expect(unsupported.at('load').status).toBe('loading');
  });
});

describe('the viewer', () => {
  test('a pause of more than 10 s continues at the live edge', () => {
    const rig = playing().at('pause');
    expect(rig.take()).toEqual(['pause']);
    rig.run(10_250);
    expect(rig.status).toBe('paused');
    expect(rig.at('play').take()).toEqual(['seek-live', 'play']);
    expect(rig.status).toBe('playing');
  });

  test('a shorter one continues where it was: behind', () => {
    const rig = playing().at('pause').run(5000).at('play');
    expect(rig.take()).toEqual(['pause', 'play']);
    expect(rig.status).toBe('behind');
  });

  test('a very short one is caught up by playing faster', () => {
    expect(playing().at('pause').run(1750).at('play').status).toBe('playing');
  });

  test('time spent paused is no stall', () => {
    const rig = playing().at('pause').run(9000).at('play').run(250);
    expect(rig.status).toBe('behind');
  });

  test('seeking back is a delay of choice, until "go to live"', () => {
    const rig = playing().at('seek-back');
    expect(rig.status).toBe('behind');
    expect(rig.play(5000).status).toBe('behind');
    // A stall does not end the choice.
    expect(rig.run(500).status).toBe('stalled');
    expect(rig.play(250).status).toBe('behind');
    rig.take();
    expect(rig.at('go-live').take()).toEqual(['seek-live']);
    expect(rig.status).toBe('playing');
    expect(rig.play(500).status).toBe('playing');
  });

  test('"go to live" out of a pause plays', () => {
    const rig = playing().at('pause');
    rig.take();
    expect(rig.at('go-live').take()).toEqual(['seek-live', 'play']);
  });

  test('a rebuild is at the live edge, whatever the delay was', () => {
    expect(playing().at('seek-back').fatal().run(1000).play(250).status).toBe('playing');
  });

  test('there is nothing to pause while loading or recovering', () => {
    expect(new Rig().at('load').at('pause').status).toBe('loading');
    expect(playing().fatal().at('pause').status).toBe('recovering');
    expect(playing().run(500).at('pause').status).toBe('paused');
    expect(playing().at('seek-back').at('pause').status).toBe('paused');
  });
});

describe('the end', () => {
  test('draining plays the buffer out, then tells so', () => {
    const rig = playing().send({ type: 'drain' });
    expect(rig.status).toBe('draining');
    expect(rig.play(3000).take()).toEqual([]);
    expect(rig.run(250, { bufferAhead: 0 }).take()).toEqual(['close', 'report-drained']);
    expect(rig.status).toBe('idle');
  });

  test('a buffer that does not play is no reason to wait', () => {
    const rig = playing().send({ type: 'drain' }).run(750);
    expect(rig.status).toBe('draining');
    expect(rig.run(250).take()).toEqual(['close', 'report-drained']);
  });

  test('also what is behind by choice, or stalled', () => {
    expect(playing().at('seek-back').send({ type: 'drain' }).status).toBe('draining');
    expect(playing().run(500).send({ type: 'drain' }).status).toBe('draining');
  });

  test('without a picture there is nothing to drain', () => {
    for (const rig of [new Rig().at('load'), playing().fatal(), playing().at('pause')]) {
      rig.take();
      expect(rig.send({ type: 'drain' }).take()).toEqual(['close', 'report-drained']);
    }
  });

  test('errors while draining are the end of it', () => {
    expect(playing().send({ type: 'drain' }).fatal().take()).toEqual(['close', 'report-drained']);
    expect(playing().send({ type: 'drain' }).send({ type: 'ended' }).take()).toEqual(['close', 'report-drained']);
  });

  test('an end that nobody announced is told as such', () => {
    const rig = playing().send({ type: 'ended' });
    expect(rig.take()).toEqual(['close', 'report-ended']);
    expect(rig.status).toBe('idle');
  });

  test('unload closes from anywhere', () => {
    expect(playing().send({ type: 'unload' }).take()).toEqual(['close']);
  });
});
