import type { ModelClient } from '../model/client.ts';
import { spec } from '../model/compiled.ts';
import type { Step, WeightsOrigin } from '../model/messages.ts';
import { element } from './element.ts';
import { say, showAlert, showWeights } from './facts.ts';
import { LossChart } from './loss-chart.ts';
import type { Strip } from './strip.ts';

/** Share of a new step in the speed that is shown. */
const SPEED_SHARE = 0.1;

/** The part of the page that trains, and the weights that are trained. */
export class Training {
  readonly #client: ModelClient;
  readonly #strip: Strip;
  readonly #onWeights: () => void;
  readonly #chart = new LossChart();
  readonly #train = element('train', HTMLButtonElement);
  readonly #startOver = element('start-over', HTMLButtonElement);
  readonly #save = element('save', HTMLButtonElement);
  #origin: WeightsOrigin = { kind: 'random', file: '' };
  #steps = 0;
  #speed: number | undefined;
  /** Until the training under way has stopped. */
  #running: Promise<void> | undefined;

  /** @param onWeights Told when the weights are others: replaced, or trained to the end. */
  constructor(client: ModelClient, strip: Strip, onWeights: () => void) {
    this.#client = client;
    this.#strip = strip;
    this.#onWeights = onWeights;
    this.#train.addEventListener('click', () => void (this.#running ? this.#stop() : this.#run()));
    this.#startOver.addEventListener('click', () => void this.#reset());
    this.#save.addEventListener('click', () => void this.#download());
    this.describe();
  }

  /** Lets the user train, as soon as there is a model. */
  start(origin: WeightsOrigin): void {
    this.#train.disabled = false;
    this.#save.disabled = false;
    this.#began(origin);
  }

  /** There is no model any more. */
  end(): void {
    for (const button of [this.#train, this.#startOver, this.#save]) button.disabled = true;
  }

  /** Says what training does, of which the number of pictures changes. */
  describe(): void {
    const { name } = spec.recipes.pretrain;
    const ratio = Math.round((1 - spec.tokens.visible / spec.tokens.patches) * 100);
    const { length } = this.#strip.pictures;
    const pictures = length === 1 ? 'the picture above' : `the ${length} pictures above`;
    element('train-note', HTMLElement).textContent =
      `Continues the pretraining with ${name}: random crops of ${pictures}, new masks of ${ratio} % at every step. The ` +
      'reconstruction above follows.';
  }

  record({ step, loss, pictures, seconds }: Step): void {
    this.#steps = step;
    const speed = pictures / seconds;
    this.#speed = this.#speed === undefined ? speed : this.#speed + SPEED_SHARE * (speed - this.#speed);
    this.#chart.add(step, loss);
    this.#startOver.disabled = false;
    this.#show();
  }

  /** Takes a checkpoint's weights. @throws ModelError when they are not this model's. */
  async load(file: File): Promise<void> {
    await this.#stop();
    const bytes = await file.arrayBuffer();
    this.#began(await this.#client.call('load', { file: file.name, bytes }));
    this.#onWeights();
  }

  async #run(): Promise<void> {
    showAlert();
    this.#train.textContent = 'Stop';
    say('training');
    const pictures = this.#strip.pictures.map(({ pixels }) => pixels);
    this.#running = this.#client
      .call('train', { pictures })
      .then(() => say(`stopped after ${this.#steps} steps`), showAlert)
      .finally(() => {
        this.#running = undefined;
        this.#train.textContent = 'Train';
        this.#onWeights();
      });
    await this.#running;
  }

  async #stop(): Promise<void> {
    await this.#client.call('stop', undefined);
    await this.#running;
  }

  async #reset(): Promise<void> {
    try {
      await this.#stop();
      await this.#client.call('reset', undefined);
      this.#began(this.#origin);
      this.#onWeights();
    } catch (error) {
      showAlert(error);
    }
  }

  #began(origin: WeightsOrigin): void {
    this.#origin = origin;
    this.#steps = 0;
    this.#speed = undefined;
    this.#startOver.disabled = true;
    this.#chart.clear();
    this.#show();
  }

  #show(): void {
    showWeights(this.#origin, this.#steps);
    element('steps', HTMLElement).textContent = this.#steps.toLocaleString('en');
    element('loss', HTMLElement).textContent = this.#steps === 0 ? '–' : this.#chart.recent.toFixed(4);
    element('loss-meaning', HTMLElement).textContent = this.#steps > 1 ? 'mean of the last ten steps' : '';
    element('speed', HTMLElement).textContent = this.#speed === undefined ? '–' : this.#speed.toFixed(0);
  }

  async #download(): Promise<void> {
    try {
      const url = URL.createObjectURL(new Blob([await this.#client.call('save', undefined)]));
      const link = document.createElement('a');
      link.href = url;
      link.download = `${spec.model.name}.safetensors`;
      link.click();
      URL.revokeObjectURL(url);
    } catch (error) {
      showAlert(error);
    }
  }
}
