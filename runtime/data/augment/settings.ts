/** RandAugment (Cubuk et al., 2020): how often and how strongly a training picture is changed. */
export interface RandAugmentSettings {
  /** Mean strength of an operation, 0..10; 0 switches RandAugment off. */
  readonly magnitude: number;
  /** Standard deviation of the strength; the drawn strength is cut at 0 and 10. */
  readonly deviation: number;
  /** Whether every operation changes a picture more the greater its strength is; without it some do so the less. */
  readonly increasing: boolean;
  /** How many operations are chosen for a picture, with replacement. */
  readonly operations: number;
  /** Chance that a chosen operation is applied. */
  readonly probability: number;
}

/** Random erasing (Zhong et al., 2020): a rectangle of a normalised picture becomes noise. */
export interface ErasingSettings {
  /** Chance that a picture loses a rectangle; 0 switches erasing off. */
  readonly probability: number;
  /** Interval of the rectangle's share of the picture's area. */
  readonly area: readonly [number, number];
  /** Interval of the rectangle's height / width. */
  readonly aspect: readonly [number, number];
}

/** Mixup (Zhang et al., 2018) and CutMix (Yun et al., 2019) of a batch with itself in reverse order. */
export interface MixingSettings {
  /** Alpha of mixup's Beta(alpha, alpha); 0 switches mixup off. */
  readonly mixup: number;
  /** Alpha of CutMix's Beta(alpha, alpha); 0 switches CutMix off. */
  readonly cutmix: number;
  /** Chance that a batch is mixed at all. */
  readonly probability: number;
  /** Chance that a mixed batch is cut rather than blended, where both are on. */
  readonly switching: number;
}
