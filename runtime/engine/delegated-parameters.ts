import type {
  NamedTensor,
  OptimizerState,
  OptimizerUpdate,
  TrainableParameters,
  UpdateResult,
} from './engine.ts';

/** An engine whose parameters and optimizer are kept by a store: everything about them is the store's to do. */
export abstract class DelegatedParameters<Store extends TrainableParameters> implements TrainableParameters {
  protected readonly store: Store;

  constructor(store: Store) {
    this.store = store;
  }

  loadParameters(parameters: Iterable<NamedTensor>): Promise<void> {
    return this.store.loadParameters(parameters);
  }

  readParameters(): Promise<NamedTensor[]> {
    return this.store.readParameters();
  }

  loadOptimizerState(state: OptimizerState): Promise<void> {
    return this.store.loadOptimizerState(state);
  }

  readOptimizerState(): Promise<OptimizerState> {
    return this.store.readOptimizerState();
  }

  readGradients(): Promise<NamedTensor[]> {
    return this.store.readGradients();
  }

  update(update: OptimizerUpdate): Promise<UpdateResult> {
    return this.store.update(update);
  }

  updateAverages(decay: number): Promise<void> {
    return this.store.updateAverages(decay);
  }

  readAverages(): Promise<NamedTensor[]> {
    return this.store.readAverages();
  }

  loadAverages(averages: Iterable<NamedTensor>): Promise<void> {
    return this.store.loadAverages(averages);
  }

  useAverages(on: boolean): Promise<void> {
    return this.store.useAverages(on);
  }
}
