// To be imported before sparselab: tf computes in plain JavaScript, the one backend that has every operation on each machine.
process.env.SPARSELAB_BACKEND = 'cpu';
