import { rgbOf } from '../../../runtime/view/patches.ts';
import { spec } from '../model/compiled.ts';
import { element } from './element.ts';
import { drawPixels } from './panels.ts';
import { type Picture, SAMPLE_NAMES, samplePicture } from './picture.ts';

/** The pictures of the page, one of which is looked at; there is always one. */
export class Strip {
  readonly #list = element('strip', HTMLUListElement);
  readonly #onChange: () => void;
  #pictures: readonly Picture[] = [];
  #chosen: Picture;
  #round = 0;

  /** @param onChange Told when another picture is looked at, or when the pictures change. */
  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#pictures = this.#drawSamples();
    this.#chosen = this.#pictures.at(-5) ?? samplePicture(SAMPLE_NAMES[0] ?? '', 1);
    this.#build();
  }

  get pictures(): readonly Picture[] {
    return this.#pictures;
  }

  get chosen(): Picture {
    return this.#chosen;
  }

  /** Adds pictures and looks at the first of them. */
  add(pictures: readonly Picture[]): void {
    const [first] = pictures;
    if (first === undefined) return;
    this.#set([...pictures, ...this.#pictures], first);
  }

  /** Replaces the samples by others, and leaves the user's pictures. */
  drawOtherSamples(): void {
    const samples = this.#drawSamples();
    const place = this.#pictures.indexOf(this.#chosen);
    const pictures = [...this.#pictures.filter(({ origin }) => origin === 'file'), ...samples];
    this.#set(pictures, pictures[place] ?? pictures[0] ?? this.#chosen);
  }

  #drawSamples(): Picture[] {
    this.#round++;
    return SAMPLE_NAMES.map((name) => samplePicture(name, this.#round));
  }

  #set(pictures: readonly Picture[], chosen: Picture): void {
    this.#pictures = pictures;
    this.#chosen = chosen;
    this.#build();
    this.#onChange();
  }

  #build(): void {
    this.#list.replaceChildren(...this.#pictures.map((picture) => this.#tile(picture)));
  }

  #tile(picture: Picture): HTMLLIElement {
    const canvas = document.createElement('canvas');
    drawPixels(canvas, rgbOf(spec.model, picture.image));
    const choose = button('choose', `Look at ${picture.name}`, () => {
      this.#chosen = picture;
      for (const other of this.#list.querySelectorAll('.choose'))
        other.ariaPressed = String(other === choose);
      this.#onChange();
    });
    choose.ariaPressed = String(picture === this.#chosen);
    choose.title = picture.name;
    choose.append(canvas);
    const tile = document.createElement('li');
    tile.append(choose);
    if (this.#pictures.length > 1) {
      const remove = button('remove', `Remove ${picture.name}`, () => this.#remove(picture));
      remove.textContent = '×';
      tile.append(remove);
    }
    return tile;
  }

  #remove(picture: Picture): void {
    const place = this.#pictures.indexOf(picture);
    const left = this.#pictures.filter((other) => other !== picture);
    const next = left[Math.min(place, left.length - 1)];
    if (next === undefined) return;
    this.#set(left, picture === this.#chosen ? next : this.#chosen);
    // The focus stays where it was, for those who use the keyboard.
    this.#list.querySelectorAll<HTMLButtonElement>('.choose')[left.indexOf(next)]?.focus();
  }
}

function button(className: string, label: string, onClick: () => void): HTMLButtonElement {
  const made = document.createElement('button');
  made.type = 'button';
  made.className = className;
  made.ariaLabel = label;
  made.addEventListener('click', onClick);
  return made;
}
