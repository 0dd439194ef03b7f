import type { Graph } from '../../compiler/ir/graph.ts';
import { toOfficialLayout, toStoredLayout } from '../../runtime/weights/layout.ts';
import type { ReferenceCase } from '../reference/reference-case.ts';
import type { Numbers } from './run-graph.ts';

/** Official parameters of a case in the layouts of the graph. */
export function storedParameters(graph: Graph, reference: ReferenceCase): Record<string, Float32Array> {
  return Object.fromEntries(
    graph.parameters.map((parameter) => {
      const official = reference.tensor(parameter.name).data;
      const stored = new Float32Array(official.length);
      toStoredLayout(parameter, official, stored);
      return [parameter.name, stored];
    }),
  );
}

/** The gradient of a parameter among a graph's results, in the official layout. */
export function officialGradient(
  graph: Graph,
  results: Readonly<Record<string, Numbers>>,
  name: string,
): Float32Array {
  const parameter = graph.parameters.find((each) => each.name === name);
  const stored = results[`gradient:${name}`];
  if (parameter === undefined || !(stored instanceof Float32Array)) throw new Error(`no gradient of ${name}`);
  const official = new Float32Array(stored.length);
  toOfficialLayout(parameter, stored, official);
  return official;
}
