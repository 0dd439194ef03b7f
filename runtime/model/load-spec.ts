import { access, readFile, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import { explainSystemError } from '../files.ts';
import { UserError } from '../user-error.ts';
import {
  type CompiledGraph,
  type CompiledParameter,
  type CompiledSpec,
  compiledSpecSchema,
} from './compiled-spec.ts';

/** A graph by the name that messages give it. */
export interface NamedGraph {
  readonly name: string;
  readonly graph: CompiledGraph;
}

const COMPILE = 'mae-compile spec/ --out generated';
const FORMAT = compiledSpecSchema.shape.format.value;

/** How many wrong fields a message lists. */
const LISTED = 5;

/**
 * Reads and checks the `spec.json` of a compiled model, given its path or that of the model's folder
 * (`generated/vit-pico`). Throws a `UserError` when it is missing, cut off, of another format version, or
 * wrong in a field.
 */
export async function loadSpec(location: string): Promise<CompiledSpec> {
  const path = await specPath(location);
  const json = parseJson(path, await readText(path));
  const format = typeof json === 'object' && json !== null && 'format' in json ? json.format : undefined;
  if (typeof format === 'number' && format !== FORMAT) {
    throw new UserError(
      `${path} has format ${format}; this program reads format ${FORMAT}`,
      `compile the model again with this version: ${COMPILE}`,
    );
  }
  const parsed = compiledSpecSchema.safeParse(json);
  const wrong = parsed.success
    ? parameterProblems(parsed.data.parameters)
    : parsed.error.issues.map(describe);
  if (parsed.success && wrong.length === 0) return parsed.data;
  const more = wrong.length > LISTED ? ` and ${wrong.length - LISTED} more` : '';
  throw new UserError(
    `${path} is not the spec of a compiled model: ${wrong.slice(0, LISTED).join('; ')}${more}`,
    `compile the model again: ${COMPILE}`,
  );
}

/**
 * The path of one of the model's graphs. Throws a `UserError` when its file is not there: the `.onnx` files
 * are not kept under version control, so a fresh copy of the project has none before it is compiled.
 */
export async function graphPath(
  location: string,
  spec: CompiledSpec,
  { name, graph }: NamedGraph,
): Promise<string> {
  const path = join(dirname(await specPath(location)), graph.file);
  try {
    await access(path);
    return path;
  } catch (error) {
    throw new UserError(`the graph ${name} of ${spec.model.name} is missing: ${path}`, `run ${COMPILE}`, {
      cause: error,
    });
  }
}

async function specPath(location: string): Promise<string> {
  const isFolder = await stat(location).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return isFolder ? join(location, 'spec.json') : location;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') {
      throw new UserError(`there is no compiled model at ${path}`, `compile it: ${COMPILE}`, {
        cause: error,
      });
    }
    throw explainSystemError('read', path, error);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new UserError(`${path} is cut off or no JSON`, `compile the model again: ${COMPILE}`, {
      cause: error,
    });
  }
}

function describe(issue: z.core.$ZodIssue): string {
  const where = issue.path.length === 0 ? 'the whole' : issue.path.join('.');
  return `${where}: ${issue.message.replace(/^Invalid input: /, '')}`;
}

/** What the schema cannot say: names are unique, and each stored layout holds the official tensor. */
function parameterProblems(parameters: readonly CompiledParameter[]): string[] {
  const product = (shape: readonly number[]): number => shape.reduce((all, side) => all * side, 1);
  const names = new Set<string>();
  return parameters.flatMap(({ name, shape, permutation, storedShape }) => {
    const problems: string[] = [];
    if (names.has(name)) problems.push(`there are two parameters ${name}`);
    names.add(name);
    if (permutation.length !== shape.length || shape.some((_, axis) => !permutation.includes(axis))) {
      problems.push(`[${permutation.join(', ')}] does not permute the ${shape.length} axes of ${name}`);
    }
    if (product(storedShape) !== product(shape)) {
      problems.push(`${name} [${shape.join(', ')}] cannot be stored as [${storedShape.join(', ')}]`);
    }
    return problems;
  });
}
