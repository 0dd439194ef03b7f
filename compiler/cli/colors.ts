import pc from 'picocolors';
import type { Palette } from '../language/render.ts';
import type { OutputStream } from './command-io.ts';

export type Colors = ReturnType<typeof pc.createColors>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colours for a stream: on a terminal, unless NO_COLOR is set (https://no-color.org) or the terminal has none; elsewhere only if
 * FORCE_COLOR asks for them. FORCE_COLOR=0 is no, as for Node.
 */
export function colorsFor({ isTTY }: OutputStream, environment: Environment = process.env): Colors {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== '') return pc.createColors(false);
  if (FORCE_COLOR !== undefined) return pc.createColors(FORCE_COLOR !== '0' && FORCE_COLOR !== 'false');
  return pc.createColors(isTTY === true && TERM !== 'dumb');
}

/** How the parts of a diagnostic are coloured. */
export function paletteOf({ bold, red, yellow, dim, blue, cyan }: Colors): Palette {
  return {
    location: bold,
    severity: { error: red, warning: yellow },
    message: bold,
    gutter: dim,
    related: blue,
    help: cyan,
  };
}
