import type { Linter } from 'eslint';

/** One row of the table of one-way imports. */
export interface Layer {
  /** The folder of a project, or of several with `*`. */
  root: string;
  /** What it may import: `contracts` for `@parley/contracts`. */
  imports: string[];
  /** Which of the guarded vendors it may import. */
  vendors?: string[];
}

export declare const layers: Layer[];

/** Packages that are imported in the layers that list them, and nowhere else. */
export declare const guardedVendors: string[];

/** ESLint's flat configuration of the boundaries, in core rules alone. */
export declare const boundaryConfigs: Linter.Config[];

/** The layer a project's folder belongs to; undefined for a folder the table does not know. */
export declare function layerOf(folder: string): Layer | undefined;

/** Whether a project of this layer may depend on this package of ours, be it for a part of it. */
export declare function mayDependOn(layer: Layer, packageName: string): boolean;
