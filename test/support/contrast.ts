type Colour = readonly [red: number, green: number, blue: number];

/** The contrast ratio of WCAG 2.2 between a colour and those that lie below it, the topmost first. */
export function contrast(ink: string, papers: readonly string[]): number {
  const paper = papers.reduceRight<Colour>((below, css) => over(parts(css), below), [255, 255, 255]);
  const [lighter = 0, darker = 0] = [luminance(over(parts(ink), paper)), luminance(paper)].sort(
    (a, b) => b - a,
  );
  return (lighter + 0.05) / (darker + 0.05);
}

function parts(css: string): readonly [Colour, number] {
  const [red = 0, green = 0, blue = 0, alpha = 1] = (css.match(/[\d.]+/g) ?? []).map(Number);
  return [[red, green, blue], alpha];
}

function over([colour, alpha]: readonly [Colour, number], below: Colour): Colour {
  const mixed = (i: 0 | 1 | 2): number => colour[i] * alpha + below[i] * (1 - alpha);
  return [mixed(0), mixed(1), mixed(2)];
}

function luminance(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
