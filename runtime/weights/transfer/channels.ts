/** How a patch embedding of other input channels is carried over. */
export const CHANNEL_RULES = ['refuse', 'sum', 'repeat'] as const;
export type ChannelRule = (typeof CHANNEL_RULES)[number];

/**
 * Carries a patch embedding's weight [width, channels, height, width] to other input channels, as timm does. `sum` makes one
 * channel of all: a grey picture then gives what it gave with all channels the same. `repeat` goes through the channels again
 * and again and scales by old / new, so that the sum stays of the same size.
 */
export function adaptChannels(
  weight: Float32Array,
  shape: readonly number[],
  channels: number,
  rule: Exclude<ChannelRule, 'refuse'>,
): Float32Array {
  const [width = 0, old = 0, rows = 0, columns = 0] = shape;
  const plane = rows * columns;
  const adapted = new Float32Array(width * channels * plane);
  for (let output = 0; output < width; output++) {
    const from = weight.subarray(output * old * plane, (output + 1) * old * plane);
    const to = adapted.subarray(output * channels * plane, (output + 1) * channels * plane);
    if (rule === 'sum') {
      for (let i = 0; i < plane; i++) {
        let sum = 0;
        for (let channel = 0; channel < old; channel++) sum += from[channel * plane + i] ?? 0;
        to[i] = sum;
      }
    } else {
      for (let i = 0; i < to.length; i++) to[i] = ((from[i % from.length] ?? 0) * old) / channels;
    }
  }
  return adapted;
}
