import { describe, expect, test } from 'vitest';
import { ProgressMeter, progressText } from '../../runtime/train/progress.ts';
import { quietView, runView } from '../../runtime/train/run-view.ts';

/** A stream that keeps what is written, with a clock. */
function keptStream(terminal: boolean, columns = 40) {
  const written: string[] = [];
  const clock = { now: 0 };
  const stream = { isTTY: terminal, columns, write: (text: string) => written.push(text) };
  return { written, clock, view: runView(stream, () => clock.now) };
}

/** What a terminal shows after these writes: \r and "clear to the end of the line" taken into account. */
function screenOf(written: readonly string[]): string[] {
  return written
    .join('')
    .split('\n')
    .map((line) => line.split('\r\x1b[K').at(-1) ?? '');
}

describe('on a terminal', () => {
  test('one line changes, and other lines go above it', () => {
    const { written, clock, view } = keptStream(true);
    view.line('model');
    view.progress('step 1');
    clock.now += 200;
    view.progress('step 2');
    view.line('skipped x.png');
    expect(screenOf(written)).toEqual(['model', 'skipped x.png', 'step 2']);
    view.close();
    expect(screenOf(written)).toEqual(['model', 'skipped x.png', 'step 2', '']);
  });

  test('the line never wraps, and is drawn ten times a second at most, the last one always', () => {
    const { written, clock, view } = keptStream(true, 10);
    for (let step = 1; step <= 100; step++) {
      clock.now += 10;
      view.progress(`${step} ${'x'.repeat(20)}`);
    }
    expect(written.length).toBeLessThanOrEqual(11);
    view.close();
    expect(screenOf(written)).toEqual(['100 xxxxx', '']);
  });
});

describe('elsewhere', () => {
  test('plain lines come rarely, and ever more rarely, and the last one always', () => {
    const { written, clock, view } = keptStream(false);
    view.line('model');
    for (let second = 0; second <= 3600; second++) {
      clock.now = second * 1000;
      view.progress(`second ${second}`);
    }
    view.close();
    expect(written.slice(0, 4)).toEqual(['model\n', 'second 0\n', 'second 5\n', 'second 10\n']);
    expect(written.at(-1)).toBe('second 3600\n');
    expect(written.length).toBeLessThan(130);
    expect(written.join('')).not.toContain('\x1b');
  });
});

test('a quiet view only warns', () => {
  const written: string[] = [];
  const view = quietView({ write: (text) => written.push(text) });
  view.line('model');
  view.progress('step 1');
  view.warn('a picture was skipped');
  view.close();
  expect(written).toHaveLength(1);
  expect(written[0]).toContain('a picture was skipped');
});

test('progress is smoothed over the latest 20 steps, the loss by their median', () => {
  const meter = new ProgressMeter();
  meter.add({ loss: 1e9, pictures: 1, seconds: 1e9, waited: 0 });
  for (let i = 1; i <= 20; i++) meter.add({ loss: i, pictures: 8, seconds: 0.5, waited: 0.1 });
  // torch.median of 1..20 is 10.
  expect(meter.loss).toBe(10);
  expect(meter.imagesPerSecond).toBeCloseTo(16, 12);
  expect(meter.dataWait).toBeCloseTo(0.2, 12);
  expect(meter.secondsPerStep).toBeCloseTo(0.5, 12);
  const text = progressText({
    epoch: 1,
    epochs: 10,
    step: 12,
    steps: 100,
    learningRate: 0.00123,
    loss: meter.loss,
    imagesPerSecond: meter.imagesPerSecond,
    dataWait: meter.dataWait,
    secondsLeft: 88 * 50,
  });
  expect(text).toBe(
    'epoch 2/10  step 12/100  loss 10.0000  lr 1.23e-3  16.0 images/s  1 h 13 min left  data wait 20%',
  );
});
