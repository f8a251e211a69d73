import type { Codes } from '../../features/codes';
import { orientationSelectivity } from '../../features/orientation';
import type { QuantileGroup, UnitReading } from '../../features/readUnit';
import type { ActivatingExample } from '../../features/topActivating';
import { counted, percent, short } from '../../numbers/shown';
import { escapeHtml } from '../../page/escapeHtml';
import { histogramSvg } from './histogramSvg';
import { type Look, signedNumber } from './look';
import { heading, type Links, linkTo, tableOf } from './markup';

/** All about one unit, as HTML. */
export function unitSection(reading: UnitReading, codes: Codes, look: Look, links: Links): string {
  const { unit, firing, together, strongest } = reading;
  const title = heading(2, `Unit ${unit} of ${codes.model.architecture.hiddenDim}`);
  const numbers = `<p>${sentences(reading, codes).join(' ')}</p>`;
  if (firing === 0) return `${title}${numbers}<div class="row">${look.unit(unit)}</div>`;
  return [
    title,
    numbers,
    `<div class="row">${look.unit(unit)}<figure>${histogramSvg(reading)}<figcaption>how strongly it fires, counted on a logarithmic axis</figcaption></figure></div>`,
    heading(3, 'The examples that excite it most'),
    `<ol class="examples">${strongest.map((one) => withActivation(one, look)).join('')}</ol>`,
    heading(3, `Its whole range: ${groupSizes(reading)}, the strongest first`),
    groupsTable(reading, look),
    heading(3, 'Units that fire together with it'),
    together.length === 0 ? '<p>None correlates with it.</p>' : companionsTable(reading, look, links),
  ].join('');
}

function firingOf({ firing, examples, density }: UnitReading): string {
  return `${firing.toLocaleString('en')} of ${counted(examples, 'example')} (density ${percent(density)})`;
}

/** `10 groups of 38 or 39 examples` */
function groupSizes({ groups }: UnitReading): string {
  const sizes = [...new Set(groups.map(({ rows }) => rows.length))].sort((a, b) => a - b);
  const examples = sizes.at(-1) === 1 ? 'example' : 'examples';
  return `${groups.length} groups of ${sizes.map((size) => size.toLocaleString('en')).join(' or ')} ${examples}`;
}

function sentences(reading: UnitReading, codes: Codes): string[] {
  const { threshold, mean, max, ablation } = reading;
  const fires = threshold === 0 ? 'It fires for' : `It is above ${threshold} for`;
  return [
    `${fires} ${firingOf(reading)}; mean ${short(mean)}, largest ${short(max)}.`,
    ...(ablation === undefined
      ? []
      : [
          `Without it, the mean squared error on these goes from ${short(ablation.mse)} to ${short(ablation.mseWithout)} ` +
            `(${signedNumber(ablation.deltaMse)}).`,
        ]),
    ...orientation(reading.unit, codes),
  ];
}

/** How clearly the weights of a unit that looks at pictures have one direction. */
function orientation(unit: number, { model, dataset: { imageShape } }: Codes): string[] {
  if (imageShape === undefined) return [];
  const { values, shape } = model.encoderWeights;
  const weights = Array.from({ length: shape[0] }, (_, input) => values[input * shape[1] + unit] as number);
  return [`Orientation ${orientationSelectivity(weights, imageShape).selectivity.toFixed(2)}.`];
}

function withActivation({ row, activation }: ActivatingExample, look: Look): string {
  return `<li>${look.example(row)} <span>${short(activation)}</span></li>`;
}

function groupsTable(reading: UnitReading, look: Look): string {
  const labels = reading.groups.some(({ label }) => label !== undefined);
  const alike = Number.isFinite(reading.likeness) ? ` (all: ${reading.likeness.toFixed(2)})` : '';
  const row = (group: QuantileGroup) => [
    `${short(group.range[0])} to ${short(group.range[1])}`,
    `<div class="examples">${group.samples.map(({ row }) => look.example(row)).join(' ')}</div>`,
    ...(labels ? [labelText(group)] : []),
    Number.isFinite(group.likeness) ? group.likeness.toFixed(2) : '–',
  ];
  return tableOf(
    ['activation', 'some of them', ...(labels ? ['most frequent'] : []), `mean cosine${alike}`],
    reading.groups.map(row),
  );
}

function labelText({ label }: QuantileGroup): string {
  return label
    ? `${escapeHtml(label.name)}: ${percent(label.share, 0)}<br><small>(${percent(label.base, 0)} of all)</small>`
    : '–';
}

function companionsTable({ together }: UnitReading, look: Look, links: Links): string {
  return tableOf(
    ['unit', look.smallUnitHead, 'correlation', 'Jaccard'],
    together.map(({ unit, pearson, jaccard }) => [
      linkTo(links, 'unit', unit, String(unit)),
      look.smallUnit(unit),
      pearson.toFixed(2),
      jaccard.toFixed(2),
    ]),
  );
}
