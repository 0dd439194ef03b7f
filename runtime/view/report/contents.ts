/**
 * What a report tells of a run, as plain data: pretraining, fine-tuning and linear probing fill in what they have, and sections
 * that have nothing are left out. All texts are plain text; nothing in them is taken for HTML.
 */
export interface ReportContents {
  /** The model's name. */
  readonly title: string;
  /** What was done with it: "Pretraining". */
  readonly task: string;
  /** What the model is, by its author. Blank lines part paragraphs. */
  readonly description?: string;
  readonly status: ReportStatus;
  /** What a reader wants to know first: recipe, pictures, engine, dates. */
  readonly about: readonly Fact[];
  /** What came out: loss, times, speed. */
  readonly results: readonly Fact[];
  readonly curves?: Curves;
  readonly pictures?: readonly ReportPicture[];
  readonly classification?: Classification;
  /** Longer tables, folded. */
  readonly tables?: readonly ReportTable[];
  /** The spec that all this came from. */
  readonly spec?: readonly FactGroup[];
  /** What made the page, for its foot. */
  readonly madeBy: string;
}

export interface ReportStatus {
  readonly state: 'running' | 'finished' | 'stopped' | 'interrupted' | 'failed';
  /** How far it is, or why it ended. */
  readonly text: string;
}

export interface Fact {
  readonly name: string;
  readonly value: string;
  /** Where the value comes from when that is not the spec: "command line". */
  readonly note?: string;
}

export interface FactGroup {
  readonly name: string;
  readonly facts: readonly Fact[];
}

/** Charts over the same steps, one below the other. */
export interface Curves {
  /** 0 when there are no epochs. */
  readonly stepsPerEpoch: number;
  readonly charts: readonly Chart[];
}

export interface Chart {
  readonly title: string;
  /** What stands after each value: " %". */
  readonly unit?: string;
  /** Where the axis begins and ends; as far as the values reach if left out. */
  readonly range?: readonly [low: number, high: number];
  readonly height: 'tall' | 'low';
  /** Later ones are drawn over earlier ones. */
  readonly series: readonly ChartSeries[];
}

export interface ChartSeries {
  readonly name: string;
  readonly colour: 'blue' | 'pale-blue' | 'amber' | 'green';
  /** Whether the area below the line is tinted. */
  readonly filled?: boolean;
  /** Ascending steps, finite values. */
  readonly points: readonly (readonly [step: number, value: number])[];
}

export interface ReportPicture {
  readonly title: string;
  /** What is to be seen, for those who cannot. */
  readonly alternative: string;
  readonly png: Uint8Array;
}

/** How well pictures of a validation set were classified. */
export interface Classification {
  /** Shares of the pictures, 0..1, whose class was the likeliest, or among the five likeliest. */
  readonly top1: number;
  readonly top5?: number;
  readonly classes: readonly ClassResult[];
  /** Counts of pictures: `confusion[actual][predicted]`, in the order of `classes`. */
  readonly confusion?: readonly (readonly number[])[];
}

export interface ClassResult {
  readonly name: string;
  readonly pictures: number;
  /** Shares of these pictures, 0..1. */
  readonly top1: number;
  readonly top5?: number;
}

export interface ReportTable {
  readonly title: string;
  readonly columns: readonly string[];
  /** As long as `columns`. */
  readonly rows: readonly (readonly string[])[];
}
