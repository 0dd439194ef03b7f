import type { ReportPicture } from './contents.ts';
import { type Html, html } from './html.ts';

/** A PNG as the source of an image, so that it lies inside the page. */
export function pngSource(png: Uint8Array): string {
  return `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
}

export function picturesSection(pictures: readonly ReportPicture[]): Html {
  if (pictures.length === 0) return html``;
  return html`<section aria-labelledby="pictures"><h2 id="pictures">Pictures</h2>
${pictures.map(
  ({ title, alternative, png }) => html`<figure class="picture">
<figcaption><h3>${title}</h3></figcaption>
<img src="${pngSource(png)}" alt="${alternative}">
</figure>
`,
)}</section>`;
}
