import type { ModuleCost } from '../diff/cost/count-modules.ts';
import type { ModelFacts } from '../diff/report.ts';
import type { Architecture } from '../diff/side.ts';
import { formatBytes, formatCount } from '../emit/report/quantities.ts';
import { counted, percent } from '../language/words.ts';
import { type Caption, type Phrase, phrase, unusual } from './phrases.ts';

type Size = { readonly height: number; readonly width: number };
type StackName = 'encoder' | 'decoder';

const sized = ({ height, width }: Size) => `${height} × ${width}`;

const flops = (count: number) => `${formatCount(count)}${count < 1000 ? ' ' : ''}FLOPs`;

/** The module of a path; of a list, all of its elements together. */
export function moduleAt({ cost }: ModelFacts, path: string): ModuleCost | undefined {
  return cost.modules.find((module) => module.path === path);
}

/** "85.05 M parameters · 8.59 GFLOPs". */
function costLine(module: ModuleCost | undefined): string {
  if (module === undefined) return '';
  return `${formatCount(module.parameters)} parameters · ${flops(module.forwardFlops)}`;
}

/** What one sees of a module who points at it: a line for each quantity. `share` is the part of the module that is meant. */
export function costTitle(name: string, module: ModuleCost | undefined, share = 1): string {
  if (module === undefined) return name;
  const { parameters, forwardFlops, trainingFlops, savedBytes } = module;
  return [
    name,
    `${formatCount(parameters * share)} parameters`,
    ...(forwardFlops > 0 ? [`${flops(forwardFlops * share)} forward`] : []),
    ...(trainingFlops > 0 ? [`${flops(trainingFlops * share)} in a training step`] : []),
    ...(savedBytes > 0 ? [`${formatBytes(savedBytes * share)} of activations`] : []),
  ].join('\n');
}

/** The picture and what is removed of it. */
export function pictureCaption({ architecture, tokens }: ModelFacts): Caption {
  const { image, patch, mask } = architecture;
  const rows = Math.ceil(image.height / patch.height);
  const columns = Math.ceil(image.width / patch.width);
  const unit = mask.kind === 'grid' ? ` in units of ${sized(mask.unit)}` : '';
  return {
    heading: 'Picture',
    lines: [
      [
        phrase(sized(image), 'image-size'),
        phrase(counted(image.channels, 'channel', 'channels'), 'image-channels'),
      ],
      [unusual(true, `mean ${numbers(image.mean)}`, 'image-mean')],
      [unusual(true, `deviation ${numbers(image.deviation)}`, 'image-deviation')],
      [unusual(architecture.accept === 'exact', acceptTexts[architecture.accept], 'accepted-sizes')],
      [
        phrase(`${rows} × ${columns} patches of ${sized(patch)}`, 'patch-size'),
        unusual(!patch.pad, patch.pad ? 'padded' : 'not padded', 'patch-pad'),
      ],
      [
        phrase(`${mask.kind} mask${unit}`, 'mask-kind', 'mask-unit'),
        phrase(`${percent(mask.ratio)} removed`, 'mask-ratio'),
      ],
      [phrase(`${tokens.visible} of ${tokens.patches} patches visible`)],
    ],
  };
}

const acceptTexts: Readonly<Record<Architecture['accept'], string>> = {
  exact: 'no other size in use',
  multiples: 'in use, any multiples of a patch',
  any: 'in use, any size',
};

/** The first numbers of a list, as many as fit in a line. */
function numbers(values: readonly number[]): string {
  const most = 4;
  const shown = values.slice(0, most).map((value) => Number(value.toPrecision(3)));
  return `${shown.join(' ')}${values.length > most ? ' …' : ''}`;
}

/** The linear map from the pixels of a patch to a token. */
export function embeddingCaption(facts: ModelFacts): Caption {
  const { patch, encoder, image } = facts.architecture;
  const norm = patch.norm ? 'and a layer norm' : 'no layer norm';
  return {
    heading: 'Patch embedding',
    lines: [
      [
        phrase(`linear ${patch.height * patch.width * image.channels} → ${encoder.width}`),
        unusual(!patch.norm, norm, 'patch-norm'),
      ],
    ],
    cost: costLine(moduleAt(facts, 'encoder.patch_embed')),
  };
}

/** The tokens that a stack runs on. */
export function tokensCaption({ architecture, tokens }: ModelFacts, stack: StackName): Caption {
  const { encoder, mask } = architecture;
  const prefix = [
    ...(encoder.classTokens > 0
      ? [phrase(`${encoder.classTokens} class`, 'class-tokens')]
      : [unusual(true, 'no class token', 'class-tokens')]),
    ...(encoder.registers > 0
      ? [phrase(counted(encoder.registers, 'register', 'registers'), 'registers')]
      : [unusual(true, 'no registers', 'registers')]),
  ];
  const hidden = tokens.patches - tokens.visible;
  const all = stack === 'decoder' || mask.tokensInEncoder;
  const patches: Phrase[] = [
    phrase(`${tokens.visible} visible`),
    ...(all ? [phrase(`${hidden} masked`, 'mask-tokens-in-encoder')] : []),
    ...(stack === 'encoder' && !all ? [unusual(true, 'no mask tokens', 'mask-tokens-in-encoder')] : []),
  ];
  return {
    heading: `${tokenCount({ architecture, tokens }, stack)} tokens`,
    lines: [[...prefix, ...patches]],
  };
}

