import { type ModelSpec, patchGrid, type TransformerSpec } from '../../language/model-spec.ts';
import type { ChangeClass } from '../../language/schema/change-class.ts';
import { percent } from '../../language/words.ts';
import { addsOrDrops, type Rule, showNumber, valueRule, yesOrNo } from './rule.ts';

export type StackName = 'encoder' | 'decoder';

/** What a rule of the encoder says in the same way of the decoder. */
interface StackRule<Value> {
  readonly key: string;
  readonly title: string;
  readonly gravest: ChangeClass;
  readonly subject: string;
  readonly read: (stack: TransformerSpec) => Value;
  readonly show: (value: Value) => string;
  readonly classify?: (old: TransformerSpec, now: TransformerSpec) => ChangeClass;
  readonly notes: (old: TransformerSpec, now: TransformerSpec, place: StackPlace) => readonly string[];
  /** The old stack with the new one's value, where it changes what is computed. */
  readonly alone?: (old: TransformerSpec, now: TransformerSpec) => TransformerSpec;
  readonly leaves?: (old: TransformerSpec, now: TransformerSpec) => boolean;
}

interface StackPlace {
  readonly stack: StackName;
  /** Official name of its list of blocks. */
  readonly blocks: 'blocks' | 'decoder_blocks';
  readonly old: ModelSpec;
  readonly now: ModelSpec;
}

function ruleOf<Value>(stack: StackName, rule: StackRule<Value>): Rule {
  const { key, title, gravest, subject, read, show, classify, notes, alone, leaves } = rule;
  const blocks = stack === 'encoder' ? 'blocks' : 'decoder_blocks';
  return valueRule({
    id: `${stack}-${key}`,
    title: `the ${stack} ${title}`,
    gravest,
    keys: [`${stack}.${key}`],
    path: `${stack}.${key}`,
    subject: `${stack} ${subject}`,
    read: (spec) => read(spec[stack]),
    show: (value) => show(value),
    ...(classify ? { classify: (old: ModelSpec, now: ModelSpec) => classify(old[stack], now[stack]) } : {}),
    notes: (old, now) => notes(old[stack], now[stack], { stack, blocks, old, now }),
    ...(alone
      ? {
          alone: (old: ModelSpec, now: ModelSpec) =>
            stack === 'encoder'
              ? { ...old, encoder: { ...old.encoder, ...alone(old.encoder, now.encoder) } }
              : { ...old, decoder: alone(old.decoder, now.decoder) },
        }
      : {}),
    ...(leaves ? { leaves: (old: ModelSpec, now: ModelSpec) => leaves(old[stack], now[stack]) } : {}),
  });
}

/** `decoder_blocks.4–7`: the blocks that only the deeper of two stacks has. */
function furtherBlocks(list: string, a: number, b: number): string {
  const [fewer, more] = [Math.min(a, b), Math.max(a, b)];
  return more - fewer === 1 ? `${list}.${fewer}` : `${list}.${fewer}–${more - 1}`;
}

/** The hidden width of the MLP as a multiple of the width. */
const ratio = ({ mlpWidth, width }: TransformerSpec) => mlpWidth / width;
const headWidth = ({ width, heads }: TransformerSpec) => width / heads;

/** So that a width can be looked at by itself, heads that do not share it are taken along. */
function withWidth(old: TransformerSpec, now: TransformerSpec): TransformerSpec {
  const heads = now.width % old.heads === 0 ? old.heads : now.heads;
  return {
    ...old,
    width: now.width,
    heads,
    mlpWidth: ratio(old) === ratio(now) ? now.mlpWidth : old.mlpWidth,
  };
}

function withHeads(old: TransformerSpec, now: TransformerSpec): TransformerSpec {
  return { ...old, heads: old.width % now.heads === 0 ? now.heads : old.heads };
}

function tableNote(old: ModelSpec, now: ModelSpec, stack: StackName): string {
  const comes = old[stack].positions === 'none';
  const spec = comes ? now : old;
  const { height, width } = patchGrid(spec);
  const { classTokens, registers } = spec.encoder;
  const prefix = stack === 'encoder' ? classTokens : classTokens + registers;
  const name = stack === 'encoder' ? 'pos_embed' : 'decoder_pos_embed';
  return `${addsOrDrops(comes)} ${name} [1, ${prefix + height * width}, ${spec[stack].width}]`;
}

const width: StackRule<number> = {
  key: 'width',
  title: 'has another width',
  gravest: 'weights',
  subject: 'width',
  read: (stack) => stack.width,
  show: String,
  notes: (old, now, { stack }) => [
    `every tensor of the ${stack} changes shape`,
    ...(ratio(old) === ratio(now) ? [`its MLP goes along, ${old.mlpWidth} → ${now.mlpWidth}`] : []),
  ],
  alone: withWidth,
};

const depth: StackRule<number> = {
  key: 'depth',
  title: 'has more or fewer blocks',
  gravest: 'weights',
  subject: 'depth',
  read: (stack) => stack.depth,
  show: String,
  notes: (old, now, { blocks }) => [
    `${addsOrDrops(now.depth > old.depth)} ${furtherBlocks(blocks, old.depth, now.depth)}`,
  ],
  alone: (old, now) => ({ ...old, depth: now.depth }),
};

