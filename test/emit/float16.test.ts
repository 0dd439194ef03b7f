import { InferenceSession, Tensor } from 'onnxruntime-node';
import { expect, it } from 'vitest';
import { FLOAT16_MAX, float16Bits } from '../../compiler/emit/onnx/float16.ts';
import { writeOnnxModel } from '../../compiler/emit/onnx/write-model.ts';
import { GraphBuilder } from '../../compiler/ir/builder.ts';
import { cast } from '../../compiler/ir/ops/cast.ts';
import { float32 } from '../../compiler/ir/shape.ts';
import { Random } from '../../runtime/random.ts';
import { float16Value, withRounding } from '../support/rounded-graph.ts';

const meaning = float16Value;

it('every float16 has the bits that mean it', () => {
  const all = Array.from({ length: 0x10000 }, (_, bits) => bits);
  expect(all.filter((bits) => !Number.isNaN(meaning(bits)) && float16Bits(meaning(bits)) !== bits)).toEqual(
    [],
  );
  expect(meaning(float16Bits(Number.NaN))).toBeNaN();
});

it('a number between two becomes the nearer, and the even one half way', () => {
  for (let bits = 0; bits < 0x7bff; bits += 7) {
    const [low, high] = [meaning(bits), meaning(bits + 1)];
    const step = high - low;
    expect(float16Bits(low + 0.49 * step)).toBe(bits);
    expect(float16Bits(low + 0.51 * step)).toBe(bits + 1);
    expect(float16Bits(low + step / 2)).toBe(bits % 2 === 0 ? bits : bits + 1);
    expect(float16Bits(-(low + 0.51 * step))).toBe(0x8000 | (bits + 1));
  }
});

it('what is too large is infinite, and what is too small zero', () => {
  expect(meaning(float16Bits(65519.9))).toBe(FLOAT16_MAX);
  expect(meaning(float16Bits(65520))).toBe(Number.POSITIVE_INFINITY);
  expect(meaning(float16Bits(-1e300))).toBe(Number.NEGATIVE_INFINITY);
  expect(meaning(float16Bits(2 ** -25))).toBe(0);
  expect(meaning(float16Bits(1.001 * 2 ** -25))).toBe(2 ** -24);
  expect(meaning(float16Bits(1e-320))).toBe(0);
});

it('tests that round as float16 does round as its encoding', async () => {
  const random = Random.from('float16');
  const numbers = Array.from({ length: 4000 }, () => random.normal() * 2 ** random.uniform(-30, 20));
  const values = Float32Array.from([
    ...numbers,
    65519,
    65520,
    1e30,
    -1e38,
    0,
    -65504,
    Number.NEGATIVE_INFINITY,
  ]);
  const builder = new GraphBuilder('test', { kind: 'Test', documentation: '' });
  const x = builder.input('x', 'features', float32(values.length));
  builder.output('y', 'features', cast(builder, cast(builder, x, 'float16'), 'float32'));
  const { bytes } = writeOnnxModel(builder.finish(), {
    producerVersion: 'test',
    metadata: {},
    auxiliary: 'inputs',
  });
  const session = await InferenceSession.create(withRounding(bytes));
  const { y } = await session.run({ x: new Tensor('float32', values, [values.length]) });
  const expected = Array.from(values, (value) => meaning(float16Bits(value)));
  expect([...(y?.data ?? [])]).toEqual(expected);
});
