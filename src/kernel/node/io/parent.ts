/**
 * Ends the kernel with the process that started it; without that nobody would ever end it.
 *
 * @module
 */

const CHECK_MS = 1000;

/** As long as Jupyter's own programs wait for a new kernel. */
const PATIENCE_MS = 60_000;

/** The watched process, and its state. */
export interface ParentWatch {
  /** The process, as `JPY_PARENT_PID` names it. */
  readonly pid: number;
  /** Whether anybody has spoken to the kernel yet. */
  isWanted(): boolean;
  /** The parent is gone. */
  end(): void;
  /** How often it is looked for. */
  readonly checkMs?: number;
  /** How long the kernel waits for a first word. */
  readonly patienceMs?: number;
}

/**
 * Watches the parent from now on.
 *
 * A kernel that does not see it at all may be in its own container, or may have come too late: the parent has died since it
 * started the kernel. It is told by whether anybody speaks to the kernel, which a parent that lives does soon.
 */
export function watchParent({
  pid,
  isWanted,
  end,
  checkMs = CHECK_MS,
  patienceMs = PATIENCE_MS,
}: ParentWatch): void {
  const isSeen = isAlive(pid);
  const begun = performance.now();
  const timer = setInterval(() => {
    const isOrphan = isSeen ? !isAlive(pid) : !isWanted() && performance.now() - begun >= patienceMs;
    const isSettled = isOrphan || (!isSeen && isWanted());
    if (isSettled) clearInterval(timer);
    if (isOrphan) end();
  }, checkMs);
  timer.unref();
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
