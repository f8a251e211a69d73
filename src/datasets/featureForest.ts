/**
 * Which true features may be active together: trees, where a child is active only with its parent, and groups, of which one
 * at most is active.
 *
 * @module
 */
import { requireArray, requireInteger, show } from '../numbers/arguments';
import { integer, type OptionsOf, readOptions } from '../numbers/options';

/** The parent of each feature; `null` for a root, and for a feature of no tree. */
export type Parents = readonly (number | null)[];

/** Groups of features of which one at most is active; `siblings`: all children of one parent, for each parent. */
export type Exclusion = 'siblings' | readonly (readonly number[])[];

/** The features of one level. They are drawn together, after the features of the levels above. */
export interface FeatureLevel {
  readonly features: Int32Array;
  readonly exclusive: readonly (readonly number[])[];
}

const featureTreesOptions = {
  /** Trees. */
  roots: integer({ min: 1 }),
  /** Children of each feature that has some. */
  branching: integer({ min: 1 }),
  /** Levels below the roots. */
  depth: integer({ min: 0 }),
};

/** How {@link featureTrees} builds its trees. @interface */
export type FeatureTreesOptions = OptionsOf<typeof featureTreesOptions>;

/**
 * The parents of features in equal trees: level by level, so that the first features are the roots and the frequent ones.
 * Remaining features belong to no tree.
 *
 * @throws RangeError if the trees need more features than there are.
 *
 * @example featureTrees(7, { roots: 1, branching: 2, depth: 2 }) // → [null, 0, 0, 1, 1, 2, 2]
 */
export function featureTrees(features: number, options: FeatureTreesOptions): Parents {
  const { roots, branching, depth } = readOptions('featureTrees', options, featureTreesOptions);
  requireInteger('features', features, { min: 1 });
  const parents: (number | null)[] = new Array(roots).fill(null);
  let [start, end] = [0, roots];
  for (let level = 0; level < depth && parents.length <= features; level++) {
    for (let parent = start; parent < end; parent++) parents.push(...new Array(branching).fill(parent));
    [start, end] = [end, parents.length];
  }
  if (parents.length > features) {
    throw new RangeError(
      `features must be at least as many as ${roots} trees with ${branching} children per feature on ${depth} levels need; ` +
        `got ${features}`,
    );
  }
  return [...parents, ...new Array(features - parents.length).fill(null)];
}

/**
 * The levels of the trees, the roots first, with the groups that are settled on each.
 *
 * @throws RangeError or TypeError if a parent is not a feature, a feature is its own ancestor, or a group cannot be had.
 */
export function featureLevels(
  features: number,
  parents: Parents | undefined,
  exclusive: Exclusion | undefined,
): FeatureLevel[] {
  const depths = depthsOf(parents ?? new Array<null>(features).fill(null), features);
  const groups = groupsOf(exclusive, parents);
  requireGroups(groups, features, depths, parents);
  const levels: FeatureLevel[] = [];
  for (let depth = 0; depth <= Math.max(...depths); depth++) {
    const onLevel = Int32Array.from(depths.keys()).filter((feature) => depths[feature] === depth);
    levels.push({
      features: onLevel,
      exclusive: groups.filter(([first]) => depths[first as number] === depth),
    });
  }
  return levels;
}

/** How many ancestors each feature has. */
function depthsOf(parents: Parents, features: number): number[] {
  requireArray('parents', parents, 'an array with a feature or null for each feature');
  if (parents.length !== features)
    throw new RangeError(`parents must be one per feature, ${features}; got ${parents.length}`);
  for (const [feature, parent] of parents.entries()) {
    if (parent !== null) requireInteger(`parents[${feature}]`, parent, { min: 0, max: features - 1 });
  }
  const depths: (number | undefined)[] = [];
  for (let feature = 0; feature < features; feature++) {
    const path: number[] = [];
    for (
      let at: number | null = feature;
      at !== null && depths[at] === undefined;
      at = parents[at] as number | null
    ) {
      if (path.includes(at)) {
        const circle = [...path.slice(path.indexOf(at)), at].join(' → ');
        throw new RangeError(`parents must have no circle; got ${circle}`);
      }
      path.push(at);
    }
    for (const at of path.reverse()) {
      const parent = parents[at] as number | null;
      depths[at] = parent === null ? 0 : (depths[parent] as number) + 1;
    }
  }
  return depths as number[];
}

function groupsOf(
  exclusive: Exclusion | undefined,
  parents: Parents | undefined,
): readonly (readonly number[])[] {
  if (exclusive === undefined) return [];
  if (exclusive !== 'siblings')
    return requireArray('exclusive', exclusive, "'siblings' or an array of groups of features");
  if (!parents)
    throw new RangeError("exclusive must be groups of features where there are no parents; got 'siblings'");
  const children = new Map<number, number[]>();
  for (const [feature, parent] of parents.entries()) {
    if (parent !== null) children.set(parent, [...(children.get(parent) ?? []), feature]);
  }
  return [...children.values()].filter((group) => group.length > 1);
}

/** @throws RangeError or TypeError naming the group and the problem. */
function requireGroups(
  groups: readonly (readonly number[])[],
  features: number,
  depths: readonly number[],
  parents: Parents | undefined,
): void {
  const groupOf = new Map<number, number>();
  for (const [index, group] of groups.entries()) {
    const name = `exclusive[${index}]`;
    requireArray(name, group, 'an array of features');
    if (group.length < 2) throw new RangeError(`${name} must hold at least two features; got ${show(group)}`);
    for (const feature of group) {
      requireInteger(name, feature, { min: 0, max: features - 1 });
      const other = groupOf.get(feature);
      if (other !== undefined) {
        throw new RangeError(
          `${name} must share no feature with exclusive[${other}]; got feature ${feature} in both`,
        );
      }
      groupOf.set(feature, index);
    }
    for (const feature of group) {
      for (let at = parents?.[feature] ?? null; at !== null; at = parents?.[at] ?? null) {
        if (group.includes(at)) {
          throw new RangeError(
            `${name} must not hold a feature and its ancestor, which are active together; got ${feature} and ${at}`,
          );
        }
      }
    }
    const other = group.find((feature) => depths[feature] !== depths[group[0] as number]);
    if (other !== undefined) {
      throw new RangeError(
        `${name} must hold features with equally many ancestors; got feature ${group[0]} with ` +
          `${depths[group[0] as number]} and feature ${other} with ${depths[other]}`,
      );
    }
  }
}
