import type { ChangeClass } from '../language/schema/change-class.ts';
import type { ModelCost } from './cost/model-cost.ts';
import type { Architecture } from './side.ts';

/** Plain JSON throughout: what the formats print, and what drawings are made of. */

/** A stretch of a file; lines and columns count from 1, the end exclusive. */
export interface PlaceInFile {
  /** As the user named it, with forward slashes. */
  readonly file: string;
  /** The git revision that the file is of; left out for files on disk. */
  readonly revision?: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** New less old of a change by itself, all else as in the old model. */
export interface Effect {
  readonly parameters: number;
  /** Of the compiled training step for one picture, forward and backward. */
  readonly trainingFlops: number;
  /** The same as a share of the old model's step. */
  readonly trainingShare: number;
}

/** One setting that is not the same. */
export interface Change {
  /** Stable, in kebab-case: `decoder-depth`. */
  readonly rule: string;
  readonly class: ChangeClass;
  /** Dotted path of the key within the model: `decoder.depth`; empty for the model itself. */
  readonly path: string;
  /** As one would write it; null where there is none. */
  readonly old: string | null;
  readonly new: string | null;
  /** One sentence: what changed and what that does. */
  readonly message: string;
  /** Null where parameters and FLOPs stay, or cannot be told. */
  readonly effect: Effect | null;
  /** Where each side says it; null for defaults and where there is no text. */
  readonly at: { readonly old: PlaceInFile | null; readonly new: PlaceInFile | null };
}

/**
 * What becomes of a tensor when old weights go into the new model:
 * `kept`: same name, same shape;
 * `renamed`: another name, same shape and place in the network;
 * `interpolable`: positions of another grid of patches;
 * `sliced`, `extended`: the same but for the number of classes, channels or learned tokens;
 * `replaced`: same name, but another shape that old numbers do not fit;
 * `new`, `dropped`: on one side only.
 */
export const tensorFates = [
  'kept',
  'renamed',
  'interpolable',
  'sliced',
  'extended',
  'replaced',
  'new',
  'dropped',
] as const;

export type TensorFate = (typeof tensorFates)[number];

export interface Tensor {
  /** Official name, as in PyTorch's state dict. */
  readonly name: string;
  readonly shape: readonly number[];
}

/** The network that a tensor belongs to; classifiers list only what they have beside the pretrained encoder. */
export type Network = 'pretrain' | 'finetune' | 'linear-probe';

/** How the numbers of two tensors, or of several pairs of them, differ. */
export interface NumberDifference {
  /** How many numbers have other bits. */
  readonly differing: number;
  /** How many there are. */
  readonly of: number;
  /** The largest absolute difference; null where one is not finite. */
  readonly largest: number | null;
}

/** One row of the table of weights: every tensor of both sides is in exactly one. */
export interface TensorChange {
  readonly network: Network;
  readonly fate: TensorFate;
  readonly old: Tensor | null;
  readonly new: Tensor | null;
  /** What there is to say beside the shapes; empty for nothing. */
  readonly note: string;
  /** Of two checkpoints, where the tensor is in both and has one shape. */
  readonly numbers?: NumberDifference;
}

/** One model as a side describes it. */
export interface ModelFacts {
  readonly name: string;
  /** SHA-256 of the architecture, as in spec.json and in compiled ONNX files. */
  readonly hash: string;
  readonly architecture: Architecture;
  readonly tokens: { readonly patches: number; readonly visible: number; readonly prefix: number };
  readonly cost: ModelCost;
}

/** A number on both sides. */
export interface OldAndNew {
  readonly old: number;
  readonly new: number;
}

/** A module, or the equal ones of a list together, old → new: see `ModuleCost`. A side that lacks it has 0. */
export interface ModuleDifference {
  readonly path: string;
  readonly count: OldAndNew;
  readonly parameters: OldAndNew;
  readonly forwardFlops: OldAndNew;
  readonly trainingFlops: OldAndNew;
  readonly savedBytes: OldAndNew;
  readonly onnxBytes: OldAndNew;
}

export interface ModelDiff {
  /** `added` and `removed` only between folders; `renamed` if matched by structure and not by name. */
  readonly status: 'same' | 'changed' | 'renamed' | 'added' | 'removed';
  readonly old: ModelFacts | null;
  readonly new: ModelFacts | null;
  /** The gravest first. */
  readonly changes: readonly Change[];
  /** In the order of the old model, then what is new. Empty for added and removed models. */
  readonly weights: readonly TensorChange[];
  readonly modules: readonly ModuleDifference[];
}

export interface DiffReport {
  readonly version: 1;
  readonly compiler: string;
  readonly old: SideFacts;
  readonly new: SideFacts;
  /** The class of the gravest change; null when nothing differs. */
  readonly gravest: ChangeClass | null;
  readonly counts: Readonly<Record<ChangeClass, number>>;
  readonly models: readonly ModelDiff[];
  /** Where a side is an ONNX file; there are no models then. */
  readonly onnx?: OnnxDiff;
}

export interface OnnxPort {
  readonly name: string;
  /** As ONNX names it: "float32". */
  readonly type: string;
  /** A number, or the name of a side that is not fixed: "batch". */
  readonly shape: readonly (number | string)[];
}

/** What an ONNX file says of itself, its weights aside. */
export interface OnnxFacts {
  readonly producer: string;
  readonly producerVersion: string;
  readonly opset: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** Without parameters. */
  readonly inputs: readonly OnnxPort[];
  readonly outputs: readonly OnnxPort[];
  /** SHA-256 of the operators, their attributes, constants and connections; names of values between them do not count. */
  readonly graphHash: string;
}

export interface OnnxWeight {
  readonly type: string;
  readonly shape: readonly number[];
  /** Of the numbers as ONNX stores them; null for a parameter that is an input, and for what was not compared. */
  readonly sha256: string | null;
}

/**
 * `kept`: the same numbers; `changed`: others of the same shape; `replaced`: another shape; `new`, `dropped`: in one file only;
 * `embedded`: an input of the old file that the new one holds; `taken-out`: the other way round. With a checkpoint
 * also `renamed`: the same numbers under another name; `unused`: a tensor of the checkpoint that is not in the ONNX file.
 */
export const onnxFates = [
  'kept',
  'renamed',
  'changed',
  'replaced',
  'new',
  'dropped',
  'embedded',
  'taken-out',
  'unused',
] as const;

export type OnnxFate = (typeof onnxFates)[number];

export interface OnnxWeightChange {
  readonly name: string;
  /** The new side's name, where it is another. */
  readonly renamed?: string;
  readonly fate: OnnxFate;
  readonly old: OnnxWeight | null;
  readonly new: OnnxWeight | null;
  /** Where both sides have as many numbers; left out where the bytes are the same. */
  readonly numbers?: NumberDifference;
}

export interface Answer {
  readonly yes: boolean;
  /** A sentence that begins with "yes: " or "no: ". */
  readonly answer: string;
}

/**
 * Two ONNX files; of a spec or a checkpoint, what that compiles to. Of a checkpoint whose model compiles to no such graph only the
 * numbers are compared, and the rest is as in the file.
 */
export interface OnnxDiff {
  readonly old: OnnxFacts;
  readonly new: OnnxFacts;
  /** Whether the file was compiled from the spec, or that of the checkpoint; null for two files, and where nothing tells. */
  readonly compiledFrom: Answer | null;
  /** Whether the file was exported from the checkpoint; null where neither side is one. */
  readonly exportedFrom: Answer | null;
  readonly changes: readonly Change[];
  readonly operators: readonly ({ readonly type: string } & OldAndNew)[];
  readonly weights: readonly OnnxWeightChange[];
}

export interface SideFacts {
  /** As the user named it. */
  readonly label: string;
  readonly kind: SideKind;
}

/** What a side was read from. */
export type SideKind = 'spec' | 'compiled' | 'checkpoint' | 'onnx';
