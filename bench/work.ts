/**
 * The works that are measured, and the contenders' tasks for each.
 *
 * @module
 */

/** One training problem. Every contender gets the same data, first parameters, order of batches and Adam constants. */
export interface Work {
  readonly name: string;
  /** The word that selects it: `npm run bench -- train`. */
  readonly kind: Kind;
  /** A run of a contender, for the table. */
  readonly unit: string;
  readonly hiddenDim: number;
  readonly batchSize: number;
  readonly activation: 'relu' | 'sigmoid' | 'topK';
  readonly penalty: 'l1' | 'kl' | 'none';
  /** Active units per example of topK. */
  readonly k?: number;
  /** The trainings instead, for a work that compares several architectures with a truth. */
  readonly dictionaries?: {
    /** The truth's: see `synthSaeBench`. */
    readonly features: number;
    readonly dim: number;
    /** Rows per epoch. */
    readonly samples: number;
    /** The same stored rows for all contenders, or each by its own generator while it trains. */
    readonly rows: 'stored' | 'made on the way';
    readonly epochs: number;
    readonly k: number;
    readonly architectures: readonly Architecture[];
    /** Those of architectures with a penalty, as SAELens counts them. */
    readonly strengths?: Readonly<Partial<Record<Architecture, number>>>;
  };
  /** The numbers that Sparselab's products multiply, and PyTorch's by autocast. Default: float32. */
  readonly precision?: 'bfloat16';
  /** Whether units that stay dead are counted instead, with each cure and without. */
  readonly deadUnits?: true;
  /** Default: 3e-4. */
  readonly learningRate?: number;
  /** A run trains one model an epoch with each strength. */
  readonly strengths: readonly number[];
  readonly contenders: readonly ContenderName[];
  /** The largest fraction of a peer's time that is the aim. */
  readonly aims: Readonly<Partial<Record<ContenderName, number>>>;
}

/** SAELens' names of its architectures; two of them are ours with `prefixes` and with `l0Window`. */
export type Architecture = 'standard' | 'jumprelu' | 'topk' | 'batchtopk' | 'matryoshka';

/** The groups of works. */
export const kinds = [
  'train',
  'bfloat16',
  'kl',
  'sweep',
  'synthetic',
  'dictionaries',
  'wasm',
  'start',
] as const;
export type Kind = (typeof kinds)[number];

/** All contenders. `floor` is not a contender but the least that a step can cost. */
export type ContenderName =
  | 'sparselab'
  /** Sparselab without the work's habits. */
  | 'plain'
  /** Sparselab in float32, next to another precision. */
  | 'float32'
  | 'floor'
  | 'torch'
  | 'torch.compile'
  | 'torch.vmap'
  | 'keras'
  | 'tfjs-layers'
  | 'saelens'
  | 'wasm'
  | 'wasm, 2 threads'
  | 'wasm naive';

/** ρ of the KL penalty. */
export const RHO = 0.05;

const onMnist = {
  kind: 'train',
  unit: 'epoch of 60,000 × 784',
  activation: 'relu',
  penalty: 'l1',
  strengths: [1e-4],
} as const;

/** Sparselab and SAELens on the rows of one truth. */
const onTruth = {
  kind: 'dictionaries',
  batchSize: 1024,
  activation: 'relu',
  penalty: 'none',
  strengths: [],
  contenders: ['sparselab', 'saelens'],
  aims: { saelens: 0.5 },
} as const;

const peers = ['sparselab', 'floor', 'torch', 'torch.compile', 'keras', 'tfjs-layers'] as const;

