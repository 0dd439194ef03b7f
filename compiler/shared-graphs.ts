import { compileGraphs } from './compile-graphs.ts';
import { pretrainingData } from './emit/spec-json.ts';
import type { ModelSpec } from './language/model-spec.ts';
import { Recent } from './recent.ts';

/** The graphs of pretraining as files, and what `spec.json` says of them: all of it without the model's name. */
export interface PretrainingPart {
  readonly data: ReturnType<typeof pretrainingData>;
  readonly files: readonly {
    readonly graph: string;
    readonly file: string;
    readonly unlabelled: Uint8Array;
  }[];
}

/** The files of ViT-L have 3 MB. */
const MOST_KEPT = 8;

/** Compiles graphs once for the models that share them, as many variants of an ablation do. */
export class SharedGraphs {
  readonly #known = new Recent<PretrainingPart>(MOST_KEPT);

  pretraining(spec: ModelSpec): PretrainingPart {
    return this.#known.get(graphKey(spec), () => {
      const graphs = compileGraphs(spec);
      const files = Object.entries(graphs).map(([graph, { file, unlabelled }]) => ({
        graph,
        file,
        unlabelled,
      }));
      return { data: pretrainingData(graphs), files };
    });
  }
}

/** All that the graphs are made from: the spec less what has no effect on them. Anything else that differs only costs time. */
function graphKey(spec: ModelSpec): string {
  return JSON.stringify({
    ...spec,
    name: undefined,
    description: undefined,
    source: undefined,
    spans: undefined,
    finetune: undefined,
    linearProbe: undefined,
    pretrain: { ...spec.pretrain, name: undefined, augment: undefined },
  });
}
