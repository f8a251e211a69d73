/**
 * Loads a tfjs-node binding and multiplies two matrices with it, in a process of its own because a binding that does
 * not fit the machine can end the process. Prints TensorFlow's version.
 *
 * Usage: node probe.cjs BINDING
 */
process.env.TF_CPP_MIN_LOG_LEVEL = '3';

const binding = require(process.argv[2]);

const matrix = binding.createTensor([2, 2], binding.TF_FLOAT, new Float32Array([1, 2, 3, 4]));
const attributes = [
  { name: 'transpose_a', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'transpose_b', type: binding.TF_ATTR_BOOL, value: false },
  { name: 'T', type: binding.TF_ATTR_TYPE, value: binding.TF_FLOAT },
];
const [product] = binding.executeOp('MatMul', attributes, [matrix, matrix], 1);
const values = Array.from(binding.tensorDataSync(product.id));

// [1 2; 3 4]² = [1·1 + 2·3, 1·2 + 2·4; 3·1 + 4·3, 3·2 + 4·4]
const expected = [7, 10, 15, 22];
if (values.join() !== expected.join()) throw new Error(`the product must be ${expected}; got ${values}`);
console.log(binding.TF_Version);