/** Tokens that a stack runs on. */
export function tokenCount(
  { architecture, tokens }: Pick<ModelFacts, 'architecture' | 'tokens'>,
  stack: StackName,
): number {
  const all = stack === 'decoder' || architecture.mask.tokensInEncoder;
  return tokens.prefix + (all ? tokens.patches : tokens.visible);
}

/** Encoder or decoder. */
export function stackCaption(facts: ModelFacts, name: StackName): Caption {
  const stack: Architecture['decoder'] = facts.architecture[name];
  const { width, depth, heads, mlpWidth } = stack;
  const says = (isUsual: boolean, text: string, rule: string) => unusual(isUsual, text, `${name}-${rule}`);
  return {
    heading: name === 'encoder' ? 'Encoder' : 'Decoder',
    lines: [
      [phrase(counted(depth, 'block', 'blocks'), `${name}-depth`), phrase(`width ${width}`, `${name}-width`)],
      [
        phrase(`${counted(heads, 'head', 'heads')} of ${width / heads}`, `${name}-heads`),
        phrase(`MLP ${mlpWidth}`, `${name}-mlp`),
      ],
      [phrase(positionTexts[stack.positions], `${name}-positions`)],
      [
        says(stack.qkvBias, stack.qkvBias ? 'qkv bias' : 'no qkv bias', 'qkv-bias'),
        says(!stack.qkNorm, stack.qkNorm ? 'qk norm' : 'no qk norm', 'qk-norm'),
        says(
          stack.layerScale === 0,
          stack.layerScale === 0 ? 'no layer scale' : `layer scale ${stack.layerScale}`,
          'layer-scale',
        ),
        says(stack.normEpsilon === 1e-6, `norm eps ${stack.normEpsilon.toExponential()}`, 'norm-eps'),
        says(stack.dropPath === 0, `drop path ${percent(stack.dropPath)}`, 'drop-path'),
        says(stack.dropout === 0, `dropout ${percent(stack.dropout)}`, 'dropout'),
      ],
    ],
    cost: costLine(moduleAt(facts, `${name}.blocks.*`)),
  };
}

const positionTexts: Readonly<Record<Architecture['decoder']['positions'], string>> = {
  'sincos-2d': 'fixed sine-cosine positions',
  learned: 'learned positions',
  none: 'no positions',
};

/** The linear map from the encoder's width to the decoder's. */
export function bridgeCaption(facts: ModelFacts): Caption {
  const { encoder, decoder } = facts.architecture;
  return {
    heading: 'Into the decoder',
    lines: [[phrase(`linear ${encoder.width} → ${decoder.width}`)]],
    cost: costLine(moduleAt(facts, 'decoder.embed')),
  };
}

/** The linear map from a token to the pixels of a patch. */
export function headCaption(facts: ModelFacts): Caption {
  const { patch, decoder, image } = facts.architecture;
  const pixels = patch.height * patch.width * image.channels;
  return {
    heading: 'Prediction',
    lines: [[phrase(`linear ${decoder.width} → ${pixels} = ${sized(patch)} × ${image.channels}`)]],
    cost: costLine(moduleAt(facts, 'decoder.pred')),
  };
}

const targetTexts: Readonly<Record<Architecture['loss']['target'], string>> = {
  pixels: 'pixels',
  'normalized-pixels': 'pixels normalised by patch',
};

/** What the predictions are measured by. */
export function lossCaption({ architecture: { loss } }: ModelFacts): Caption {
  return {
    heading: 'Loss',
    lines: [
      [phrase(loss.kind === 'mse' ? 'mean squared error' : 'mean absolute error', 'loss-kind')],
      [phrase(`of ${targetTexts[loss.target]}`, 'loss-target')],
      [phrase(loss.on === 'masked' ? 'of the removed patches only' : 'of all patches', 'loss-on')],
    ],
  };
}

/** The whole drawing in a sentence, for those who do not see it. */
export function describeDrawing(facts: ModelFacts): string {
  const { architecture, tokens, cost } = facts;
  const stack = (name: StackName) => {
    const { depth, width } = architecture[name];
    return `${name} of ${counted(depth, 'block', 'blocks')} of width ${width} on ${tokenCount(facts, name)} tokens`;
  };
  const { image, patch } = architecture;
  return [
    `Architecture of ${facts.name}: pictures of ${sized(image)} in patches of ${sized(patch)}`,
    `${tokens.visible} of ${tokens.patches} visible`,
    stack('encoder'),
    stack('decoder'),
    `${formatCount(cost.parameters.total)} parameters`,
  ].join(', ');
}
