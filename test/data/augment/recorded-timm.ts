import { readFileSync } from 'node:fs';
import { z } from 'zod';

const numbers = z.array(z.number());
const box = z.object({ top: z.number(), left: z.number(), height: z.number(), width: z.number() });

/** What timm 0.3.2 and PyTorch gave to record.py. */
export const recorded = z
  .object({
    mixing: z.object({
      images: z.base64(),
      labels: numbers,
      cases: z.array(
        z.object({ share: z.number(), box: box.optional(), images: z.base64(), targets: z.base64() }),
      ),
      drawn: z.record(
        z.string(),
        z.object({ cut: z.number(), moments: z.tuple([z.number(), z.number(), z.number()]) }),
      ),
    }),
    erasing: z.record(
      z.string(),
      z.object({ share: z.number(), moments: z.array(z.tuple([z.number(), z.number()])) }),
    ),
    targets: z.object({
      labels: numbers,
      weights: numbers,
      logits: numbers,
      loss: numbers,
      smoothed: numbers,
    }),
  })
  .parse(JSON.parse(readFileSync(new URL('./record/timm.json', import.meta.url), 'utf8')));
