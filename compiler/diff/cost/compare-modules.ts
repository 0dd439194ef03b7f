import type { ModuleDifference } from '../report.ts';
import type { ModelCost } from './model-cost.ts';

/** The modules of either model, old → new; what a side lacks costs nothing there. */
export function compareModules(old: ModelCost | null, now: ModelCost | null): ModuleDifference[] {
  const before = new Map(old?.modules.map((module) => [module.path, module]));
  const after = new Map(now?.modules.map((module) => [module.path, module]));
  return mergedOrder([...before.keys()], [...after.keys()]).map((path) => {
    const [a, b] = [before.get(path), after.get(path)];
    return {
      path,
      count: { old: a?.count ?? 0, new: b?.count ?? 0 },
      parameters: { old: a?.parameters ?? 0, new: b?.parameters ?? 0 },
      forwardFlops: { old: a?.forwardFlops ?? 0, new: b?.forwardFlops ?? 0 },
      trainingFlops: { old: a?.trainingFlops ?? 0, new: b?.trainingFlops ?? 0 },
      savedBytes: { old: a?.savedBytes ?? 0, new: b?.savedBytes ?? 0 },
      onnxBytes: { old: a?.onnxBytes ?? 0, new: b?.onnxBytes ?? 0 },
    };
  });
}

/** The old order, with what only the new side has put after what it follows there. */
function mergedOrder(old: readonly string[], now: readonly string[]): string[] {
  const merged = [...old];
  now.forEach((path, index) => {
    if (merged.includes(path)) return;
    const previous = index === 0 ? -1 : merged.indexOf(now[index - 1] ?? '');
    merged.splice(previous + 1, 0, path);
  });
  return merged;
}
