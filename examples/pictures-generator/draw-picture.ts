import { Random } from '../../runtime/random.ts';
import { photograph } from './develop.ts';
import { SUBJECTS } from './subjects.ts';

/** The bytes of one picture, size * size red, green, blue: a function of the arguments alone. */
export function drawPicture(name: string, size: number, seed: number, index: number): Uint8Array {
  const subject = SUBJECTS[name];
  if (subject === undefined) throw new RangeError(`there is no class of pictures called ${name}`);
  const random = Random.from('picture', seed, name, index);
  return photograph(subject(random), size, random);
}
