import { expect, test } from 'vitest';
import { adaptChannels } from '../../../runtime/weights/transfer/channels.ts';
import { relativeDeviation } from '../../reference/reference-case.ts';

/** A weight of one output, three channels and 1x2 pixels: what timm 1.0.31's adapt_input_conv makes of it. */
const WEIGHT = Float32Array.of(1, 2, 3, 4, 5, 6);
const SHAPE = [1, 3, 1, 2];

test('the sum over all channels', () => {
  expect([...adaptChannels(WEIGHT, SHAPE, 1, 'sum')]).toEqual([9, 12]);
});

test.each([
  { channels: 4, expected: [0.75, 1.5, 2.25, 3, 3.75, 4.5, 0.75, 1.5] },
  { channels: 5, expected: [0.6, 1.2, 1.8, 2.4, 3, 3.6, 0.6, 1.2, 1.8, 2.4] },
])('repeated to $channels channels', ({ channels, expected }) => {
  expect(relativeDeviation(adaptChannels(WEIGHT, SHAPE, channels, 'repeat'), expected)).toBeLessThan(1e-7);
});

test('each output by itself', () => {
  const two = Float32Array.of(1, 2, 10, 20);
  expect([...adaptChannels(two, [2, 2, 1, 1], 1, 'sum')]).toEqual([3, 30]);
  expect([...adaptChannels(two, [2, 2, 1, 1], 4, 'repeat')]).toEqual([0.5, 1, 0.5, 1, 5, 10, 5, 10]);
});
