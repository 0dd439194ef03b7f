import pc from 'picocolors';

export type Colors = ReturnType<typeof pc.createColors>;

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Colours for a stream, by the same rule as the compiler's: on a terminal, unless NO_COLOR is set (https://no-color.org) or the
 * terminal has none; elsewhere only if FORCE_COLOR asks for them. FORCE_COLOR=0 is no, as for Node. The ready-made colours of
 * picocolors ask the environment once, and always about stdout.
 */
export function colorsFor(
  { isTTY }: { readonly isTTY?: boolean },
  environment: Environment = process.env,
): Colors {
  const { NO_COLOR = '', FORCE_COLOR, TERM } = environment;
  if (NO_COLOR !== '') return pc.createColors(false);
  if (FORCE_COLOR !== undefined) return pc.createColors(FORCE_COLOR !== '0' && FORCE_COLOR !== 'false');
  return pc.createColors(isTTY === true && TERM !== 'dumb');
}
