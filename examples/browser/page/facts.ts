import type { BackendChoice, WeightsOrigin } from '../model/messages.ts';
import { element } from './element.ts';

/** What the page tells of itself: what computes, which weights, what went wrong. */

const LABELS: Readonly<Record<BackendChoice['name'], string>> = {
  webgpu: 'WebGPU',
  wasm: 'WebAssembly',
  cpu: 'JavaScript',
};

export function showBackend({ name, device, why }: BackendChoice): void {
  const badge = element('backend', HTMLElement);
  badge.textContent = LABELS[name];
  badge.dataset.state = name;
  element('backend-why', HTMLElement).textContent = `${device}. ${why}`;
}

export function showNoBackend(why: string): void {
  const badge = element('backend', HTMLElement);
  badge.textContent = 'nothing';
  badge.dataset.state = 'failed';
  element('backend-why', HTMLElement).textContent = why;
}

/** @param steps Steps taken in this page. */
export function showWeights({ kind, file, steps: before }: WeightsOrigin, steps: number): void {
  const here = steps === 0 ? '' : `, and ${count(steps)} here`;
  const trained = before === undefined ? 'trained' : `trained for ${count(before)}`;
  element('weights', HTMLElement).textContent =
    kind === 'checkpoint'
      ? `${trained} (${file})${here}`
      : `random${here}. A model that learned something comes from “npm start”, or from training below.`;
}

function count(steps: number): string {
  return `${steps.toLocaleString('en')} ${steps === 1 ? 'step' : 'steps'}`;
}

/** Whether what is shown is the end: what fails after it, fails because of it. */
let isFinal = false;

/** Shows what went wrong and what to do; nothing when left out. */
export function showAlert(error?: unknown): void {
  if (isFinal) return;
  const place = element('alert', HTMLElement);
  place.hidden = error === undefined;
  const message = error instanceof Error ? error.message : String(error);
  const help = error instanceof Error && 'help' in error ? error.help : undefined;
  place.textContent =
    typeof help === 'string' ? `${capital(message)}. ${capital(help)}.` : `${capital(message)}.`;
}

/** Shows what went wrong, after which nothing goes on. */
export function showFinalAlert(error: unknown): void {
  showAlert(error);
  isFinal = true;
}

/** With a capital at its beginning, unless a file's name stands there. */
function capital(text: string): string {
  const beginsWithName = /^\S+\.\w/.test(text);
  return beginsWithName ? text : `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

/** Tells those who listen to the page. */
export function say(text: string): void {
  element('said', HTMLElement).textContent = text;
}
