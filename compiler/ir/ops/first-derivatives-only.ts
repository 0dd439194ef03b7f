/** Why an op that `differentiate` records has neither a gradient of its own nor a place in generated classes. */
export const FIRST_DERIVATIVES_ONLY =
  'it appears in compiled training steps only, which are not differentiated again';
