import { access } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll } from 'vitest';
import type { ClassifierEngine, NamedTensor } from '../../runtime/engine/engine.ts';
import { openClassifierEngine } from '../../runtime/engine/open-engine.ts';
import type { CompiledClassifier, CompiledClassifierRecipe } from '../../runtime/model/compiled-spec.ts';
import { type ClassifierTraining, trainedClassifier } from '../../runtime/model/trained-model.ts';
import type { ClassifyOptions } from '../../runtime/train/classify.ts';
import { readLog } from '../../runtime/train/run-log.ts';
import { type Checkpoint, loadCheckpoint } from '../../runtime/weights/checkpoint.ts';
import { initialParameters } from '../../runtime/weights/initialize.ts';
import { compileGraphsToFolder } from '../support/compiled-graphs.ts';
import type { CompiledModelFolder } from '../support/model-folder.ts';
import { drawColours, toySpec } from './tiny-classifier.ts';
import { keepingView, scratchFolder } from './tiny-run.ts';

export const CLASSES = ['blue', 'green', 'red'];

export interface Setting {
  readonly training?: ClassifierTraining;
  readonly recipe?: Partial<CompiledClassifierRecipe>;
  readonly more?: Partial<ClassifyOptions>;
  /** Gets hold of the engine before it is used. */
  readonly tamper?: (engine: ClassifierEngine) => void;
}

/** Compiles the toy model and draws pictures for the tests of a file, and removes both after them. */
export function toyRuns() {
  let compiled: CompiledModelFolder | undefined;
  const model = (): CompiledModelFolder => {
    if (compiled === undefined) throw new Error('there is a model while tests run only');
    return compiled;
  };
  /** 8 pictures of each colour: 6 for training, hence 3 steps an epoch, and 2 for validation. */
  let data = '';
  beforeAll(async () => {
    compiled = await compileGraphsToFolder(toySpec());
    data = await drawColours(join(compiled.directory, 'pictures'), { blue: 8, green: 8, red: 8 });
  });
  afterAll(() => compiled?.remove());

  const defaultRecipe = (training: ClassifierTraining): CompiledClassifierRecipe => {
    const recipe = model().spec.recipes[training];
    if (recipe === undefined) throw new Error('compiled without it');
    return recipe;
  };
  const classifierOf = (training: ClassifierTraining): CompiledClassifier => {
    const classifier = model().spec.classifiers[training];
    if (classifier === undefined) throw new Error('compiled without it');
    return classifier;
  };
  const trainedAs = (training: ClassifierTraining) =>
    trainedClassifier(model().spec, training, classifierOf(training), CLASSES);

  /** Options of a run in a folder of its own. */
  async function setting({ training = 'finetune', recipe = {}, more = {}, tamper }: Setting = {}) {
    const out = join(await scratchFolder(), 'run');
    const view = keepingView();
    const options: ClassifyOptions = {
      spec: model().spec,
      training,
      data,
      out,
      validation: 0.25,
      view,
      recipe: { ...defaultRecipe(training), ...recipe },
      openEngine: async () => {
        const { spec, directory } = model();
        const engine = await openClassifierEngine('onnx', { spec, directory, training, threads: 1 });
        tamper?.(engine);
        return engine;
      },
      saveEvery: { epochs: 0 },
      drawEvery: { epochs: 0 },
      ...more,
    };
    return { out, view, options };
  }

  return {
    get model() {
      return model();
    },
    get data() {
      return data;
    },
    defaultRecipe,
    classifierOf,
    setting,
    checkpointOf: (
      out: string,
      training: ClassifierTraining = 'finetune',
      name = 'checkpoint',
    ): Promise<Checkpoint> => loadCheckpoint(join(out, `${name}.safetensors`), trainedAs(training)),
    /** The initial values of the run with the recipe's seed. */
    initialOf: (training: ClassifierTraining): ReadonlyMap<string, Float32Array> =>
      byName([...initialParameters(trainedAs(training), defaultRecipe(training).seed)]),
  };
}

export const epochsOf = async (out: string) =>
  (await readLog(join(out, 'log.jsonl'))).flatMap((line) => (line.event === 'epoch' ? [line] : []));

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  );

export const byName = (tensors: readonly NamedTensor[]) =>
  new Map(tensors.map(({ name, data: numbers }) => [name, numbers]));
