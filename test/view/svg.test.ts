import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { GLYPHS } from '../../runtime/view/glyphs.ts';
import { fitText, svgDocument, svgText, svgTextWidth } from '../../runtime/view/svg.ts';

/** The smallest box around everything that is not white, in units of the drawing. */
async function inkBox(
  part: string,
): Promise<{ left: number; right: number; top: number; bottom: number; pixels: number }> {
  const svg = svgDocument({ width: 60, height: 40, scale: 10 }, [part]);
  const { data, info } = await sharp(Buffer.from(svg))
    .greyscale()
    .raw()
    .toBuffer({ resolveWithObject: true });
  const box = { left: Infinity, right: -Infinity, top: Infinity, bottom: -Infinity, pixels: 0 };
  data.forEach((byte, i) => {
    if (byte > 128) return;
    const x = (i % info.width) / 10;
    const y = Math.floor(i / info.width) / 10;
    box.left = Math.min(box.left, x);
    box.right = Math.max(box.right, x);
    box.top = Math.min(box.top, y);
    box.bottom = Math.max(box.bottom, y);
    box.pixels++;
  });
  return box;
}

describe('text', () => {
  it('has a glyph for every printable ASCII character, each within its width', async () => {
    for (let code = 0x20; code < 0x7f; code++) {
      const character = String.fromCharCode(code);
      const glyph = GLYPHS.get(character);
      expect(glyph, character).toBeDefined();
      if (character === ' ' || glyph === undefined) continue;
      const box = await inkBox(svgText(character, 20, 25, { size: 14 }));
      expect(box.pixels, character).toBeGreaterThan(20);
      // Half a stroke on each side, and the pixel's own width.
      expect(box.left, character).toBeGreaterThan(20 - 1.4);
      expect(box.right, character).toBeLessThan(20 + glyph.width * 2 + 1.4);
      expect(box.top, character).toBeGreaterThan(25 - 14 - 3);
      expect(box.bottom, character).toBeLessThan(25 + 6);
    }
  });

  it('stands on its base line, as high as it says, at the end that it says', async () => {
    const stroke = 0.82;
    const start = await inkBox(svgText('HH', 20, 30, { size: 14 }));
    expect(start.top).toBeCloseTo(16 - stroke, 0);
    expect(start.bottom).toBeCloseTo(30 + stroke, 0);
    expect(start.left).toBeCloseTo(20 - stroke, 0);
    const end = await inkBox(svgText('HH', 50, 30, { size: 14, anchor: 'end' }));
    expect(end.right).toBeCloseTo(50 + stroke, 0);
    expect(end.left - start.left).toBeCloseTo(50 - svgTextWidth('HH', 14) - 20, 0);
  });

  it('shows an accented letter without its accent, and a box for what it does not know', () => {
    const style = { size: 7 };
    expect(svgText('é', 0, 7, style)).toBe(svgText('e', 0, 7, style));
    expect(svgText('語', 0, 7, style)).toContain('M0 0H3.4V7H0Z');
    expect(svgText('<b>&', 0, 7, style)).not.toContain('<b>');
  });

  it('is cut to a width with an ellipsis', () => {
    const full = 'spheres/a-very-long-name.jpg';
    expect(fitText(full, 8, 1000)).toBe(full);
    const cut = fitText(full, 8, 100);
    expect(cut).toMatch(/^spheres\/.*…$/);
    expect(svgTextWidth(cut, 8)).toBeLessThanOrEqual(100);
    expect(svgTextWidth(`${full.slice(0, cut.length)}…`, 8)).toBeGreaterThan(100);
  });
});
