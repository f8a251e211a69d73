import { type Comm, DISPLAY, INSPECT, type MimeBundle, runningCell } from '../page/cell';
import { noteOwner } from './owner';

/** The MIME type of a view of a widget: it holds the name of the model, which the page has got through a comm. */
const VIEW_MIME = 'application/vnd.jupyter.widget-view+json';

/** A widget's state at the moment; a widget among the values stands for itself. */
export type State = Readonly<Record<string, unknown>>;

/** The class in the page that draws a widget, from one of Jupyter's own packages. */
export interface View {
  readonly module: '@jupyter-widgets/controls' | '@jupyter-widgets/base' | '@jupyter-widgets/output';
  /** The version of the protocol between this class and the kernel, not of the package. */
  readonly version: string;
  /** Without its ending: the model is `<name>Model`, the view `<name>View`. */
  readonly name: string;
  /** Where the view comes from another package, or has another name. */
  readonly view?: { readonly module: View['module']; readonly name: string };
}

/** A view of the package that holds nearly all of them. */
export function controlsView(name: string): View {
  return { module: '@jupyter-widgets/controls', version: '2.0.0', name };
}

/**
 * A Jupyter widget: state that the page draws, and that both sides may change.
 *
 * It speaks version 2.1 of the widgets' protocol (`packages/schema/messages.md` of jupyter-widgets/ipywidgets), through
 * a comm that is opened when the widget is first shown. Without a page that knows widgets it is its state and a line of text.
 */
export class Widget {
  readonly #view: View;
  readonly #state: Record<string, unknown>;
  #comm: Comm | undefined;

  constructor(view: View, state: State) {
    this.#view = view;
    this.#state = {
      _model_module: view.module,
      _model_module_version: view.version,
      _model_name: `${view.name}Model`,
      _view_module: view.view?.module ?? view.module,
      _view_module_version: view.version,
      _view_name: view.view?.name ?? `${view.name}View`,
      ...state,
    };
  }

  /** Takes the widget off the page for good. */
  close(): void {
    if (this.#comm === undefined) return;
    shown.delete(this.#comm.id);
    this.#comm.close();
    this.#comm = undefined;
  }

  /** A line of text, for where no widget can be drawn. */
  toString(): string {
    return this.#view.name;
  }

  /** The line that a kernel without widgets prints. */
  [INSPECT](): string {
    return this.toString();
  }

  /** The display in a notebook: the widget, or a line of text. */
  [DISPLAY](): MimeBundle {
    const text = { 'text/plain': this.toString() };
    const id = this.#open();
    if (id === undefined) return text;
    return { ...text, [VIEW_MIME]: { version_major: 2, version_minor: 0, model_id: id } };
  }

  /** The present value of a part of the state. */
  protected get(key: string): unknown {
    return this.#state[key];
  }

  /** Changes the state, here and in the page. */
  protected set(changes: State): void {
    Object.assign(this.#state, changes);
    this.#comm?.send({ method: 'update', state: written(changes), buffer_paths: [] });
  }

  /** The valid part of a page's changes: messages from a page may be anything. */
  protected accept(_changes: State): State {
    return {};
  }

  /** The page has changed the state. */
  protected changed(): unknown {
    return undefined;
  }

  /** The page says something that is not a change of state, such as that a button was pressed. */
  protected receiveEvent(_content: State): unknown {
    return undefined;
  }

  /** Makes the widget known to the page; its name there, or `undefined` where there is no page. */
  #open(): string | undefined {
    const cell = runningCell();
    if (cell !== undefined) noteOwner(this, cell);
    if (this.#comm !== undefined || cell === undefined) return this.#comm?.id;
    const state = written(this.#state);
    const comm = cell.openComm(
      'jupyter.widget',
      { state, buffer_paths: [] },
      { metadata: { version: '2.1.0' } },
    );
    comm.onMessage(({ data }) => this.#hear(comm, data));
    this.#comm = comm;
    shown.set(comm.id, () => written(this.#state));
    cell.acceptComms('jupyter.widget.control', tellStates);
    return comm.id;
  }

  /** Answers the page; the listeners' promise is handed on, so that a stop reaches them. */
  #hear(comm: Comm, { method, state, content }: State): unknown {
    switch (method) {
      case 'update': {
        if (!isState(state)) return undefined;
        const taken = this.accept(state);
        Object.assign(this.#state, taken);
        // All pages that show the widget follow; one whose change was refused takes it back.
        const refused = Object.keys(state).filter((key) => !(key in taken) && key in this.#state);
        comm.send({ method: 'echo_update', state: written(taken), buffer_paths: [] });
        if (refused.length > 0) this.set(Object.fromEntries(refused.map((key) => [key, this.#state[key]])));
        return Object.keys(taken).length > 0 ? this.changed() : undefined;
      }
      case 'request_state':
        comm.send({ method: 'update', state: written(this.#state), buffer_paths: [] });
        return undefined;
      case 'custom':
        return isState(content) ? this.receiveEvent(content) : undefined;
      default:
        return undefined;
    }
  }

  /** How another widget's state refers to this one. */
  static reference(widget: Widget): string | undefined {
    const id = widget.#open();
    return id && `IPY_MODEL_${id}`;
  }
}

/** The states of all widgets that a page has got, by name. */
const shown = new Map<string, () => State>();

let loads = 0;

/** How many times a page was loaded that shows widgets from before. */
export function pagesLoaded(): number {
  return loads;
}

/** A page that was reloaded asks for all widgets there are. */
function tellStates(comm: Comm): void {
  comm.onMessage(({ data }) => {
    if (data.method !== 'request_states') return;
    loads++;
    const states = [...shown].map(([id, read]) => {
      const state = read();
      const { _model_name: model_name, _model_module: model_module } = state;
      return [
        id,
        { model_name, model_module, model_module_version: state._model_module_version, state },
      ] as const;
    });
    comm.send({ method: 'update_states', states: Object.fromEntries(states), buffer_paths: [] });
  });
}

/** The state as it travels: widgets in it by their names. */
function written(state: State): Record<string, unknown> {
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, writtenValue(value)]));
}

function writtenValue(value: unknown): unknown {
  if (value instanceof Widget) return Widget.reference(value);
  return Array.isArray(value) ? value.map(writtenValue) : value;
}

function isState(value: unknown): value is State {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
