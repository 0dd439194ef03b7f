import type { Pixels } from '../../../runtime/data/resize.ts';

/** What the page and the worker that holds the model say to each other. */

/** The tfjs backend that computes, and why it is this one. */
export interface BackendChoice {
  readonly name: BackendName;
  /** What it runs on, for people: "NVIDIA ampere", "2 threads, SIMD". */
  readonly device: string;
  /** Why it is not a faster one, or why it was taken: a sentence. */
  readonly why: string;
}

/** The backends, the one to be preferred first. */
export const BACKEND_NAMES = ['webgpu', 'wasm', 'cpu'] as const;
export type BackendName = (typeof BACKEND_NAMES)[number];

/** Where the weights that training starts from came from. */
export interface WeightsOrigin {
  readonly kind: 'random' | 'checkpoint';
  /** Name of the checkpoint's file; empty for random weights. */
  readonly file: string;
  /** Steps that a checkpoint says it was trained for. */
  readonly steps?: number;
}

/** What a model predicts for one masked picture. */
export interface Prediction {
  /** [patches, values]: every patch, visible ones too. */
  readonly prediction: Float32Array<ArrayBuffer>;
  /** [patches], 1 where a patch was removed. */
  readonly mask: Float32Array<ArrayBuffer>;
}

/** What the page can ask of the worker: by name, what it gives and what it gets. */
export interface Calls {
  /** Chooses a backend, or takes the named one, and loads the weights that lie beside the page, or random ones. */
  readonly open: {
    readonly given: {
      readonly backend: BackendName | undefined;
      /** Address of the folder of the page. */
      readonly base: string;
    };
    readonly result: {
      readonly backend: BackendChoice;
      readonly weights: WeightsOrigin;
      /** What is wrong with weights that could not be used. */
      readonly warning: string | undefined;
    };
  };
  /** Takes the weights of a safetensors file; training starts anew from there. */
  readonly load: {
    readonly given: { readonly file: string; readonly bytes: ArrayBuffer };
    readonly result: WeightsOrigin;
  };
  /** Goes back to the weights before the first step. */
  readonly reset: { readonly given: undefined; readonly result: undefined };
  /** The weights as a safetensors file. */
  readonly save: { readonly given: undefined; readonly result: ArrayBuffer };
  /** Rebuilds one normalised picture [channels, height, width] of which so many patches are removed. */
  readonly reconstruct: {
    readonly given: { readonly image: Float32Array; readonly removed: number; readonly mask: number };
    readonly result: Prediction;
  };
  /** Trains on these pictures until `stop`; ends with how many steps were taken in all. */
  readonly train: {
    readonly given: { readonly pictures: readonly Pixels[] };
    readonly result: number;
  };
  readonly stop: { readonly given: undefined; readonly result: undefined };
}

export type CallName = keyof Calls;

/** A call on its way to the worker. */
export type Request = {
  readonly [Name in CallName]: {
    readonly id: number;
    readonly name: Name;
    readonly given: Calls[Name]['given'];
  };
}[CallName];

/** A training step that was taken. */
export interface Step {
  /** Steps taken since the weights were loaded. */
  readonly step: number;
  readonly loss: number;
  readonly pictures: number;
  readonly seconds: number;
}

/** What the worker tells the page. */
export type Reply =
  | { readonly kind: 'result'; readonly id: number; readonly result: Calls[CallName]['result'] }
  | {
      readonly kind: 'failure';
      readonly id: number;
      readonly message: string;
      readonly help: string | undefined;
    }
  | { readonly kind: 'step'; readonly step: Step }
  /** The graphics device is gone, with the weights that it held. */
  | { readonly kind: 'lost'; readonly reason: string };
