import { UserError } from '../../../runtime/user-error.ts';
import { ModelClient } from '../model/client.ts';
import { spec } from '../model/compiled.ts';
import { BACKEND_NAMES } from '../model/messages.ts';
import { onDroppedFiles } from './drop.ts';
import { element } from './element.ts';
import { say, showAlert, showBackend, showFinalAlert, showNoBackend } from './facts.ts';
import { Look } from './look.ts';
import { readPicture } from './picture.ts';
import { Strip } from './strip.ts';
import { Training } from './training.ts';

/** The page: what each part of it is told when another changes. */

const client = new ModelClient({
  onStep: (step) => {
    training.record(step);
    look.follow();
  },
  onLost: (reason) => {
    showNoBackend('The graphics processor stopped, and the weights on it are gone.');
    const why = reason === '' ? '' : ` (${reason})`;
    const help = 'reload the page to start again, or add ?backend=wasm to its address';
    showFinalAlert(new UserError(`the graphics processor was lost${why}`, help));
    training.end();
    look.end();
  },
});
const strip = new Strip(() => {
  look.refresh();
  training.describe();
});
const look = new Look(client, strip);
const training = new Training(client, strip, () => look.refresh());

element('other-samples', HTMLButtonElement).addEventListener('click', () => strip.drawOtherSamples());
takeFilesOf('files');
takeFilesOf('checkpoint');
onDroppedFiles((files) => void take(files));
await open();

/** A backend that the address asks for: ?backend=wasm. */
function namedBackend() {
  const named = new URLSearchParams(location.search).get('backend');
  return BACKEND_NAMES.find((name) => name === named);
}

async function open(): Promise<void> {
  try {
    const opened = await client.call('open', { backend: namedBackend(), base: document.baseURI });
    showBackend(opened.backend);
    if (opened.warning !== undefined) showAlert(`${opened.warning}. The weights are random instead`);
    training.start(opened.weights);
    look.start();
    say(`${spec.model.name} is ready`);
  } catch (error) {
    showNoBackend('The model could not be started.');
    showAlert(error);
  }
}

function takeFilesOf(id: string): void {
  const input = element(id, HTMLInputElement);
  input.addEventListener('change', () => {
    const files = [...(input.files ?? [])];
    // So that the same file can be chosen again.
    input.value = '';
    void take(files);
  });
}

/** Pictures are added; a checkpoint replaces the weights. */
async function take(files: readonly File[]): Promise<void> {
  showAlert();
  const isCheckpoint = ({ name }: File) => name.endsWith('.safetensors');
  const checkpoint = files.find(isCheckpoint);
  try {
    if (checkpoint !== undefined) await training.load(checkpoint);
  } catch (error) {
    showAlert(error);
  }
  const read = await Promise.allSettled(files.filter((file) => !isCheckpoint(file)).map(readPicture));
  for (const result of read) if (result.status === 'rejected') showAlert(result.reason);
  strip.add(read.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])));
}
