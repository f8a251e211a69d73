/**
 * Loads the library as a lesson does. Prints, as JSON, the engine and the number of MNIST's images.
 *
 * Usage: node probeLibrary.cjs PROJECT
 */
const { backendReady, loadMnist } = require(process.argv[2]);

function countMnist() {
  try {
    const { train, test } = loadMnist();
    return { images: train.count + test.count };
  } catch (error) {
    return { problem: error.message };
  }
}

backendReady().then((backend) => console.log(JSON.stringify({ backend, mnist: countMnist() })));