/** Everything that `npm run bench` measures by the epoch. */
export const works: readonly Work[] = [
  ...(
    [
      { hiddenDim: 16, batchSize: 32 },
      { hiddenDim: 100, batchSize: 100 },
    ] as const
  ).map(
    ({ hiddenDim, batchSize }): Work => ({
      ...onMnist,
      name: `H=${hiddenDim} B=${batchSize}, L1`,
      hiddenDim,
      batchSize,
      contenders: ['sparselab', 'floor', 'torch', 'torch.compile'],
      aims: { 'torch.compile': 0.8 },
    }),
  ),
  {
    ...onMnist,
    name: 'H=64 B=128, L1',
    hiddenDim: 64,
    batchSize: 128,
    contenders: peers,
    aims: { 'torch.compile': 0.8, 'tfjs-layers': 0.2 },
  },
  {
    ...onMnist,
    name: 'H=256 B=256, L1',
    hiddenDim: 256,
    batchSize: 256,
    contenders: peers,
    aims: { 'torch.compile': 0.58, 'tfjs-layers': 0.3 },
  },
  {
    ...onMnist,
    name: 'H=1024 B=256, L1',
    hiddenDim: 1024,
    batchSize: 256,
    contenders: peers,
    aims: { 'torch.compile': 0.65, 'tfjs-layers': 0.5 },
  },
  ...(
    [
      { hiddenDim: 1024, batchSize: 256, aims: { float32: 0.6, 'torch.compile': 0.85 } },
      { hiddenDim: 2048, batchSize: 1024, aims: { float32: 0.52, 'torch.compile': 0.95 } },
    ] as const
  ).map(
    ({ hiddenDim, batchSize, aims }): Work => ({
      ...onMnist,
      kind: 'bfloat16',
      name: `bfloat16, H=${hiddenDim} B=${batchSize}, L1`,
      hiddenDim,
      batchSize,
      precision: 'bfloat16',
      contenders: ['sparselab', 'float32', 'floor', 'torch.compile'],
      aims,
    }),
  ),
  {
    ...onMnist,
    kind: 'kl',
    name: 'H=256 B=256, KL, sigmoid',
    hiddenDim: 256,
    batchSize: 256,
    activation: 'sigmoid',
    penalty: 'kl',
    strengths: [0.01],
    contenders: ['sparselab', 'floor', 'torch', 'torch.compile'],
    aims: { 'torch.compile': 0.62 },
  },
  {
    ...onMnist,
    kind: 'sweep',
    name: '8 values of λ, H=64 B=128',
    unit: 'epoch of 60,000 × 784 for each λ',
    hiddenDim: 64,
    batchSize: 128,
    strengths: [0, 1e-5, 3e-5, 1e-4, 3e-4, 1e-3, 3e-3, 1e-2],
    contenders: ['sparselab', 'floor', 'torch.compile', 'torch.vmap'],
    aims: { 'torch.compile': 0.55, 'torch.vmap': 0.75 },
  },
  ...(
    [
      { hiddenDim: 64, batchSize: 128, most: 3 },
      { hiddenDim: 256, batchSize: 256, most: 3.5 },
      { hiddenDim: 1024, batchSize: 256, most: 3.5 },
    ] as const
  ).flatMap(({ hiddenDim, batchSize, most }): Work[] => {
    const work = {
      ...onMnist,
      kind: 'wasm',
      unit: 'a tenth of an epoch of 60,000 × 784',
      hiddenDim,
      batchSize,
    } as const;
    return [
      {
        ...work,
        name: `WebAssembly, H=${hiddenDim} B=${batchSize}, L1`,
        contenders: ['wasm', 'sparselab', 'wasm naive'],
        aims: { sparselab: most, 'wasm naive': 0.25 },
      },
      {
        ...work,
        name: `WebAssembly, two threads, H=${hiddenDim} B=${batchSize}, L1`,
        contenders: ['wasm, 2 threads', 'sparselab', 'wasm'],
        aims: { sparselab: 2 },
      },
    ];
  }),
  {
    kind: 'synthetic',
    name: "SAELens' synthetic tutorial",
    unit: '10 M samples made on the way, batch 1024',
    hiddenDim: 16,
    batchSize: 1024,
    activation: 'relu',
    penalty: 'l1',
    strengths: [0.05],
    contenders: ['sparselab', 'saelens'],
    aims: { saelens: 0.5 },
  },
  {
    ...onMnist,
    kind: 'dictionaries',
    name: 'H=2048 B=1024, TopK 32',
    hiddenDim: 2048,
    batchSize: 1024,
    activation: 'topK',
    k: 32,
    penalty: 'none',
    strengths: [0],
    contenders: ['sparselab', 'floor', 'torch', 'torch.compile'],
    aims: { 'torch.compile': 0.8 },
  },
  {
    ...onMnist,
    kind: 'dictionaries',
    name: 'H=256 B=256, L1 with unit rows, warm-up and decay',
    hiddenDim: 256,
    batchSize: 256,
    contenders: ['sparselab', 'plain'],
    aims: { plain: 1.15 },
  },
  {
    ...onTruth,
    name: 'BatchTopK 32, 20,000 × 100, H=4096',
    unit: '20 epochs, batch 1024',
    learningRate: 3e-3,
    hiddenDim: 4096,
    dictionaries: {
      features: 512,
      dim: 100,
      samples: 20_000,
      rows: 'stored',
      epochs: 20,
      k: 32,
      architectures: ['batchtopk'],
    },
  },
  ...(
    [
      { rows: 'stored', samples: 2_000_000 },
      { rows: 'made on the way', samples: 100_000 },
    ] as const
  ).map(
    ({ rows, samples }): Work => ({
      ...onTruth,
      name: `A small SynthSAEBench, H=256, rows ${rows}`,
      unit: `${samples.toLocaleString('en-US')} samples, five architectures, batch 1024`,
      hiddenDim: 256,
      // SAELens takes 3e-4 for a hundred times as many samples; with it 2 M are too few for any architecture.
      learningRate: 3e-3,
      dictionaries: {
        features: 1024,
        dim: 96,
        samples,
        rows,
        epochs: 1,
        k: 8,
        architectures: ['standard', 'jumprelu', 'topk', 'batchtopk', 'matryoshka'],
        strengths: { standard: 2.5, jumprelu: 1 },
      },
    }),
  ),
  {
    kind: 'dictionaries',
    name: 'Dead units: natural patches, H=1024, TopK 16',
    unit: '30 epochs of 10,000 × 64, three trainings',
    hiddenDim: 1024,
    batchSize: 256,
    activation: 'topK',
    penalty: 'none',
    k: 16,
    deadUnits: true,
    strengths: [],
    contenders: ['sparselab'],
    aims: {},
  },
];
