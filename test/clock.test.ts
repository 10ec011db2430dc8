import { RealClock, VirtualClock } from '../lib/clock.js';

const DAY = 86_400_000;

describe('virtual time', () => {
  it('fires timers in the order of time, and of arming at the same time', async () => {
    const clock = new VirtualClock({ start: 0 });
    const fired: string[] = [];
    clock.at(2 * DAY, () => fired.push(`late ${clock.now()}`));
    clock.at(DAY, () => fired.push(`a ${clock.now()}`));
    clock.at(DAY, () => fired.push(`b ${clock.now()}`));
    await clock.settled();
    expect(fired).toEqual([`a ${DAY}`, `b ${DAY}`, `late ${2 * DAY}`]);
  });

  it('lets what a timer sets off settle before the next one fires', async () => {
    const clock = new VirtualClock({ start: 0 });
    const seen: string[] = [];
    clock.at(1, async () => {
      for (let i = 0; i < 50; i++) await undefined;
      seen.push('settled');
    });
    clock.at(2, () => seen.push('next'));
    await clock.settled();
    expect(seen).toEqual(['settled', 'next']);
  });

  it('stands still while a call is in flight', async () => {
    const clock = new VirtualClock({ start: 0 });
    let answer: () => void = () => {};
    let fired = false;
    const call = clock.track(
      new Promise<void>((resolve) => {
        answer = resolve;
      }),
    );
    clock.at(1, () => {
      fired = true;
    });
    await new Promise((resolve) => setImmediate(resolve));
    await new Promise((resolve) => setImmediate(resolve));
    expect(fired).toBe(false);
    answer();
    await call;
    await clock.settled();
    expect(fired).toBe(true);
  });

  it('does not stand still for ever when a call fails', async () => {
    const clock = new VirtualClock({ start: 0 });
    await expect(clock.track(Promise.reject(new Error('no')))).rejects.toThrow('no');
    let fired = false;
    clock.at(1, () => {
      fired = true;
    });
    await clock.settled();
    expect(fired).toBe(true);
  });

  it('is held for a person, and moves when told to', async () => {
    const clock = new VirtualClock({ start: 0 });
    const fired: number[] = [];
    const release = clock.hold('somebody has to approve');
    clock.at(DAY, () => fired.push(1));
    clock.at(3 * DAY, () => fired.push(3));
    await clock.settled();
    expect([clock.now(), fired, clock.holds]).toEqual([0, [], ['somebody has to approve']]);
    await clock.advanceBy(2 * DAY);
    expect([clock.now(), fired]).toEqual([2 * DAY, [1]]);
    release();
    await clock.settled();
    expect([clock.now(), fired, clock.holds]).toEqual([3 * DAY, [1, 3], []]);
  });

  it('fires while held what is due already, since that takes no time', async () => {
    const clock = new VirtualClock({ start: 0 });
    clock.hold('a person');
    let fired = false;
    clock.at(0, () => {
      fired = true;
    });
    await clock.settled();
    expect([fired, clock.now()]).toEqual([true, 0]);
  });

  it('fires, when advanced, what is armed on the way too', async () => {
    const clock = new VirtualClock({ start: 0 });
    clock.hold('a person');
    const fired: number[] = [];
    const again = (): void => {
      fired.push(clock.now());
      clock.at(clock.now() + 10, again);
    };
    clock.at(10, again);
    await clock.advanceTo(35);
    expect([fired, clock.now()]).toEqual([[10, 20, 30], 35]);
  });

  it('forgets a cancelled timer', async () => {
    const clock = new VirtualClock({ start: 0 });
    const cancels = Array.from({ length: 500 }, (_, index) =>
      clock.at(1_000 + index, () => {
        throw new Error('cancelled');
      }),
    );
    let fired = false;
    clock.at(5_000, () => {
      fired = true;
    });
    for (const cancel of cancels) cancel();
    await clock.settled();
    expect([fired, clock.now()]).toEqual([true, 5_000]);
  });

  it('does not move for timers in the background alone', async () => {
    const clock = new VirtualClock({ start: 0 });
    let fired = 0;
    clock.at(
      10,
      () => {
        fired++;
      },
      { background: true },
    );
    await clock.settled();
    expect([fired, clock.now()]).toEqual([0, 0]);
    clock.at(20, () => {});
    await clock.settled();
    expect([fired, clock.now()]).toEqual([1, 20]);
  });
});

describe('real time', () => {
  afterEach(() => jest.useRealTimers());

  it('splits a wait that is longer than a timer can be', () => {
    jest.useFakeTimers({ now: 0 });
    const clock = new RealClock();
    let fired = 0;
    clock.at(60 * DAY, () => {
      fired++;
    });
    jest.advanceTimersByTime(60 * DAY - 1);
    expect(fired).toBe(0);
    jest.advanceTimersByTime(1);
    expect(fired).toBe(1);
  });

  it('fires nothing after it was closed', () => {
    jest.useFakeTimers({ now: 0 });
    const clock = new RealClock();
    let fired = 0;
    clock.at(10, () => {
      fired++;
    });
    clock.close();
    jest.advanceTimersByTime(100);
    expect(fired).toBe(0);
  });

  it('tells when something is due next, but for background timers and cancelled ones', async () => {
    const clock = new VirtualClock({ start: 0 });
    expect(clock.nextDue).toBeUndefined();
    const release = clock.hold('a person');
    clock.at(10, () => {}, { background: true });
    const cancel = clock.at(20, () => {});
    clock.at(30, () => {});
    expect(clock.nextDue).toBe(20);
    cancel();
    expect(clock.nextDue).toBe(30);
    release();
    await clock.settled();
    expect(clock.nextDue).toBeUndefined();
  });
});
