import type { InputReading, Summand } from '../../features/readInput';
import { counted, percent, short } from '../../numbers/shown';
import { escapeHtml } from '../../page/escapeHtml';
import { type Look, largest } from './look';
import { heading, type Links, linkTo, tableOf } from './markup';

/** One input as the sum of its units, as HTML. */
export function inputSection(
  reading: InputReading,
  outputActivation: string,
  look: Look,
  links: Links,
): string {
  const { row, x, reconstruction, mse, bias, units, rest } = reading;
  const name = look.name(row);
  const linear = outputActivation === 'linear';
  const limit = Math.max(
    ...units.map(({ values }) => largest(values)),
    ...(units.length === 0 ? [largest(bias.values)] : []),
  );
  const ofAll = units.length + (rest?.units ?? 0);
  const line = (sign: string, what: string, adds: string, part: Summand) => [
    `${sign} ${what}`,
    adds,
    bar(part.share),
    look.output(part.soFar, 'the reconstruction so far'),
    short(part.mse),
  ];
  const rows = [
    line('', '<i>b<sub>d</sub></i>', look.part(bias.values, limit, 'The decoder’s bias'), bias),
    ...units.map((part) =>
      line(
        '+',
        `${linkTo(links, 'unit', part.unit, `unit ${part.unit}`)}<br><small>h = ${short(part.activation)}</small>`,
        look.part(part.values, limit, `What unit ${part.unit} adds`, part.unit),
        part,
      ),
    ),
    ...(rest === undefined
      ? []
      : [
          line(
            '+',
            counted(rest.units, 'more unit'),
            look.part(rest.values, limit, 'What the remaining units add together'),
            rest,
          ),
        ]),
    [
      linear ? '= x̂' : `x̂ = ${outputActivation}(sum)`,
      '',
      '',
      look.output(reconstruction, 'x̂, the reconstruction'),
      short(mse),
    ],
    ['x', '', '', look.output(x, `x: ${name}`), ''],
  ];
  const is = linear ? 'x̂' : `${outputActivation}⁻¹(x̂)`;
  return [
    heading(2, `Input: ${escapeHtml(name)}`),
    `<p>${ofAll.toLocaleString('en')} of its units are active. Each adds h<sub>j</sub>d<sub>j</sub>; together with the bias b<sub>d</sub> ` +
      `that is ${is}. ${look.partKey} Mean squared error ${short(mse)}.</p>`,
    `<div class="row"><figure>${look.output(x, `x: ${name}`)}<figcaption>x</figcaption></figure>` +
      `<figure>${look.output(reconstruction, 'x̂, the reconstruction')}<figcaption>x̂</figcaption></figure></div>`,
    tableOf(['part', 'adds', `share of ${is}`, 'sum so far', 'error so far'], rows, 'sum'),
  ].join('');
}

/** A share as a number and a bar; negative ones are hatched. */
function bar(share: number): string {
  const width = Math.min(100, Math.abs(100 * share));
  const kind = share < 0 ? 'share negative' : 'share';
  const number = `${share < -0.005 ? '−' : ''}${percent(Math.abs(share), 0)}`;
  return `<span class="${kind}"><span style="width:${width.toFixed(1)}%"></span></span> ${number}`;
}
