import type { OwnPicture } from '../messages';

/** A picture's longer side is made at most this long: a photograph has far more pixels than pieces of 8 × 8 need. */
const MOST_PIXELS = 512;

/** Hands over files that are chosen with an input, or dropped anywhere onto the page. */
export function acceptFiles(input: HTMLInputElement, take: (files: readonly File[]) => void): void {
  const takeAny = (files: FileList | null | undefined) => {
    if (files && files.length > 0) take([...files]);
  };
  input.addEventListener('change', () => takeAny(input.files));
  addEventListener('dragover', (event) => {
    event.preventDefault();
    document.body.classList.add('dropping');
  });
  addEventListener('dragleave', () => document.body.classList.remove('dropping'));
  addEventListener('drop', (event) => {
    event.preventDefault();
    document.body.classList.remove('dropping');
    takeAny(event.dataTransfer?.files);
  });
}

/**
 * Reads pictures that were chosen or dropped, as grey values. They do not leave this page.
 *
 * @throws Error naming the file that is not a picture which the browser knows.
 */
export async function readPictures(files: Iterable<File>): Promise<OwnPicture[]> {
  return Promise.all(Array.from(files, readPicture));
}

async function readPicture(file: File): Promise<OwnPicture> {
  const bitmap = await createImageBitmap(file).catch(() => {
    throw new Error(`${file.name} must be a picture such as PNG or JPEG; the browser cannot read it.`);
  });
  const factor = Math.min(1, MOST_PIXELS / Math.max(bitmap.width, bitmap.height));
  const [width, height] = [bitmap.width, bitmap.height].map((side) =>
    Math.max(1, Math.round(factor * side)),
  ) as [number, number];
  const canvas = document.createElement('canvas');
  Object.assign(canvas, { width, height });
  const context = canvas.getContext('2d', { willReadFrequently: true });
  if (!context) throw new Error('the browser must have a canvas to read pictures with; it has none');
  // As in `loadImages`: transparent parts lie on white, and the weights of colours in grey are the same.
  context.fillStyle = 'white';
  context.fillRect(0, 0, width, height);
  context.drawImage(bitmap, 0, 0, width, height);
  bitmap.close();
  const { data } = context.getImageData(0, 0, width, height);
  const pixels = Float32Array.from({ length: width * height }, (_, pixel) => {
    const [red, green, blue] = [0, 1, 2].map((channel) => data[4 * pixel + channel] as number) as [
      number,
      number,
      number,
    ];
    return (0.299 * red + 0.587 * green + 0.114 * blue) / 255;
  });
  return { name: file.name, width, height, pixels };
}
