/** How much is drawn and trained. What is left out here is as the recipes of vit-pico-labels.mae say. */
export interface Plan {
  readonly pictures: PictureCounts;
  /** Height and width of the pictures in pixels. */
  readonly size: number;
  /** Options in place of what the recipes say, for each training. */
  readonly pretrain: readonly string[];
  readonly classify: readonly string[];
}

/** Pictures of each class. Those with labels are among those for pretraining; those of the test are seen by neither. */
export interface PictureCounts {
  readonly pretraining: number;
  readonly labelled: number;
  readonly test: number;
}

/** Several minutes, and numbers that mean something. */
export const FULL: Plan = {
  pictures: { pretraining: 300, labelled: 20, test: 100 },
  size: 80,
  pretrain: [],
  classify: [],
};

/** Whether everything works, not how well. */
export const SHORT: Plan = {
  pictures: { pretraining: 4, labelled: 4, test: 1 },
  size: 48,
  pretrain: ['--epochs', '1', '--warmup', '0'],
  classify: ['--epochs', '1', '--warmup', '0'],
};
