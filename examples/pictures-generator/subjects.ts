import type { Subject } from './develop.ts';
import { bricks } from './subjects/bricks.ts';
import { fabric } from './subjects/fabric.ts';
import { floors } from './subjects/floors.ts';
import { flowers } from './subjects/flowers.ts';
import { glass } from './subjects/glass.ts';
import { hills } from './subjects/hills.ts';
import { marble } from './subjects/marble.ts';
import { spheres } from './subjects/spheres.ts';
import { water } from './subjects/water.ts';
import { wood } from './subjects/wood.ts';

/** The classes of the picture set, each the name of its folder. */
export const SUBJECTS: Readonly<Record<string, Subject>> = {
  bricks,
  fabric,
  floors,
  flowers,
  glass,
  hills,
  marble,
  spheres,
  water,
  wood,
};
