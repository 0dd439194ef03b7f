import { type ModelSpec, patchGrid, type Recipe } from '../language/model-spec.ts';
import { counted } from '../language/words.ts';
import { tokenCounts } from '../model/masking.ts';

type ModelFact = (spec: ModelSpec) => string;
type RecipeFact = (recipe: Recipe) => string;

/** What the values of a key come to in a model, by dotted path. Paths without an entry speak for themselves. */
export const modelFacts: Readonly<Record<string, ModelFact>> = {
  image: patches,
  patch: patches,
  mask: (spec) => {
    const { patches: all, visible, removed } = tokenCounts(spec);
    return `leaves ${visible} of ${counted(all, 'patch', 'patches')} and removes ${removed}`;
  },
  'encoder.width': ({ encoder }) => headWidth(encoder),
  'encoder.heads': ({ encoder }) => headWidth(encoder),
  'encoder.mlp': ({ encoder }) => hiddenWidth(encoder),
  'decoder.width': ({ decoder }) => headWidth(decoder),
  'decoder.heads': ({ decoder }) => headWidth(decoder),
  'decoder.mlp': ({ decoder }) => hiddenWidth(decoder),
};

/** The same for a recipe. */
export const recipeFacts: Readonly<Record<string, RecipeFact>> = {
  batch: ({ batch, accumulation }) =>
    accumulation === 1 ? '' : `in ${accumulation} micro-batches of ${batch / accumulation}`,
  accumulate: ({ batch, accumulation }) => `micro-batches of ${batch / accumulation}`,
  'optimizer.lr': ({ optimizer, batch }) => {
    const peak = (optimizer.baseLearningRate * batch) / optimizer.learningRatePer;
    return `a peak of ${Number(peak.toPrecision(6))} for batches of ${batch}`;
  },
};

function patches(spec: ModelSpec): string {
  const { height, width } = patchGrid(spec);
  return `${height} x ${width} = ${counted(height * width, 'patch', 'patches')}`;
}

function headWidth({ width, heads }: ModelSpec['decoder']): string {
  return `${width / heads} channels a head`;
}

function hiddenWidth({ mlpWidth, width }: ModelSpec['decoder']): string {
  return `${mlpWidth} hidden channels for a width of ${width}`;
}
