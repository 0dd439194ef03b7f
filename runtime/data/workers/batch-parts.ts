import type { BatchTask, MadeBatch } from './batch-task.ts';

/** Fewer pictures are not worth a thread's turn. */
const FEWEST = 4;

/** Has a batch made in up to so many parts at once, by `make`, and puts them together. */
export async function makeInParts(
  task: BatchTask,
  most: number,
  make: (task: BatchTask) => Promise<MadeBatch>,
): Promise<MadeBatch> {
  const { pictures } = task;
  const parts = Math.max(1, Math.min(most, Math.floor(pictures.length / FEWEST)));
  if (parts === 1) return make(task);
  const firsts = Array.from({ length: parts + 1 }, (_, part) => Math.floor((part * pictures.length) / parts));
  const made = await Promise.all(
    Array.from({ length: parts }, (_, part) =>
      make({ ...task, pictures: pictures.slice(firsts[part], firsts[part + 1]) }),
    ),
  );
  const images = new Float32Array(made.reduce((sum, part) => sum + part.images.length, 0));
  const numbers = images.length / pictures.length;
  for (const [part, { images: some }] of made.entries()) images.set(some, (firsts[part] ?? 0) * numbers);
  const moved = <Found extends { readonly place: number }>(found: readonly Found[], part: number) =>
    found.map((one) => ({ ...one, place: one.place + (firsts[part] ?? 0) }));
  return {
    images,
    findings: made.flatMap(({ findings }, part) => moved(findings, part)),
    failed: made.flatMap(({ failed }, part) => moved(failed, part)),
  };
}
