/** Lines of cells as text, each column as wide as its widest cell. */
export function alignColumns(
  lines: readonly (readonly string[])[],
  sides: readonly ('left' | 'right')[],
): string {
  const widths = sides.map((_, column) => Math.max(...lines.map((line) => line[column]?.length ?? 0)));
  const align = (cell: string, column: number) =>
    sides[column] === 'right' ? cell.padStart(widths[column] ?? 0) : cell.padEnd(widths[column] ?? 0);
  return lines.map((line) => line.map(align).join('  ').trimEnd()).join('\n');
}
