import { UserError } from '../user-error.ts';
import type { CompiledClassifier, CompiledGraph, CompiledModel, CompiledSpec } from './compiled-spec.ts';

/** Height and width of pictures, in pixels. */
export interface PictureSize {
  readonly height: number;
  readonly width: number;
}

/**
 * The spec of a compiled model as it takes pictures of another size: its image, the number of patches, and what goes into and comes out
 * of the encoder and the classifiers, whose graphs take what `accept` says and interpolate positions for it. Their parameters are as
 * they were, and so are the graphs of pretraining, which take pictures of the compiled size only: weights are loaded by the spec that
 * was compiled.
 *
 * @throws UserError for a size that the model does not accept.
 */
export function specForPictures(spec: CompiledSpec, size: PictureSize): CompiledSpec {
  const { model, tokens, graphs, classifiers } = spec;
  if (size.height === model.image.height && size.width === model.image.width) return spec;
  requireAccepted(model, size);
  const patches = Math.ceil(size.height / model.patch.height) * Math.ceil(size.width / model.patch.width);
  const sized = (graph: CompiledGraph) => graphForPictures(graph, size, tokens.prefix + patches);
  const classifier = (compiled: CompiledClassifier): CompiledClassifier => {
    return { ...compiled, graphs: { ...compiled.graphs, classifier: sized(compiled.graphs.classifier) } };
  };
  const { finetune, 'linear-probe': linearProbe } = classifiers;
  return {
    ...spec,
    model: { ...model, image: { ...model.image, ...size } },
    tokens: { ...tokens, patches },
    graphs: { ...graphs, encoder: sized(graphs.encoder) },
    classifiers: {
      ...(finetune ? { finetune: classifier(finetune) } : {}),
      ...(linearProbe ? { 'linear-probe': classifier(linearProbe) } : {}),
    },
  };
}

function requireAccepted({ name, image, patch, accept }: CompiledModel, size: PictureSize): void {
  if (accept === 'exact') {
    throw new UserError(
      `${name} takes pictures of ${textOf(image)} only, which is the size of image in its spec, not of ${textOf(size)}`,
      'write accept multiples into its spec, which changes no weights, and compile it again; without touching a file:\n' +
        `mae-compile spec/ --out generated --set ${name}.accept=multiples`,
    );
  }
  // A model that pads its own pictures pads others, too.
  if (accept === 'any' || patch.pad) return;
  const nearest = {
    height: nearestMultiple(size.height, patch.height),
    width: nearestMultiple(size.width, patch.width),
  };
  if (nearest.height === size.height && nearest.width === size.width) return;
  throw new UserError(
    `${name} takes pictures of whole patches of ${textOf(patch)}, which ${textOf(size)} is not`,
    `the nearest size is ${textOf(nearest)}; with accept any in its spec it takes all sizes`,
  );
}

const nearestMultiple = (side: number, of: number): number => of * Math.max(1, Math.round(side / of));

/** As the spec writes it. */
export const textOf = ({ height, width }: PictureSize): string => `${height}x${width}`;

/** Pooled features have no side that follows from the pictures. */
function graphForPictures(
  graph: CompiledGraph,
  { height, width }: PictureSize,
  tokens: number,
): CompiledGraph {
  return {
    ...graph,
    inputs: graph.inputs.map((input) => {
      const [batch = 1, channels = 1] = input.shape;
      return input.role === 'images' ? { ...input, shape: [batch, channels, height, width] } : input;
    }),
    outputs: graph.outputs.map((output) => {
      const [batch = 1, , channels] = output.shape;
      return output.role === 'features' && channels !== undefined
        ? { ...output, shape: [batch, tokens, channels] }
        : output;
    }),
  };
}
