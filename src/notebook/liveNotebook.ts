/**
 * A notebook of the live course in a browser, whose cells are run from outside: for tests and benchmarks.
 *
 * @module
 */
import type { JSHandle, Locator, Page } from 'playwright-core';

/** An output of a cell, as a notebook stores it. */
export interface Shown {
  readonly output_type: string;
  readonly text?: string;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly ename?: string;
  readonly evalue?: string;
  readonly traceback?: readonly string[];
}

/** The end of a cell, its outputs, and its time. */
export interface Outcome {
  readonly status: 'ok' | 'error' | 'aborted';
  readonly outputs: readonly Shown[];
  readonly milliseconds: number;
}

/** JupyterLab's kernel connection, as far as it is used here. */
// biome-ignore lint/suspicious/noExplicitAny: it lives in the page, whose types are not ours
type Kernel = any;

/** A notebook of the live course that is open in a page. */
export class LiveNotebook {
  constructor(readonly page: Page) {}

  /** Waits until the kernel is there and has nothing to do. */
  async idle(): Promise<void> {
    await this.page.locator('.jp-Notebook-ExecutionIndicator[data-status="idle"]').waitFor();
    await this.page.waitForFunction(
      () =>
        Reflect.get(globalThis, 'jupyterapp').shell.currentWidget?.sessionContext.session?.kernel?.status ===
        'idle',
    );
  }

  /** The kernel of the notebook, in the page. */
  kernel(): Promise<JSHandle<Kernel>> {
    return this.page.evaluateHandle(
      () => Reflect.get(globalThis, 'jupyterapp').shell.currentWidget.sessionContext.session.kernel,
    );
  }

  /** Runs code as a cell. */
  async run(code: string): Promise<Outcome> {
    const kernel = await this.kernel();
    return kernel.evaluate(async (kernel: Kernel, code: string) => {
      // biome-ignore lint/suspicious/noExplicitAny: outputs as Jupyter has them
      const outputs: any[] = [];
      const begun = performance.now();
      const future = kernel.requestExecute({ code, stop_on_error: false });
      // biome-ignore lint/suspicious/noExplicitAny: a message as Jupyter has it
      future.onIOPub = ({ header, content }: any) => {
        const last = outputs.at(-1);
        if (header.msg_type === 'clear_output') outputs.length = 0;
        else if (header.msg_type === 'stream' && last?.name === content.name) last.text += content.text;
        else if (['stream', 'display_data', 'execute_result', 'error'].includes(header.msg_type))
          outputs.push({ output_type: header.msg_type, ...content });
      };
      const { content } = await future.done;
      return { status: content.status, outputs, milliseconds: performance.now() - begun };
    }, code) as Promise<Outcome>;
  }

  /** Runs code, stops it once it has printed something, and says how it ended. */
  async stop(code: string): Promise<string> {
    const kernel = await this.kernel();
    return kernel.evaluate(async (kernel: Kernel, code: string) => {
      const future = kernel.requestExecute({ code });
      await new Promise((resolve) => {
        // biome-ignore lint/suspicious/noExplicitAny: a message as Jupyter has it
        future.onIOPub = ({ header }: any) => header.msg_type === 'stream' && resolve(undefined);
      });
      await kernel.interrupt();
      const { content } = await future.done;
      return `${content.status}: ${content.ename}`;
    }, code) as Promise<string>;
  }

  /**
   * Runs the notebook's own cells up to one, as its reader does.
   *
   * @param start how that cell's code begins
   * @returns which of the notebook's cells it is
   */
  async runUpTo(start: string): Promise<number> {
    return this.page.evaluate(async (start) => {
      const { commands, shell } = Reflect.get(globalThis, 'jupyterapp');
      const notebook = shell.currentWidget.content;
      // biome-ignore lint/suspicious/noExplicitAny: JupyterLab's
      const cells: any[] = notebook.widgets;
      const wanted = cells.findIndex(({ model }) => model.sharedModel.getSource().startsWith(start));
      for (const at of cells.keys()) {
        if (at > wanted || cells[at].model.type !== 'code') continue;
        notebook.activeCellIndex = at;
        await commands.execute('notebook:run-cell');
      }
      return wanted;
    }, start);
  }

  /** One of the notebook's cells, in the page; notebooks that were opened earlier lie behind it. */
  cell(index: number): Locator {
    return this.page.locator('.jp-NotebookPanel:not(.lm-mod-hidden)').locator('.jp-Cell').nth(index);
  }

  /** Waits until a cell of the notebook shows a figure. */
  async figure(cell: number): Promise<void> {
    await this.cell(cell).locator('.js-plotly-plot .main-svg').first().waitFor();
  }

  /** Starts the kernel again, as its reader does. */
  async restart(): Promise<void> {
    await this.page.evaluate(() =>
      Reflect.get(globalThis, 'jupyterapp').shell.currentWidget.sessionContext.restartKernel(),
    );
    await this.idle();
  }
}

/** The outputs of a cell as text without colours. */
export function shownText({ outputs }: Pick<Outcome, 'outputs'>): string {
  return (
    outputs
      .map(({ text, data, traceback }) => text ?? data?.['text/plain'] ?? traceback?.join('\n') ?? '')
      .join('\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: colours
      .replace(/\x1b\[\d+m/g, '')
  );
}
