// To be imported before sparselab: the tests of this file run on WebAssembly, whatever else there is.
process.env.SPARSELAB_BACKEND = 'wasm';
