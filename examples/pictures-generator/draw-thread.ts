import { parentPort, workerData } from 'node:worker_threads';
import { UserError } from '../../runtime/user-error.ts';
import { drawShare, type PicturePlan, type Share } from './draw-share.ts';

/** What a drawing thread tells: a picture is in its file, all are, or something outside the program stops it. */
export type ThreadMessage =
  | { readonly kind: 'picture' }
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly message: string; readonly help: string | undefined };

const tell = (message: ThreadMessage): void => parentPort?.postMessage(message);
const { plan, share }: { plan: PicturePlan; share: Share } = workerData;

try {
  await drawShare(plan, share, () => tell({ kind: 'picture' }));
  tell({ kind: 'done' });
} catch (error) {
  if (!(error instanceof UserError)) throw error;
  tell({ kind: 'failed', message: error.message, help: error.help });
}
