/**
 * Calls between two processes, in both directions, each waiting for its answer: the examiner calls a student's function,
 * which may call a function that it was given.
 *
 * @module
 */
import { readLine, writeLine } from './lines';
import { type Callable, errorToWire, type FunctionDesk, fromWire, toWire, type Wire } from './wire';

type Call = { readonly call: number; readonly target: number; readonly args: readonly Wire[] };
type Reply = { readonly reply: number; readonly args?: readonly Wire[] } & (
  | { readonly value: Wire }
  | { readonly thrown: Wire }
);
/** Says that no more calls will come, or why none will be answered. */
type End = { readonly ended: string };

/** The result of a call here. `kept` and `broken` are promises that have settled. */
interface Outcome {
  readonly kind: 'returned' | 'thrown' | 'kept' | 'broken';
  readonly value: unknown;
}

/** One side of a conversation, in lines that carry its number; other lines may have been written by anybody. */
export class Session implements FunctionDesk {
  readonly #lent: Callable[] = [];
  readonly #borrowed = new WeakMap<Callable, number>();
  #calls = 0;
  #ended: string | undefined;

  constructor(readonly number: number) {}

  lend(f: Callable): { readonly $: 'theirs' | 'yours'; readonly id: number } {
    const id = this.#borrowed.get(f);
    if (id !== undefined) return { $: 'yours', id };
    const known = this.#lent.indexOf(f);
    return { $: 'theirs', id: known < 0 ? this.#lent.push(f) - 1 : known };
  }

  borrow(id: number): Callable {
    const stub = (...args: unknown[]) => this.#call(id, args);
    this.#borrowed.set(stub, id);
    return stub;
  }

  own(id: number): Callable {
    const f = this.#lent[id];
    if (f === undefined) throw new TypeError(`there is no function ${id}`);
    return f;
  }

  /** Answers calls until the session has ended. A promise that a call returns is waited for. */
  async serve(): Promise<void> {
    for (;;) {
      const line = this.#next();
      if ('ended' in line) return;
      if ('call' in line) {
        const { outcome, reply } = this.#perform(line);
        reply(await settled(outcome));
      }
    }
  }

  /** Calls a function of the other side, and answers its calls until the result is there. */
  #call(target: number, args: readonly unknown[]): unknown {
    if (this.#ended !== undefined) throw new Error(this.#ended);
    const call = this.#calls++;
    this.#send({ call, target, args: args.map((arg) => toWire(arg, this)) });
    for (;;) {
      const line = this.#next();
      if ('ended' in line) {
        this.#ended = String(line.ended);
        throw new Error(this.#ended);
      }
      if ('call' in line) {
        const { outcome, reply } = this.#perform(line);
        reply(outcome);
      } else if (line.reply === call) return this.#result(line, args);
    }
  }

  #result(reply: Reply, args: readonly unknown[]): unknown {
    reply.args?.forEach((arg, index) => {
      overwrite(args[index], fromWire(arg, this));
    });
    if ('thrown' in reply) throw fromWire(reply.thrown, this);
    return fromWire(reply.value, this);
  }

  /** Does the requested work; the result is still to be sent. */
  #perform({ call, target, args: wires }: Call): { outcome: Outcome; reply: (outcome: Outcome) => void } {
    let args: unknown[] = [];
    let before = '';
    const show = () => args.map((arg) => toWire(arg, this));
    const outcome = attempt(() => {
      args = wires.map((wire) => fromWire(wire, this));
      before = JSON.stringify(show());
      return this.own(target)(...args);
    });
    const reply = (finished: Outcome) => {
      const after = attempt(show);
      const changed = after.kind === 'returned' && JSON.stringify(after.value) !== before;
      this.#send({
        reply: call,
        ...this.#report(finished),
        ...(changed && { args: after.value as Wire[] }),
      });
    };
    return { outcome, reply };
  }

  #report({ kind, value }: Outcome): { value: Wire } | { thrown: Wire } {
    if (kind === 'thrown') return { thrown: errorToWire(value) };
    if (kind === 'broken') return { value: { $: 'broken', value: errorToWire(value) } };
    try {
      const wire = toWire(value, this);
      return { value: kind === 'kept' ? { $: 'kept', value: wire } : wire };
    } catch (error) {
      return { thrown: errorToWire(error) };
    }
  }

  #send(line: Call | Reply): void {
    writeLine(JSON.stringify({ session: this.number, ...line }));
  }

  #next(): Call | Reply | End {
    for (;;) {
      const line = parsed(readLine());
      if (line?.session === this.number) return line;
    }
  }
}

function parsed(text: string): ((Call | Reply | End) & { session?: number }) | null | undefined {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function attempt(work: () => unknown): Outcome {
  try {
    return { kind: 'returned', value: work() };
  } catch (error) {
    return { kind: 'thrown', value: error };
  }
}

async function settled(outcome: Outcome): Promise<Outcome> {
  if (!(outcome.kind === 'returned' && outcome.value instanceof Promise)) return outcome;
  try {
    return { kind: 'kept', value: await outcome.value };
  } catch (error) {
    return { kind: 'broken', value: error };
  }
}

/** Gives an argument the content that it has on the other side after a call. */
function overwrite(target: unknown, content: unknown): void {
  if (Array.isArray(target) && Array.isArray(content)) {
    target.splice(0, target.length, ...content);
  } else if (isPlain(target) && isPlain(content)) {
    for (const key of Object.keys(target)) delete target[key];
    Object.assign(target, content);
  }
}

function isPlain(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}
