import { createInterface } from 'node:readline';
import { OnnxRuntime } from '../runtime/engine/onnx/onnx-runtime.ts';
import { loadSpec } from '../runtime/model/load-spec.ts';
import { productFlops, squareProduct } from './gemm/product.ts';
import { productFeeds, productsModel } from './gemm/products-model.ts';
import { stepProducts } from './gemm/step-products.ts';

/**
 * Does the matrix products of a step alone when told, or a few large ones: what ONNX Runtime could do at best. See `StepWorker`. The
 * model's folder is the argument.
 */
const directory = process.argv[2] ?? '';
/** Of the large product: 17 GFLOP. */
const SIDE = 2048;
const SQUARES = 3;

const lines = createInterface(process.stdin)[Symbol.asyncIterator]();
const setup: { batch: number; threads: number; products: 'step' | 'large' } = JSON.parse(
  (await lines.next()).value,
);
const products =
  setup.products === 'step'
    ? await stepProducts(await loadSpec(directory), directory, setup.batch)
    : Array.from({ length: SQUARES }, () => squareProduct(SIDE));
const runtime = await OnnxRuntime.load('cpu', setup.threads);
const session = await runtime.open(productsModel(products), { name: 'products' });
const feeds = productFeeds(products);
const flops = products.reduce((sum, product) => sum + productFlops(product), 0);
console.log(JSON.stringify({ products: products.length, flops }));
for await (const line of lines) {
  const seconds: number[] = [];
  for (let round = 0; round < Number(line); round++) {
    const start = performance.now();
    await session.run(feeds);
    seconds.push((performance.now() - start) / 1000);
  }
  console.log(JSON.stringify({ seconds, loss: 0 }));
}
process.exit(0);
