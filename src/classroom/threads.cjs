/**
 * Loaded first where Node's permission model holds a program in: threads get the same permissions. Without this, one that is
 * started with options or an environment of its own has none of them, and may do everything.
 */
'use strict';

const threads = require('node:worker_threads');
const modules = require('node:module');

const { Worker, SHARE_ENV } = threads;
const { construct } = Reflect;

threads.Worker = new Proxy(Worker, {
  construct(_, [file, options], self) {
    const { execArgv: _options, env, ...rest } = options ?? {};
    // Left out, both are the parent's, permissions included.
    return construct(Worker, [file, env === SHARE_ENV ? { ...rest, env } : rest], self);
  },
});
// Else a thread would lead to the class behind; Node's own thread, in which loaders run, still would.
Worker.prototype.constructor = threads.Worker;
delete modules.register;
modules.syncBuiltinESMExports();
