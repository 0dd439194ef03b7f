import type { ModelClient } from '../model/client.ts';
import { spec } from '../model/compiled.ts';
import { element } from './element.ts';
import { showAlert } from './facts.ts';
import { Panels } from './panels.ts';
import type { Strip } from './strip.ts';

const { patches } = spec.tokens;

/** Milliseconds between two reconstructions while training: each takes time that steps could have. */
const REST = 200;

/** The part of the page where a picture is masked and rebuilt. */
export class Look {
  readonly #client: ModelClient;
  readonly #strip: Strip;
  readonly #panels = new Panels();
  readonly #slider = element('removed', HTMLInputElement);
  readonly #text = element('removed-text', HTMLOutputElement);
  #mask = 1;
  #rebuilt = 0;
  #state: 'closed' | 'idle' | 'busy' | 'stale' = 'closed';

  constructor(client: ModelClient, strip: Strip) {
    this.#client = client;
    this.#strip = strip;
    this.#slider.max = String(patches - 1);
    this.#slider.value = String(patches - spec.tokens.visible);
    this.#slider.addEventListener('input', () => {
      this.#describe();
      this.refresh();
    });
    element('new-mask', HTMLButtonElement).addEventListener('click', () => {
      this.#mask++;
      this.refresh();
    });
    this.#describe();
  }

  /** Shows something as soon as there is a model. */
  start(): void {
    this.#state = 'idle';
    this.refresh();
  }

  /** There is no model any more. */
  end(): void {
    this.#state = 'closed';
  }

  /** Rebuilds the picture again: it, its mask or the model has changed. What comes while it is being rebuilt waits. */
  refresh(): void {
    if (this.#state === 'idle') void this.#rebuild();
    else if (this.#state === 'busy') this.#state = 'stale';
  }

  /** The model has learned a little: rebuilds the picture, unless that has only just been done. */
  follow(): void {
    if (performance.now() - this.#rebuilt >= REST) this.refresh();
  }

  async #rebuild(): Promise<void> {
    this.#state = 'busy';
    const { image } = this.#strip.chosen;
    try {
      const prediction = await this.#client.call('reconstruct', {
        image,
        removed: Number(this.#slider.value),
        mask: this.#mask,
      });
      this.#panels.show(image, prediction);
    } catch (error) {
      showAlert(error);
    }
    this.#rebuilt = performance.now();
    const state = this.#now();
    if (state === 'closed') return;
    this.#state = 'idle';
    if (state === 'stale') this.refresh();
  }

  /** The state, which may have changed while something was awaited. */
  #now() {
    return this.#state;
  }

  #describe(): void {
    const removed = Number(this.#slider.value);
    const text = `${removed} of ${patches} patches · ${Math.round((100 * removed) / patches)} %`;
    this.#text.value = text;
    this.#slider.ariaValueText = text;
  }
}
