import { requireNumber } from '../numbers/arguments';
import { readOptions } from '../numbers/options';
import { toBundle } from '../page/display';
import { type Control, type ControlOptions, controlOptions, plainControl } from './control';
import { Steps } from './steps';
import { controlsView, type State, Widget } from './widget';

/**
 * A bar that the program fills, from 0 to `max`.
 *
 * @throws RangeError if a value is not in [0, max].
 *
 * @example const bar = progressBar(10); bar.value = 3;
 */
export function progressBar(max = 1, options: ControlOptions = {}): Control<number> {
  readOptions('progressBar', options, controlOptions);
  requireNumber('max', max, { above: 0 });
  const bounds = new Steps(0, max, max);
  // Parts that are added up may miss the whole by a rounding.
  const check = (value: unknown) =>
    requireNumber('value', typeof value === 'number' ? (bounds.at(value) ?? value) : value, { min: 0, max });
  const view = {
    ...controlsView('FloatProgress'),
    view: { module: '@jupyter-widgets/controls', name: 'ProgressView' },
  } as const;
  return plainControl(view, 0, check, { min: 0, max }, options);
}

/** Where a widget's parts stand, by the names of CSS with `_` for `-`. */
class Layout extends Widget {
  constructor(rules: State) {
    super({ module: '@jupyter-widgets/base', version: '2.0.0', name: 'Layout' }, rules);
  }
}

/** Widgets next to or below each other. */
export class Box extends Widget {
  #children: readonly Widget[];

  constructor(name: 'HBox' | 'VBox', children: readonly Widget[], layout?: State) {
    super(controlsView(name), { children, ...(layout && { layout: new Layout(layout) }) });
    this.#children = children;
  }

  /** Puts a widget behind the others. */
  add(child: Widget): void {
    this.#children = [...this.#children, child];
    this.set({ children: this.#children });
  }

  override toString(): string {
    return this.#children.join('\n');
  }
}

/**
 * Widgets next to each other.
 *
 * @example hbox(slider(0, 1, { label: 'rho' }), checkbox(false, { label: 'tied weights' }))
 */
export function hbox(...children: Widget[]): Box {
  return new Box('HBox', children);
}

/**
 * Widgets below each other.
 *
 * @example vbox(button('Train'), progressBar(10))
 */
export function vbox(...children: Widget[]): Box {
  return new Box('VBox', children);
}

/** A place for anything that a cell could show, as a widget: to stand inside a box. */
export class OutputArea extends Widget {
  constructor() {
    super(
      { module: '@jupyter-widgets/output', version: '1.0.0', name: 'Output' },
      { msg_id: '', outputs: [] },
    );
  }

  /** Shows these values instead of the current ones. */
  async show(...values: readonly unknown[]): Promise<void> {
    const bundles = await Promise.all(values.map(toBundle));
    this.set({ outputs: bundles.map((data) => ({ output_type: 'display_data', data, metadata: {} })) });
  }

  /** Removes what is there. */
  clear(): void {
    this.set({ outputs: [] });
  }
}

/**
 * An empty output area.
 *
 * @example
 * const place = outputArea();
 * const model = dropdown(['dense', 'sparse']);
 * model.onChange((name) => place.show(lossCurves(histories[name])));
 * hbox(model, place)
 */
export function outputArea(): OutputArea {
  return new OutputArea();
}
