import { createOnnxEngine } from '../../runtime/engine/onnx/onnx-engine.ts';
import { loadSpec } from '../../runtime/model/load-spec.ts';
import { Random } from '../../runtime/random.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';

/** Runs the encoder of the compiled model in the folder that is its argument on one picture, and tells what that took. */
const [directory = '', threads = '1'] = process.argv.slice(2);
const spec = await loadSpec(directory);
const engine = await createOnnxEngine({ spec, directory, threads: Number(threads) });
await engine.loadParameters(initialParameters(spec, 0));
const { channels, height, width } = spec.model.image;
const images = Random.from('huge').fillNormal(new Float32Array(channels * height * width));
const seconds: number[] = [];
let features = new Float32Array();
for (let round = 0; round < 2; round++) {
  const start = performance.now();
  features = Float32Array.from(await engine.features(images, 1));
  seconds.push((performance.now() - start) / 1000);
}
const peakBytes = 1024 * process.resourceUsage().maxRSS;
const { prefix, patches } = spec.tokens;
console.log(
  JSON.stringify({
    seconds,
    peakBytes,
    parameterBytes: 4 * spec.cost.parameters.total,
    tokens: prefix + patches,
    values: features.length,
    finite: features.every(Number.isFinite),
  }),
);
process.exit(0);