const heads: StackRule<number> = {
  key: 'heads',
  title: 'shares its width among another number of heads',
  gravest: 'weights',
  subject: 'heads',
  read: (stack) => stack.heads,
  show: String,
  classify: (old, now) =>
    old.qkNorm && now.qkNorm && headWidth(old) !== headWidth(now) ? 'weights' : 'numerics',
  notes: (old, now) => [
    headWidth(old) === headWidth(now)
      ? `${headWidth(now)} channels a head as before`
      : `${headWidth(old)} → ${headWidth(now)} channels a head`,
    old.qkNorm && now.qkNorm && headWidth(old) !== headWidth(now)
      ? 'attn.q_norm and attn.k_norm change shape'
      : 'the heads read other channels of the same weights',
  ],
  alone: withHeads,
};

const mlp: StackRule<number> = {
  key: 'mlp',
  title: 'has MLPs of another hidden width',
  gravest: 'weights',
  subject: 'MLP',
  read: (stack) => stack.mlpWidth,
  show: String,
  notes: (_, __, { blocks }) => [`mlp.fc1 and mlp.fc2 of all ${blocks} change shape`],
  alone: (old, now) => ({ ...old, mlpWidth: now.mlpWidth }),
  // A width that takes its MLP along is one change.
  leaves: (old, now) => old.width !== now.width && ratio(old) === ratio(now),
};

const qkvBias: StackRule<boolean> = {
  key: 'qkv-bias',
  title: 'gets or loses the bias of queries, keys and values',
  gravest: 'weights',
  subject: 'qkv-bias',
  read: (stack) => stack.qkvBias,
  show: yesOrNo,
  notes: (_, now, { blocks }) => [`${addsOrDrops(now.qkvBias)} attn.qkv.bias in all ${blocks}`],
  alone: (old, now) => ({ ...old, qkvBias: now.qkvBias }),
};

const qkNorm: StackRule<boolean> = {
  key: 'qk-norm',
  title: 'gets or loses the norms of queries and keys',
  gravest: 'weights',
  subject: 'qk-norm',
  read: (stack) => stack.qkNorm,
  show: yesOrNo,
  notes: (_, now, { blocks }) => [`${addsOrDrops(now.qkNorm)} attn.q_norm and attn.k_norm in all ${blocks}`],
  alone: (old, now) => ({ ...old, qkNorm: now.qkNorm }),
};

const layerScale: StackRule<number> = {
  key: 'layer-scale',
  title: 'gets, loses or starts with other factors of its residual branches',
  gravest: 'weights',
  subject: 'layer-scale',
  read: (stack) => stack.layerScale,
  show: showNumber,
  classify: (old, now) => (old.layerScale === 0 || now.layerScale === 0 ? 'weights' : 'recipe'),
  notes: (old, now, { blocks }) =>
    old.layerScale === 0 || now.layerScale === 0
      ? [`${addsOrDrops(now.layerScale > 0)} ls1.gamma and ls2.gamma in all ${blocks}`]
      : ['a training from scratch starts from other factors'],
  alone: (old, now) => ({ ...old, layerScale: now.layerScale }),
};

const dropPath: StackRule<number> = {
  key: 'drop-path',
  title: 'leaves out other shares of its branches in training',
  gravest: 'recipe',
  subject: 'drop-path',
  read: (stack) => stack.dropPath,
  show: percent,
  notes: () => ['so often is each branch of the last block left out in training; use is not touched'],
};

const dropout: StackRule<number> = {
  key: 'dropout',
  title: 'drops other shares of its numbers in training',
  gravest: 'recipe',
  subject: 'dropout',
  read: (stack) => stack.dropout,
  show: percent,
  notes: () => ['so many numbers of each branch are set to 0 in training; use is not touched'],
};

const normEpsilon: StackRule<number> = {
  key: 'norm-eps',
  title: 'has layer norms that add another number to the variance',
  gravest: 'numerics',
  subject: 'norm-eps',
  read: (stack) => stack.normEpsilon,
  show: showNumber,
  notes: () => ['every layer norm of it yields slightly other numbers from the same weights'],
};

const positions: StackRule<TransformerSpec['positions']> = {
  key: 'positions',
  title: 'tells its tokens their places in another way',
  gravest: 'weights',
  subject: 'positions',
  read: (stack) => stack.positions,
  show: String,
  classify: (old, now) => (old.positions === 'none' || now.positions === 'none' ? 'weights' : 'recipe'),
  notes: (old, now, { stack, old: oldSpec, now: newSpec }) =>
    old.positions === 'none' || now.positions === 'none'
      ? [tableNote(oldSpec, newSpec, stack)]
      : [
          `the same table, ${now.positions === 'learned' ? 'trained instead of fixed' : 'fixed instead of trained'}`,
        ],
  alone: (old, now) => ({ ...old, positions: now.positions }),
};

function rulesOf(stack: StackName): Rule[] {
  return [
    ruleOf(stack, width),
    ruleOf(stack, depth),
    ruleOf(stack, heads),
    ruleOf(stack, mlp),
    ruleOf(stack, qkvBias),
    ruleOf(stack, qkNorm),
    ruleOf(stack, layerScale),
    ruleOf(stack, dropPath),
    ruleOf(stack, dropout),
    ruleOf(stack, normEpsilon),
    ruleOf(stack, positions),
  ];
}

/** Changes of the two transformers. */
export const stackRules: readonly Rule[] = [...rulesOf('encoder'), ...rulesOf('decoder')];
