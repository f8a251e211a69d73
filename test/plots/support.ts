import { inflateSync } from 'node:zlib';
import type { Figure, Plotly } from 'sparselab';

/** The JSON that a notebook stores of a figure, read back. */
export function stored(figure: Figure): { data: Plotly.PlotlyTrace[]; layout: Plotly.PlotlyLayout } {
  const display = figure[Symbol.for('Jupyter.display') as keyof Figure] as unknown as () => Record<
    string,
    unknown
  >;
  return JSON.parse(JSON.stringify(display.call(figure)['application/vnd.plotly.v1+json']));
}

/** The bytes a figure takes in a notebook. */
export function storedBytes(figure: Figure): number {
  return Buffer.byteLength(JSON.stringify(stored(figure)));
}

/** The traces of one type. */
export function traces<T extends Plotly.PlotlyTrace['type']>(
  figure: Figure,
  type: T,
): Extract<Plotly.PlotlyTrace, { type: T }>[] {
  return figure.data.filter(
    (trace): trace is Extract<Plotly.PlotlyTrace, { type: T }> => trace.type === type,
  );
}

/** The picture of a grid of images: `at(x, y)` is a pixel's `[red, green, blue, opacity]`. */
export function pictureOf(figure: Figure): {
  width: number;
  height: number;
  at(x: number, y: number): number[];
} {
  const [image] = traces(figure, 'image');
  const png = Buffer.from(image?.source.replace('data:image/png;base64,', '') ?? '', 'base64');
  const chunks = new Map<string, Buffer>();
  for (let offset = 8; offset < png.length; ) {
    const length = png.readUInt32BE(offset);
    chunks.set(png.toString('latin1', offset + 4, offset + 8), png.subarray(offset + 8, offset + 8 + length));
    offset += 12 + length;
  }
  const chunk = (type: string) => chunks.get(type) ?? Buffer.alloc(0);
  const width = chunk('IHDR').readUInt32BE(0);
  const lines = inflateSync(chunk('IDAT'));
  return {
    width,
    height: chunk('IHDR').readUInt32BE(4),
    at: (x, y) => {
      const index = lines[y * (width + 1) + 1 + x] as number;
      return [...chunk('PLTE').subarray(3 * index, 3 * index + 3), chunk('tRNS')[index] as number];
    },
  };
}
