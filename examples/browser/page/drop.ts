/** Files that are dropped anywhere on the page. */
export function onDroppedFiles(take: (files: readonly File[]) => void): void {
  // Moving over the page's elements enters and leaves each of them.
  let depth = 0;
  const mark = () => document.body.classList.toggle('dropping', depth > 0);
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  addEventListener('dragenter', (event) => {
    if (!hasFiles(event)) return;
    depth++;
    mark();
  });
  addEventListener('dragleave', (event) => {
    if (!hasFiles(event)) return;
    depth--;
    mark();
  });
  addEventListener('dragover', (event) => {
    // Without this the browser would open the file instead.
    if (hasFiles(event)) event.preventDefault();
  });
  addEventListener('drop', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    depth = 0;
    mark();
    take([...(event.dataTransfer?.files ?? [])]);
  });
}
